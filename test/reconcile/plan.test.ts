// The planner against a real NB server: what it plans is accepted, converges, and equals what the printed commands make.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { capabilitiesOf } from '../../src/northbound/capabilities.ts';
import {
  managedTables,
  monitoredColumns,
  northboundIndexes,
} from '../../src/northbound/monitored-columns.ts';
import { northboundPolicy } from '../../src/northbound/policy.ts';
import { Database } from '../../src/ovsdb/database.ts';
import type { Operation } from '../../src/ovsdb/operation.ts';
import { parseDatabaseSchema } from '../../src/ovsdb/schema.ts';
import type { DatabaseSchema } from '../../src/ovsdb/schema.ts';
import { countChanges } from '../../src/plan/change-set-filter.ts';
import { currentFromReplica } from '../../src/plan/current-rows.ts';
import type { ChangeSet } from '../../src/plan/change-set.ts';
import type { DesiredUnit } from '../../src/plan/desired.ts';
import { formatNbctl } from '../../src/plan/format-nbctl.ts';
import type { OwnershipPolicy } from '../../src/plan/ownership-policy.ts';
import { plan } from '../../src/plan/plan.ts';
import type { PlanResult } from '../../src/plan/plan.ts';
import { toOperations } from '../../src/plan/to-operations.ts';
import { randomUnit } from '../support/northbound-arbitraries.ts';
import { hasOvn, ovnProgram, ovnVersions, schemaFileOf } from '../support/ovn-programs.ts';
import { startOvsdbServer } from '../support/ovsdb-server.ts';
import type { OvsdbServer } from '../support/ovsdb-server.ts';

const run = promisify(execFile);
const steps = 25;

interface Side extends AsyncDisposable {
  readonly server: OvsdbServer;
  readonly database: Database;
}

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const side of open.splice(0)) await side[Symbol.asyncDispose]();
});

const readSchema = (file: string): DatabaseSchema =>
  parseDatabaseSchema(JSON.parse(readFileSync(file, 'utf8')));

async function startSide(schemaFile: string, policy: OwnershipPolicy): Promise<Side> {
  const server = await startOvsdbServer({ schemaFile });
  open.push(server);
  const database = await Database.connect({
    remote: server.remote,
    database: 'OVN_Northbound',
    monitor: monitoredColumns,
    indexes: northboundIndexes(policy),
  });
  const side = { server, database, [Symbol.asyncDispose]: () => database.close() };
  open.unshift(side);
  await database.transact(foreignRows);
  return side;
}

const planOn = (unit: DesiredUnit, { database }: Side, policy: OwnershipPolicy): PlanResult =>
  plan(unit, currentFromReplica(database.replica, managedTables, policy), policy);

async function commit(changes: ChangeSet, { database }: Side): Promise<void> {
  const { operations, expectations } = toOperations(changes, database.schema);
  const results = await database.transact(operations);
  expect(expectations.filter((index) => results[index]?.count !== 1)).toEqual([]);
}

/** Every row of every table, uuids included, sorted; without NB_Global, which ovn-nbctl makes when it is missing. */
async function dump({ server }: Side): Promise<readonly string[]> {
  const args = ['-f', 'json', 'dump', server.remote, 'OVN_Northbound'];
  const { stdout } = await run('ovsdb-client', args, { maxBuffer: 1 << 28 });
  return stdout
    .trim()
    .split('\n')
    .flatMap((line) => {
      const table = JSON.parse(line) as { caption: string; data: unknown[] };
      if (table.caption === 'NB_Global table') return [];
      return table.data.map((row) => `${table.caption} ${JSON.stringify(row)}`).toSorted();
    });
}

/** Rows of another program. */
const foreignRows: readonly Operation[] = [
  {
    op: 'insert',
    table: 'Logical_Switch',
    uuid: 'f0000000-0000-4000-8000-000000000001',
    row: { name: 'foreign' },
  },
  {
    op: 'insert',
    table: 'Load_Balancer',
    uuid: 'f0000000-0000-4000-8000-000000000002',
    row: { name: 'foreign' },
  },
];

/** What other programs do to the database, to rows of theirs and of ours. */
const tampering: readonly (readonly Operation[])[] = [
  [],
  [
    {
      op: 'mutate',
      table: 'Logical_Switch',
      where: [],
      mutations: [['load_balancer', 'insert', ['f0000000-0000-4000-8000-000000000002']]],
    },
  ],
  [
    {
      op: 'mutate',
      table: 'Logical_Switch',
      where: [],
      mutations: [['other_config', 'insert', { foreign: 'x', mcast_snoop: 'true' }]],
    },
  ],
  [
    {
      op: 'update',
      table: 'Logical_Switch_Port',
      where: [],
      row: { addresses: ['unknown'], options: {}, enabled: false },
    },
  ],
  [{ op: 'update', table: 'Logical_Router', where: [], row: { nat: [], ports: [] } }],
  [{ op: 'update', table: 'ACL', where: [], row: { external_ids: { theirs: '1' } } }],
  [{ op: 'delete', table: 'Load_Balancer', where: [['name', '!=', 'foreign']] }],
];

describe.each(ovnVersions)('the NB of OVN %s', (version) => {
  const schemaFile = schemaFileOf(version, 'nb');
  const schema = readSchema(schemaFile);
  const policy = northboundPolicy('default', schema);
  const units = fc.sample(randomUnit(capabilitiesOf(schema)), { numRuns: steps, seed: 20_250_301 });

  test('accepts every plan, and then nothing is left to do', async () => {
    const side = await startSide(schemaFile, policy);
    for (const [step, unit] of units.entries()) {
      await side.database.transact(tampering[step % tampering.length] ?? []);
      await commit(planOn(unit, side, policy).changes, side);
      expect({ step, changes: planOn(unit, side, policy).changes }).toEqual({ step, changes: nothing });
    }
    await commit(planOn({ unit: 'vpc/random', rows: [] }, side, policy).changes, side);
    expect((await dump(side)).map((row) => row.slice(0, row.indexOf('[')))).toEqual([
      'Load_Balancer table ',
      'Logical_Switch table ',
    ]);
  });
});

const nothing = { unit: 'vpc/random', inserts: [], updates: [], deletes: [], attach: [], detach: [] };

describe.each(ovnVersions)('ovn-nbctl %s', (version) => {
  test.skipIf(!hasOvn(version))('makes the same database by the printed commands', async () => {
    const schema = readSchema(schemaFileOf(version, 'nb'));
    const policy = northboundPolicy('default', schema);
    const ours = await startSide(schemaFileOf(version, 'nb'), policy);
    const theirs = await startSide(schemaFileOf(version, 'nb'), policy);
    const units = fc.sample(randomUnit(capabilitiesOf(schema)), { numRuns: steps, seed: 20_250_302 });
    const program = `${ovnProgram(version, 'ovn-nbctl')} --db=${theirs.server.remote}`;
    const total = { insert: 0, update: 0, delete: 0 };
    for (const [step, unit] of units.entries()) {
      for (const { database } of [ours, theirs])
        await database.transact(tampering[step % tampering.length] ?? []);
      const { changes } = planOn(unit, ours, policy);
      await commit(changes, ours);
      await run('sh', ['-ec', formatNbctl(changes, schema, program)]);
      expect(await dump(theirs)).toEqual(await dump(ours));
      for (const [kind, count] of Object.entries(countChanges(changes)))
        total[kind as keyof typeof total] += count;
    }
    for (const count of Object.values(total)) expect(count).toBeGreaterThan(50);
  });
});
