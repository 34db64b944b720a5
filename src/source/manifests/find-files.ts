// Which files the given paths stand for, and in which order they count.
import { readdir, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { sortBy } from '../../base/order.ts';

/** One file of the input. */
export interface ManifestFile {
  /** Absolute. */
  readonly path: string;
  /** As the person knows it: below the path that was given. For messages. */
  readonly shown: string;
  /** Sorts files: in the order of the given paths, below each by name. */
  readonly order: string;
}

/** A path that was given: a folder that is searched, or a file that is taken whatever its name. */
export interface Root {
  readonly given: string;
  readonly path: string;
  readonly index: number;
  readonly isFolder: boolean;
}

export interface Found {
  readonly files: readonly ManifestFile[];
  readonly roots: readonly Root[];
  /** Given paths that are not there, or cannot be looked into, with the reason. */
  readonly missing: readonly { readonly given: string; readonly reason: string }[];
}

const suffix = /\.(ya?ml|json)$/i;

/**
 * The files below the given paths: `*.yaml`, `*.yml` and `*.json` in folders, subfolders and through symbolic links,
 * but nothing whose name begins with a dot (so the `..data` folders of a mounted ConfigMap count once). Sorted by
 * {@link ManifestFile.order}; a file that is reached twice counts where it is reached first.
 */
export async function findFiles(paths: readonly string[]): Promise<Found> {
  const files = new Map<string, ManifestFile>();
  const roots: Root[] = [];
  const missing: { given: string; reason: string }[] = [];
  for (const [index, given] of paths.entries()) {
    const path = resolve(given);
    try {
      const isFolder = (await stat(path)).isDirectory();
      const root: Root = { given, path, index, isFolder };
      roots.push(root);
      const below = isFolder ? await walk(path, new Set()) : [path];
      for (const each of below) {
        if (!files.has(each)) files.set(each, describe(root, each));
      }
    } catch (error) {
      missing.push({ given, reason: reasonOf(error) });
    }
  }
  return { files: sortBy(files.values(), ({ order }) => order), roots, missing };
}

/** The file that a path is, seen from the first root that it belongs to; undefined when it is none of ours. */
export function fileAt(roots: readonly Root[], path: string): ManifestFile | undefined {
  const root = roots.find((each) => (each.isFolder ? isManifestBelow(each.path, path) : each.path === path));
  return root === undefined ? undefined : describe(root, path);
}

/** True for a path that is, or may hold, a manifest of the roots; for the watcher. */
export function isWatched(roots: readonly Root[], path: string, isFile: boolean): boolean {
  return roots.some((root) => {
    if (!root.isFolder) return root.path === path || root.path.startsWith(path + sep);
    if (path === root.path) return true;
    return isFile ? isManifestBelow(root.path, path) : isVisibleBelow(root.path, path);
  });
}

/** `ENOENT: no such file or directory` without the path, which stands beside it already. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split(', ')[0] ?? error.message) : String(error);
}

function describe(root: Root, path: string): ManifestFile {
  const below = relative(root.path, path);
  const place = below.split(sep).join('\u0000');
  return {
    path,
    shown: join(root.given, below),
    order: `${String(root.index).padStart(6, '0')}\u0000${place}`,
  };
}

function isManifestBelow(folder: string, path: string): boolean {
  return suffix.test(path) && isVisibleBelow(folder, path);
}

function isVisibleBelow(folder: string, path: string): boolean {
  return (
    path.startsWith(folder + sep) &&
    !relative(folder, path)
      .split(sep)
      .some((part) => part.startsWith('.'))
  );
}

async function walk(folder: string, seen: Set<string>): Promise<string[]> {
  const { dev, ino } = await stat(folder);
  const identity = `${dev}:${ino}`;
  if (seen.has(identity)) return [];
  seen.add(identity);
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    const stats = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
    if (stats?.isDirectory() === true) found.push(...(await walk(path, seen)));
    // A link that leads nowhere is kept, so that reading it fails and is told.
    else if (suffix.test(entry.name) && (stats === undefined || stats.isFile())) found.push(path);
  }
  return found;
}
