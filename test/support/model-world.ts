// Objects as YAML text, modelled and compiled without a database: the pure middle of the house in one call.
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { decodeObject } from '../../src/api/decode.ts';
import { objectKey } from '../../src/api/api-object.ts';
import type { Problem } from '../../src/base/problem.ts';
import { sortProblems } from '../../src/base/problem.ts';
import { compileUnit } from '../../src/compiler/compile-unit.ts';
import type { Config } from '../../src/config/config.ts';
import { defaultConfig } from '../../src/config/parse-config.ts';
import { AddressBook } from '../../src/controller/address-book.ts';
import { Inventory } from '../../src/model/inventory.ts';
import type { InventoryChange } from '../../src/model/inventory.ts';
import { modelUnit } from '../../src/model/model-unit.ts';
import type { UnitResult } from '../../src/model/model-unit.ts';
import type { Observations } from '../../src/model/address-answers.ts';
import type { VpcModel } from '../../src/model/network-model.ts';
import type { UnitId } from '../../src/model/unit.ts';
import { capabilitiesOf } from '../../src/northbound/capabilities.ts';
import type { Capabilities } from '../../src/northbound/capabilities.ts';
import { parseDatabaseSchema } from '../../src/ovsdb/schema.ts';
import type { DesiredRow } from '../../src/plan/desired.ts';
import type { LedgerRecord } from '../../src/target/records.ts';

export interface WorldOptions {
  /** File of `ovsdb-schema/` that the server has; default `ovn-nb-7.11.0.ovsschema`. */
  readonly schema?: string;
  readonly config?: Partial<Config>;
  readonly observations?: Partial<Observations>;
  /** Units to look at although no object asks for them: the database has rows of theirs. */
  readonly units?: readonly UnitId[];
  /** What the ledger says: holder → address or block. */
  readonly recorded?: Readonly<Record<string, string>>;
  /** The records of EIPs and blocks, which nobody else is given; default: whoever asks first has them. */
  readonly ledger?: readonly LedgerRecord[];
}

/** Everything that the pure middle makes of some objects. */
export interface World {
  readonly inventory: Inventory;
  readonly units: readonly UnitId[];
  readonly results: ReadonlyMap<UnitId, UnitResult>;
  readonly problems: readonly Problem[];
  readonly rows: readonly DesiredRow[];
  vpc(name: string): VpcModel;
}

export function schemaFile(name: string): Capabilities {
  const file = new URL(`../../ovsdb-schema/${name}`, import.meta.url);
  return capabilitiesOf(parseDatabaseSchema(JSON.parse(readFileSync(file, 'utf8'))));
}

/** Decodes documents into inventory changes; rejected ones turn up as invalid, with their problems. */
export function decodeYaml(text: string): DecodedObjects {
  return decodeAll(parseAllDocuments(text).map((document): unknown => document.toJS()));
}

export interface DecodedObjects {
  readonly changes: InventoryChange[];
  readonly problems: Problem[];
}

/** As {@link decodeYaml}, from parsed documents; `null` stands for an empty one. */
export function decodeAll(raws: readonly unknown[]): DecodedObjects {
  const problems: Problem[] = [];
  const changes: InventoryChange[] = [];
  for (const raw of raws) {
    if (raw === null) continue;
    const decoded = decodeObject(raw);
    if (decoded.ok) {
      changes.push({ key: objectKey(decoded.object), object: decoded.object });
      problems.push(...decoded.warnings);
    } else {
      problems.push(...decoded.problems);
      if (decoded.key !== undefined) changes.push({ key: decoded.key, object: undefined, invalid: true });
    }
  }
  return { changes, problems };
}

/** Models every unit, deciding addresses between the runs as the controller does, and compiles what is meant. */
export function worldOf(text: string, options: WorldOptions = {}): World {
  const { changes, problems } = decodeYaml(text);
  return worldOfChanges(changes, options, problems);
}

export function worldOfChanges(
  changes: readonly InventoryChange[],
  options: WorldOptions = {},
  decodeProblems: readonly Problem[] = [],
): World {
  const inventory = new Inventory();
  inventory.apply(changes);
  const units = [...new Set([...inventory.units(), ...(options.units ?? [])])].toSorted();
  const capabilities = schemaFile(options.schema ?? 'ovn-nb-7.11.0.ovsschema');
  const results = settle(inventory, units, capabilities, options);
  const rows = units.flatMap((unit) => {
    const model = results.get(unit)?.model;
    return model === undefined ? [] : compileUnit(model, { owner: 'default', capabilities }).rows;
  });
  return {
    inventory,
    units,
    results,
    rows,
    problems: sortProblems([
      ...decodeProblems,
      ...[...results.values()].flatMap((result) => result.problems),
    ]),
    vpc(name) {
      const model = results.get(`vpc/${name}`)?.model;
      if (model?.kind !== 'vpc')
        throw new Error(`vpc/${name} is ${results.get(`vpc/${name}`)?.state ?? 'unknown'}`);
      return model;
    },
  };
}

function settle(
  inventory: Inventory,
  units: readonly UnitId[],
  capabilities: Capabilities,
  options: WorldOptions,
): Map<UnitId, UnitResult> {
  const recorded = options.recorded ?? {};
  const addresses = new AddressBook({
    recorded: (holder) => recorded[holder],
    ledger: () => options.ledger ?? [],
  });
  const context = {
    inventory,
    addresses,
    config: { ...defaultConfig(), ...options.config },
    observations: {
      gatewayChassis: [{ name: 'chassis-1', physicalNetworks: undefined }],
      gatewayGroup: () => [],
      marksReplies: capabilities.allows('QoS', 'action', 'mark'),
      hasNetwork: () => false,
      hasSubnet: () => false,
      uses: () => [],
      hasUnderlay: () => false,
      bridgedNetworks: undefined,
      chassisOf: (names: readonly string[]) => names[0],
      isPortUp: () => false,
      ...options.observations,
    },
  };
  for (;;) {
    const results = new Map(units.map((unit) => [unit, modelUnit(unit, context)]));
    const wishes = new Map([...results].map(([unit, result]) => [unit, result.requests]));
    if (addresses.settle(wishes).size === 0) return results;
  }
}
