// Subject: policies of one Vpc, from objects in memory to committed rows and on to ovn-northd; then one Pod more.
// Arguments: NB remote, `sets`, `naive` or `none` (no policies at all), number of namespaces.
import { silentLogger } from '../../src/base/logger.ts';
import { compileUnit } from '../../src/compiler/compile-unit.ts';
import { Engine } from '../../src/controller/engine.ts';
import type { Pipeline } from '../../src/controller/unit-planner.ts';
import { modelUnit } from '../../src/model/model-unit.ts';
import { openTarget } from '../../src/target/open-target.ts';
import { benchConfig, decodeChange } from '../fleet.ts';
import { naiveRows } from '../naive-policies.ts';
import { policyLoad, policyPod } from '../policy-load.ts';
import { answer } from './answer.ts';

export interface PoliciesResult {
  readonly rows: number;
  readonly rules: number;
  readonly groups: number;
  readonly sets: number;
  /** Modelling, compiling, planning and committing everything. */
  readonly firstMs: number;
  /** One Pod more, of a namespace whose pods are in two groups and two sets. */
  readonly podMs: number;
  readonly podInserts: number;
  readonly podUpdates: number;
  readonly podDeletes: number;
}

const [remote = '', shape = '', count = '0'] = process.argv.slice(2);
const naive: Pipeline = {
  modelUnit,
  compileUnit: (model, context) => {
    const unit = compileUnit(model, context);
    return { ...unit, rows: naiveRows(unit.rows, context.owner) };
  },
};
const config = benchConfig();
const changes = policyLoad(Number(count)).filter(
  ({ key }) => shape !== 'none' || !key.startsWith('NetworkPolicy/'),
);
const target = await openTarget({
  nb: remote,
  owner: config.owner,
  gatewayChassis: config.gatewayChassis,
  logger: silentLogger,
});
const pipeline = shape === 'naive' ? { pipeline: naive } : {};
const engine = new Engine({ config, target, logger: silentLogger, ...pipeline });
engine.sink.changed(changes);
engine.sink.synced();
let start = performance.now();
await engine.converge();
const firstMs = performance.now() - start;
const tables = target.current.unitRows('vpc/shared').map(({ table }) => table);
const countOf = (table: string): number => tables.filter((each) => each === table).length;
const counts = {
  rows: target.owned.total,
  rules: countOf('ACL'),
  groups: countOf('Port_Group'),
  sets: countOf('Address_Set'),
};
const next = new Engine({ config, target, logger: silentLogger, ...pipeline });
next.sink.changed([...changes, decodeChange(policyPod(0, 97))]);
next.sink.synced();
start = performance.now();
const { summary } = await next.converge();
const result: PoliciesResult = {
  ...counts,
  firstMs,
  podMs: performance.now() - start,
  podInserts: summary.insert,
  podUpdates: summary.update,
  podDeletes: summary.delete,
};
await target.close();
answer(result);
