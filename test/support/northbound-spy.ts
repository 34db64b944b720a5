// A second connection to NB that sees every column: snapshots to compare, and waiting for a state without polling.
import { setTimeout as delay } from 'node:timers/promises';
import { silentLogger } from '../../src/base/logger.ts';
import { Database } from '../../src/ovsdb/index.ts';
import type { Operation, ReplicaView, Row } from '../../src/ovsdb/index.ts';
import { northdColumns } from './northd-columns.ts';

/** Rows as text, sorted: `Logical_Router {"name":"shalb-demo",…}`. */
export type Snapshot = readonly string[];

export interface NorthboundSpy extends AsyncDisposable {
  readonly replica: ReplicaView;
  /** Every row of every table but NB_Global, uuids included, without what ovn-northd writes; as far as it was told. */
  rows(): Snapshot;
  /** {@link rows} with everything in it that others have committed before. */
  snapshot(): Promise<Snapshot>;
  /** The rows of a table as they are now; a change does not touch the list. */
  all(table: string): readonly Row[];
  /** The row of a table with that name. */
  named(table: string, name: string): Row;
  /** Writes as a foreign program would. */
  transact(...operations: readonly Operation[]): Promise<void>;
  /** Resolves as soon as `holds`; fails with what `describe` says when it never does. */
  until(holds: () => boolean, describe?: () => unknown): Promise<void>;
}

const tables = [
  'ACL',
  'Address_Set',
  'Copp',
  'DHCP_Options',
  'DNS',
  'HA_Chassis',
  'HA_Chassis_Group',
  'Load_Balancer',
  'Load_Balancer_Group',
  'Load_Balancer_Health_Check',
  'Logical_Router',
  'Logical_Router_Policy',
  'Logical_Router_Port',
  'Logical_Router_Static_Route',
  'Logical_Switch',
  'Logical_Switch_Port',
  'NAT',
  'Port_Group',
  'QoS',
  'Static_MAC_Binding',
];

export async function spyOn(remote: string): Promise<NorthboundSpy> {
  const database = await Database.connect({
    remote,
    database: 'OVN_Northbound',
    monitor: Object.fromEntries(tables.map((table) => [table, 'all'])),
    logger: silentLogger,
  });
  const all = (table: string): readonly Row[] => [...database.replica.rows(table).values()];
  const rows = (): Snapshot =>
    tables.flatMap((table) => all(table).map((row) => `${table} ${rowText(row)}`)).toSorted();
  return {
    get replica() {
      return database.replica;
    },
    rows,
    snapshot: async () => {
      await database.transact([{ op: 'comment', comment: 'updates come before replies' }]);
      return rows();
    },
    all,
    named: (table, name) => {
      const row = all(table).find((each) => each['name'] === name);
      if (row === undefined) throw new Error(`there is no ${table} ${name}`);
      return row;
    },
    transact: async (...operations) => {
      const results = await database.transact(operations);
      const missed = results.findIndex((result) => result.count === 0);
      if (missed >= 0) throw new Error(`operation ${missed} matched no row`);
    },
    until: async (holds, describe = () => rows().map((row) => row.slice(0, 160))) => {
      const done = Promise.withResolvers<void>();
      const check = (): void => {
        if (holds()) done.resolve();
      };
      const stop = database.onChange(check);
      check();
      const giveUp = new AbortController();
      const late = delay(10_000, undefined, { signal: giveUp.signal }).then(
        () => done.reject(new Error(`never came: ${JSON.stringify(describe(), undefined, 1)}`)),
        () => {},
      );
      await done.promise.finally(() => {
        stop();
        giveUp.abort();
      });
      await late;
    },
    [Symbol.asyncDispose]: () => database.close(),
  };
}

/** What `after` has and `before` has not (`+`), and the reverse (`-`). */
export function changesBetween(before: Snapshot, after: Snapshot): string[] {
  const [old, now] = [new Set(before), new Set(after)];
  return [
    ...[...old.difference(now)].map((row) => `- ${row}`),
    ...[...now.difference(old)].map((row) => `+ ${row}`),
  ];
}

/** Columns and map keys in one order, whatever the order of their writing was. */
function rowText(row: Row): string {
  return JSON.stringify(row, (key, value: unknown) => {
    if (northdColumns.has(key)) return undefined;
    if (typeof value === 'bigint') return String(value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}
