// Subject: the program's own path from objects in memory to committed rows, without reading files.
// Arguments: remote, number of projects.
import { silentLogger } from '../../src/base/logger.ts';
import { Engine } from '../../src/controller/engine.ts';
import { openTarget } from '../../src/target/open-target.ts';
import { benchConfig, fleetChanges } from '../fleet.ts';
import { answer, heapBytes } from './answer.ts';

export interface ConvergeResult {
  /** From nothing open to the database loaded. */
  readonly openMs: number;
  /** From nothing open to the last commit. */
  readonly totalMs: number;
  readonly cpuMs: number;
  readonly transactions: number;
  readonly rows: number;
  readonly problems: number;
  /** Of everything that the program holds afterwards: objects, replica, states. */
  readonly heapBytes: number;
  readonly rssBytes: number;
  /** Heap that the objects alone take, before the program sees them. */
  readonly objectBytes: number;
}

const [remote = '', count = '0'] = process.argv.slice(2);
const empty = heapBytes();
const rssBefore = process.memoryUsage().rss;
const changes = fleetChanges(Number(count));
const objectBytes = heapBytes() - empty;
const config = benchConfig();
const cpu = process.cpuUsage();
const start = performance.now();
const target = await openTarget({
  nb: remote,
  owner: config.owner,
  gatewayChassis: config.gatewayChassis,
  logger: silentLogger,
});
const openMs = performance.now() - start;
const engine = new Engine({ config, target, logger: silentLogger });
engine.sink.changed(changes);
engine.sink.synced();
const report = await engine.converge();
const totalMs = performance.now() - start;
const { user, system } = process.cpuUsage(cpu);
const result: ConvergeResult = {
  openMs,
  totalMs,
  cpuMs: (user + system) / 1000,
  transactions: report.summary.transactions,
  rows: target.owned.total,
  problems: report.problems.length + report.failures.length,
  heapBytes: heapBytes() - empty,
  rssBytes: process.memoryUsage().rss - rssBefore,
  objectBytes,
};
await target.close();
answer(result);
