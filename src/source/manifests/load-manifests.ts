// Reading manifests once, for commands that do not stay.
import type { ApiObject } from '../../api/api-object.ts';
import { CodedError } from '../../base/errors.ts';
import { sortProblems } from '../../base/problem.ts';
import type { LoadedObjects } from '../source.ts';
import { findFiles, type Found } from './find-files.ts';
import { ManifestSet } from './manifest-set.ts';
import { inBatches, readManifest } from './read-manifest.ts';

/**
 * Reads files and folders (`*.yaml`, `*.yml`, `*.json`, with subfolders).
 * @throws CodedError `SOURCE_NOT_FOUND` when a path does not exist or a folder cannot be looked into
 */
export async function loadManifests(paths: readonly string[]): Promise<LoadedObjects> {
  const found = await findFiles(paths);
  requireAll(found);
  const set = new ManifestSet();
  await inBatches(found.files, (file) => readManifest(set, file, false));
  const objects: ApiObject[] = [];
  const invalidKeys = new Set<string>();
  for (const { key, object } of set.takeChanges()) {
    if (object === undefined) invalidKeys.add(key);
    else objects.push(object);
  }
  return { objects, problems: sortProblems(set.problems()), invalidKeys, complete: !set.isIncomplete };
}

/** @throws CodedError `SOURCE_NOT_FOUND` when a given path is missing */
export function requireAll({ missing }: Found): void {
  if (missing.length === 0) return;
  const list = missing.map(({ given, reason }) => `${given} (${reason})`).join(', ');
  throw new CodedError('SOURCE_NOT_FOUND', `cannot read ${list}`, { retryable: false });
}
