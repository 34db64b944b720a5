// A folder of manifests as a source that is followed.
import type { Logger } from '../../base/logger.ts';
import type { Source } from '../source.ts';
import { Follower } from './follower.ts';

export interface ManifestSourceOptions {
  readonly logger: Logger;
  /** A change is read when the files have been quiet for so long. Default 50. */
  readonly settleMs?: number;
  /** All files are compared with what was read so often, for changes that nobody told of. Default 30,000. */
  readonly rescanMs?: number;
  /** A file that had objects and is empty now is believed to be meant so after this time. Default 3,000. */
  readonly emptyGraceMs?: number;
}

/**
 * Follows files and folders (`*.yaml`, `*.yml`, `*.json`, with subfolders). A folder that goes away while it is
 * followed takes no object with it. `run` throws CodedError `SOURCE_NOT_FOUND` when a path does not exist at first.
 */
export function createManifestSource(paths: readonly string[], options: ManifestSourceOptions): Source {
  const { logger, settleMs = 50, rescanMs = 30_000, emptyGraceMs = 3000 } = options;
  return {
    run: (sink, signal) =>
      new Follower(paths, { logger, settleMs, rescanMs, emptyGraceMs }, sink, signal).run(),
  };
}
