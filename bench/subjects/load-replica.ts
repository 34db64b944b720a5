// Subject: opening a database that has rows already, until the replica is complete.
// Arguments: remote, `indexes` for those of the planner or `none`.
import { monitoredColumns, northboundIndexes } from '../../src/northbound/monitored-columns.ts';
import { northboundPolicy } from '../../src/northbound/policy.ts';
import { Database } from '../../src/ovsdb/index.ts';
import { benchConfig } from '../fleet.ts';
import { answer, heapBytes } from './answer.ts';

export interface LoadReplicaResult {
  readonly totalMs: number;
  readonly cpuMs: number;
  readonly rows: number;
  readonly heapBytesPerRow: number;
}

const [remote = '', indexes = ''] = process.argv.slice(2);
const options = { remote, database: 'OVN_Northbound' };
const look = await Database.connect({ ...options, monitor: {} });
const policy = northboundPolicy(benchConfig().owner, look.schema);
await look.close();
const before = heapBytes();
const cpu = process.cpuUsage();
const start = performance.now();
const database = await Database.connect({
  ...options,
  monitor: monitoredColumns,
  indexes: indexes === 'indexes' ? northboundIndexes(policy) : [],
});
const totalMs = performance.now() - start;
const { user, system } = process.cpuUsage(cpu);
const rows = Object.keys(monitoredColumns).reduce((sum, table) => sum + database.replica.rows(table).size, 0);
const result: LoadReplicaResult = {
  totalMs,
  cpuMs: (user + system) / 1000,
  rows,
  heapBytesPerRow: Math.round((heapBytes() - before) / rows),
};
await database.close();
answer(result);
