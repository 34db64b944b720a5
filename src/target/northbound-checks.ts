// What a Northbound database must be before anything is written to it.
import { randomUUID } from 'node:crypto';
import { CodedError } from '../base/errors.ts';
import { managedTables } from '../northbound/monitored-columns.ts';
import { mapColumn, textColumn } from '../northbound/read-column.ts';
import type { Database, DatabaseSchema } from '../ovsdb/index.ts';

/** Columns without which nothing works. `Copp.name` came with OVN 21.12 (NB 5.34). */
const neededColumns: readonly (readonly [table: string, column: string])[] = [
  ['Copp', 'name'],
  ['Copp', 'external_ids'],
  ['HA_Chassis_Group', 'ha_chassis'],
  ['Load_Balancer', 'external_ids'],
  ['Logical_Router_Policy', 'external_ids'],
  ['Logical_Router_Static_Route', 'external_ids'],
  ['NAT', 'external_ids'],
];

/** @throws NB_SCHEMA_TOO_OLD */
export function checkSchema(schema: DatabaseSchema): void {
  const missing = neededColumns.filter(([table, column]) => !schema.tables.get(table)?.columns.has(column));
  if (missing.length === 0) return;
  const names = missing.map(([table, column]) => `${table}.${column}`).join(', ');
  throw refusal(
    'NB_SCHEMA_TOO_OLD',
    `schema ${schema.version} has no ${names}; OVN 22.03 or later is needed`,
  );
}

/**
 * Reads the whole replica once, and asks the server whether rows can be inserted with a uuid of our choice.
 * @throws NB_NOT_INITIALISED, NB_SHARED, NB_SERVER_TOO_OLD
 */
export async function checkNorthbound(database: Database, allowSharedNb: boolean): Promise<void> {
  if (database.replica.rows('NB_Global').size === 0)
    throw refusal('NB_NOT_INITIALISED', 'NB has no NB_Global row: start ovn-northd, or run `ovn-nbctl init`');
  const kubeOvn = allowSharedNb ? undefined : findKubeOvnRow(database);
  if (kubeOvn !== undefined)
    throw refusal(
      'NB_SHARED',
      `NB holds rows of Kube-OVN (${kubeOvn}), whose garbage collection deletes rows that it does not know; ` +
        'use a database of your own, or --allow-shared-nb if you know what you do',
    );
  if (!(await insertsWithUuid(database)))
    throw refusal(
      'NB_SERVER_TOO_OLD',
      'ovsdb-server cannot insert a row with a given uuid; OVS 2.13 or later is needed',
    );
}

function findKubeOvnRow({ replica }: Database): string | undefined {
  for (const table of managedTables) {
    for (const row of replica.rows(table).values()) {
      if (mapColumn(row, 'external_ids')['vendor'] === 'kube-ovn')
        return `${table} ${textColumn(row, 'name')} ${row._uuid}`;
    }
  }
  return undefined;
}

/** Inserts and aborts in one transaction: nothing is written. Servers before OVS 2.13 refuse the member `uuid`. */
export async function insertsWithUuid(database: Database): Promise<boolean> {
  const insert = {
    op: 'insert',
    table: 'Address_Set',
    uuid: randomUUID(),
    row: { name: 'opj-probe' },
  } as const;
  try {
    await database.transact([insert, { op: 'abort' }]);
    return true;
  } catch (error) {
    if (!(error instanceof CodedError) || error.code === 'OVSDB_ABORTED') return true;
    if (error.code !== 'OVSDB_SYNTAX_ERROR') throw error;
    return false;
  }
}

function refusal(code: string, message: string): CodedError {
  return new CodedError(code, message, { retryable: false });
}
