// A connection to the lab database: everything monitored, quick to notice trouble.
import { Database } from '../../src/ovsdb/index.ts';
import type { DatabaseOptions, DatabaseState } from '../../src/ovsdb/index.ts';

export const labSchema = 'test/support/lab.ovsschema';

/** Connects to `remote`; `options` come on top of defaults that suit tests. */
export function connectLab(remote: string, options: Partial<DatabaseOptions> = {}): Promise<Database> {
  return Database.connect({
    remote,
    database: 'Lab',
    monitor: { Hub: 'all', Port: 'all', Note: 'all', Single: 'all' },
    probeIntervalMs: 0,
    ...options,
  });
}

/** Resolves when the database is in `state`. */
export function untilState(database: Database, state: DatabaseState): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = database.onState((now) => {
    if (now === state) resolve();
  });
  if (database.state === state) resolve();
  return promise.finally(stop);
}

/** Resolves after a notification when `condition` holds, or at once. */
export function untilReplica(database: Database, condition: () => boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = database.onChange(() => {
    if (condition()) resolve();
  });
  if (condition()) resolve();
  return promise.finally(stop);
}
