// Reading one file into a set.
import { lstat, readFile, stat } from 'node:fs/promises';
import { reasonOf, type ManifestFile } from './find-files.ts';
import { unreadableProblem } from './manifest-problems.ts';
import type { ManifestSet } from './manifest-set.ts';
import { parseManifest } from './parse-manifest.ts';

/**
 * Reads a file and puts it into the set; one that is gone is removed from it, one that cannot be read is failed.
 * With `holdEmpty` a file that had objects and is empty now is left as it was, and the result is `held`: it may be
 * about to be written.
 */
export async function readManifest(
  set: ManifestSet,
  file: ManifestFile,
  holdEmpty: boolean,
): Promise<'read' | 'held'> {
  const content = await readText(file.path);
  if ('text' in content) {
    if (holdEmpty && content.text.trim() === '' && set.documentsOf(file.path).length > 0) return 'held';
    set.put(file, parseManifest(content.text, set.documentsOf(file.path)));
  } else if (content.isGone) set.remove(file.path);
  else set.fail(file, unreadableProblem(file.shown, content.reason));
  return 'read';
}

/** So many files are open at a time. */
const batchSize = 64;

/** Reads many files, some at a time. */
export async function inBatches(
  files: readonly ManifestFile[],
  read: (file: ManifestFile) => Promise<unknown>,
): Promise<void> {
  for (let at = 0; at < files.length; at += batchSize)
    await Promise.all(files.slice(at, at + batchSize).map(read));
}

type Content = { readonly text: string } | { readonly isGone: boolean; readonly reason: string };

async function readText(path: string): Promise<Content> {
  try {
    if (!(await stat(path)).isFile()) return { isGone: true, reason: 'no file' };
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path)) };
  } catch (error) {
    if (error instanceof TypeError) return { isGone: false, reason: 'its text is not UTF-8' };
    // A link that leads nowhere is there, and unreadable.
    const isThere = await lstat(path).then(
      () => true,
      () => false,
    );
    return { isGone: !isThere, reason: reasonOf(error) };
  }
}
