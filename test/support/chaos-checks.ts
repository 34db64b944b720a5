// What must hold of NB once everything has settled, and of its ledger at every moment.
import { type ApiObject, objectKey } from '../../src/api/api-object.ts';
import { decodeObject } from '../../src/api/decode.ts';
import type { Report } from '../../src/controller/report.ts';
import { defaultPipeline } from '../../src/controller/unit-planner.ts';
import type { UnitResult } from '../../src/model/model-context.ts';
import { parseLedgerKey } from '../../src/northbound/ledger.ts';
import { mapColumn } from '../../src/northbound/read-column.ts';
import { atomsOf } from '../../src/plan/value-shape.ts';
import { Database } from '../../src/ovsdb/index.ts';
import { KubeClient } from '../../src/source/kubernetes/kube-client.ts';
import { loadObjects } from '../../src/source/kubernetes/load-objects.ts';
import { metadataOf, type RawObject } from '../../src/source/kubernetes/raw-object.ts';
import type { LoadedObjects } from '../../src/source/source.ts';
import type { ApiServer } from './api-server.ts';
import { companionsLeft } from './chaos-companions.ts';
import { openEngine } from './engine-world.ts';

/** Every object of the API server, as a command that does not stay reads them. */
export async function objectsOf(kubeconfig: string): Promise<LoadedObjects> {
  const client = new KubeClient({ kubeconfig });
  try {
    return await loadObjects(client, AbortSignal.timeout(60_000));
  } finally {
    await client.close();
  }
}

/**
 * EIps that people deleted and that something still uses: they stay, with their address, until that ends. A database
 * that knows nothing of it cannot tell, so here they are as if nobody had deleted them.
 */
export async function eipsThatStay(server: ApiServer, addresses: Addresses): Promise<ApiObject[]> {
  const { body } = await server.request('GET', '/apis/kube-dc.com/v1/eips');
  return (body as { items: RawObject[] }).items.flatMap((item) => {
    const { deletionTimestamp, ...metadata } = metadataOf(item);
    if (deletionTimestamp === undefined) return [];
    const decoded = decodeObject({ ...item, metadata });
    return decoded.ok && addresses.has(objectKey(decoded.object)) ? [decoded.object] : [];
  });
}

/** What would be done (`plan`), or was done (`converge`), so that NB and the objects beside them are what they mean. */
export async function onePassOver(
  { objects, invalidKeys, problems }: LoadedObjects,
  nb: string,
  kind: 'plan' | 'converge',
): Promise<Report & ReturnType<typeof companionsLeft>> {
  const results = new Map<string, UnitResult>();
  const modelUnit: typeof defaultPipeline.modelUnit = (unit, context) => {
    const result = defaultPipeline.modelUnit(unit, context);
    results.set(unit, result);
    return result;
  };
  const pipeline = { ...defaultPipeline, modelUnit };
  const { engine, target } = await openEngine({ nb, allowMassDelete: true, pipeline });
  try {
    engine.sink.changed([
      ...objects.map((object) => ({ key: objectKey(object), object })),
      ...[...invalidKeys].map((key) => ({ key, object: undefined, invalid: true })),
    ]);
    engine.sink.problems(problems);
    engine.sink.synced();
    const report = await engine[kind]();
    return { ...report, ...companionsLeft(results, engine.view) };
  } finally {
    await target.close();
  }
}

/** `Project/shalb/a/ext-cloud`: comes and goes with what others do. */
export const isEdge = (holder: string): boolean => holder.startsWith('Project/');

/** Holder → address, of the ledger and the ports of workloads. */
export type Addresses = ReadonlyMap<string, string>;

/** Follows who holds which address, and notes what must never be. */
export class LedgerWatch {
  readonly #database: Database;
  /** `100.65.0.2 is held by EIp/shalb-a/e0 and EIp/shalb-b/e1` */
  readonly doubles = new Set<string>();

  private constructor(database: Database) {
    this.#database = database;
    database.onChange(() => this.#look());
  }

  static async open(nb: string): Promise<LedgerWatch> {
    const monitor = {
      Address_Set: ['external_ids'],
      Logical_Switch_Port: ['external_ids', 'addresses', 'type'],
    };
    return new LedgerWatch(await Database.connect({ remote: nb, database: 'OVN_Northbound', monitor }));
  }

  /** Resolves when it shows what others have committed before, be it that NB was away and it still waits for it. */
  async catchUp(): Promise<void> {
    await this.#database.transact([{ op: 'comment', comment: 'updates come before replies' }]);
  }

  /** Of EIPs, edges and workloads. */
  addresses(): Addresses {
    const ledger = [...this.#database.replica.rows('Address_Set')].flatMap(([, row]) =>
      Object.entries(mapColumn(row, 'external_ids')).flatMap(([key, value]): [string, string][] => {
        const parsed = parseLedgerKey(key);
        return parsed?.kind === 'eip' ? [[parsed.holder, String(value)]] : [];
      }),
    );
    const ports = [...this.#database.replica.rows('Logical_Switch_Port')].flatMap(
      ([, row]): [string, string][] => {
        const source = mapColumn(row, 'external_ids')['ovn-projector/source'];
        const isWorkload = row['type'] === '' && source !== undefined;
        return isWorkload ? [[String(source), atomsOf(row['addresses']).join(' ')]] : [];
      },
    );
    return new Map([...ledger, ...ports]);
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  #look(): void {
    const holders = new Map<string, string>();
    for (const [holder, address] of this.addresses()) {
      // Ranges of projects overlap.
      if (holder.startsWith('Pod/')) continue;
      const other = holders.get(address);
      if (other !== undefined) this.doubles.add(`${address} is held by ${other} and ${holder}`);
      holders.set(address, holder);
    }
  }
}
