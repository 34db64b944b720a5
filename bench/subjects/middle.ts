// Subject: the pure rooms one after the other over all projects, in one process, without a server.
// Argument: number of projects.
import { readFileSync } from 'node:fs';
import { invariant } from '../../src/base/errors.ts';
import { compileUnit } from '../../src/compiler/compile-unit.ts';
import { AddressBook } from '../../src/controller/address-book.ts';
import { Inventory } from '../../src/model/inventory.ts';
import { modelUnit } from '../../src/model/model-unit.ts';
import { networkUnit } from '../../src/model/unit.ts';
import type { UnitModel } from '../../src/model/network-model.ts';
import { capabilitiesOf } from '../../src/northbound/capabilities.ts';
import {
  managedTables,
  monitoredColumns,
  northboundIndexes,
} from '../../src/northbound/monitored-columns.ts';
import { northboundPolicy } from '../../src/northbound/policy.ts';
import { encodeOperation } from '../../src/ovsdb/notation/encode.ts';
import { Replica } from '../../src/ovsdb/replica.ts';
import { intersectColumns, parseDatabaseSchema } from '../../src/ovsdb/schema.ts';
import type { ChangeSet } from '../../src/plan/change-set.ts';
import { currentFromReplica } from '../../src/plan/current-rows.ts';
import { isInPlace } from '../../src/plan/in-place.ts';
import { plan } from '../../src/plan/plan.ts';
import { toOperations } from '../../src/plan/to-operations.ts';
import { benchConfig, decodeChange, externalNetwork, projectManifests } from '../fleet.ts';
import { answer } from './answer.ts';

/** Microseconds per project. */
export interface MiddleResult {
  readonly decodeUs: number;
  readonly inventoryUs: number;
  /** The last run of the model, when all addresses are decided. */
  readonly modelUs: number;
  /** All runs before it, and the decisions between them. */
  readonly addressesUs: number;
  readonly compileUs: number;
  /** Against a database that has nothing of the project. */
  readonly planUs: number;
  /** Against a database that has all of it. */
  readonly planAgainUs: number;
  readonly operationsUs: number;
  readonly encodeUs: number;
  /** From the parsed update to rows in replica and indexes. */
  readonly replicaUs: number;
}

const projects = Number(process.argv[2] ?? 0);
const file = new URL('../../ovsdb-schema/ovn-nb-7.0.0.ovsschema', import.meta.url);
const schema = parseDatabaseSchema(JSON.parse(readFileSync(file, 'utf8')));
const policy = northboundPolicy('default', schema);
const capabilities = capabilitiesOf(schema);
const config = benchConfig();

/** CPU time of this thread in microseconds: that of a wall clock would count whoever else the machine serves. */
function now(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/** Microseconds per project since `start`. */
const since = (start: number): number => (now() - start) / projects;

function measureRound(): MiddleResult {
  const manifests = Array.from({ length: projects }, (_, index) => projectManifests(index)).flat();
  let start = now();
  const changes = [externalNetwork, ...manifests].map(decodeChange);
  const decodeUs = since(start);

  start = now();
  const inventory = new Inventory();
  inventory.apply(changes);
  const inventoryUs = since(start);

  const addresses = new AddressBook({ recorded: () => undefined, ledger: () => [] });
  const observations = {
    gatewayChassis: config.gatewayChassis.map((name) => ({ name, physicalNetworks: undefined })),
    gatewayGroup: () => [],
    marksReplies: true,
    hasNetwork: () => false,
    hasSubnet: () => false,
    uses: () => [],
    hasUnderlay: () => false,
    bridgedNetworks: undefined,
    chassisOf: (names: readonly string[]) => names[0],
    isPortUp: () => false,
  };
  const units = [...inventory.units()].toSorted();
  const modelAll = () =>
    new Map(units.map((unit) => [unit, modelUnit(unit, { inventory, addresses, config, observations })]));
  start = now();
  for (let settled = false; !settled;) {
    const wishes = [...modelAll()].map(([unit, { requests }]) => [unit, requests] as const);
    settled = addresses.settle(new Map(wishes)).size === 0;
  }
  const addressesUs = since(start);

  start = now();
  const models = [...modelAll().values()].map(({ model, problems }): UnitModel => {
    invariant(model !== undefined && problems.length === 0, 'the fleet has no problems');
    return model;
  });
  const modelUs = since(start);

  start = now();
  const desired = models.map((model) => compileUnit(model, { owner: 'default', capabilities }));
  const compileUs = since(start);

  const { monitored } = intersectColumns(monitoredColumns, schema);
  const replica = new Replica(schema, monitored, northboundIndexes(policy));
  const current = currentFromReplica(replica, managedTables, policy);
  const isNetwork = ({ unit }: { readonly unit: string }): boolean => unit === networkUnit('ext-cloud');
  const vpcs = desired.filter((unit) => !isNetwork(unit));
  const networks = desired.filter(isNetwork).map((unit) => plan(unit, current, policy).changes);
  replica.apply(updatesOf(networks));

  start = now();
  const changeSets = vpcs.map((unit) => plan(unit, current, policy).changes);
  const planUs = since(start);

  start = now();
  const operations = changeSets.flatMap((changeSet) => toOperations(changeSet, schema).operations);
  const operationsUs = since(start);

  start = now();
  for (const operation of operations) encodeOperation(operation, schema);
  const encodeUs = since(start);

  const update = updatesOf(changeSets);
  start = now();
  replica.apply(update);
  const replicaUs = since(start);

  start = now();
  for (const unit of vpcs) invariant(isInPlace(unit, current, policy), 'the rows are as they were planned');
  const planAgainUs = since(start);
  return {
    decodeUs,
    inventoryUs,
    addressesUs,
    modelUs,
    compileUs,
    planUs,
    operationsUs,
    encodeUs,
    replicaUs,
    planAgainUs,
  };
}

/** What the server would tell of change sets that only insert and attach, as <table-updates2>. */
function updatesOf(changeSets: readonly ChangeSet[]): Record<string, Record<string, object>> {
  const updates: Record<string, Record<string, object>> = {};
  const born = new Set(changeSets.flatMap(({ inserts }) => inserts.map(({ uuid }) => uuid)));
  const attached = changeSets.flatMap(({ attach }) => attach.filter(({ parent }) => !born.has(parent.uuid)));
  for (const operation of changeSets.flatMap((changes) => toOperations(changes, schema).operations)) {
    if (operation.op !== 'insert' || operation.uuid === undefined) continue;
    const { row } = JSON.parse(encodeOperation(operation, schema)) as { readonly row: object };
    (updates[operation.table] ??= {})[operation.uuid] = { insert: row };
  }
  for (const { table, uuid, column } of attached.map(({ parent }) => parent)) {
    if (updates[table]?.[uuid] !== undefined) continue;
    const children = attached.filter(({ parent }) => parent.uuid === uuid && parent.column === column);
    const difference = ['set', children.map(({ child }) => ['uuid', child])];
    (updates[table] ??= {})[uuid] = { modify: { [column]: difference } };
  }
  return updates;
}

measureRound();
answer(measureRound());
