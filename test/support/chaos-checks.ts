// What must hold of NB once everything has settled, and of its ledger at every moment.
import { boundEIp } from '../../src/api/annotations.ts';
import { type ApiObject, objectKey } from '../../src/api/api-object.ts';
import { decodeObject } from '../../src/api/decode.ts';
import type { Report } from '../../src/controller/report.ts';
import { parseLedgerKey } from '../../src/northbound/ledger.ts';
import { mapColumn } from '../../src/northbound/read-column.ts';
import { atomsOf } from '../../src/plan/value-shape.ts';
import { Database } from '../../src/ovsdb/index.ts';
import { KubeClient } from '../../src/source/kubernetes/kube-client.ts';
import { loadObjects } from '../../src/source/kubernetes/load-objects.ts';
import { metadataOf, type RawObject } from '../../src/source/kubernetes/raw-object.ts';
import type { LoadedObjects } from '../../src/source/source.ts';
import type { ApiServer } from './api-server.ts';
import { dumpNorthbound } from './database-dump.ts';
import { openEngine } from './engine-world.ts';
import type { OvnVersion } from './ovn-programs.ts';

/** Every object of the API server, as a command that does not stay reads them. */
export async function objectsOf(kubeconfig: string): Promise<LoadedObjects> {
  const client = new KubeClient({ kubeconfig });
  try {
    return await loadObjects(client, AbortSignal.timeout(10_000));
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

/** EIps that were made for a Service or FIp which is gone, or has another one by now: they are about to go. */
export function eipsOfNobody({ objects }: LoadedObjects): string[] {
  const byKey = new Map(objects.map((object) => [objectKey(object), object]));
  return [...byKey.keys()].filter((key) => {
    const [kind, namespace = '', name = ''] = key.split('/');
    if (kind !== 'EIp' || !/^(slb|fip)-/.test(name)) return false;
    const service = byKey.get(`Service/${namespace}/${name.slice(4)}`);
    const fip = byKey.get(`FIp/${namespace}/${name.slice(4)}`);
    const isUsed = service?.kind === 'Service' && boundEIp(service) === undefined;
    return name.startsWith('slb-') ? !isUsed : !(fip?.kind === 'FIp' && fip.spec.eip === undefined);
  });
}

/** What would be done (`plan`), or was done (`converge`), so that NB is what the objects mean. */
export async function onePassOver(
  { objects, invalidKeys, problems }: LoadedObjects,
  nb: string,
  kind: 'plan' | 'converge',
): Promise<Report> {
  const { engine, target } = await openEngine({ nb, allowMassDelete: true });
  try {
    engine.sink.changed([
      ...objects.map((object) => ({ key: objectKey(object), object })),
      ...[...invalidKeys].map((key) => ({ key, object: undefined, invalid: true })),
    ]);
    engine.sink.problems(problems);
    engine.sink.synced();
    return await engine[kind]();
  } finally {
    await target.close();
  }
}

/**
 * What NB holds, without the row that says how far hypervisors are. Addresses of edges, which only NB records, are
 * replaced by their holders.
 */
export async function rowsOf(version: OvnVersion, nb: string): Promise<unknown> {
  const { NB_Global: _, ...tables } = await dumpNorthbound(version, nb);
  const ledger = await LedgerWatch.open(nb);
  let text = JSON.stringify(tables);
  for (const [holder, address] of ledger.addresses()) {
    if (!isEdge(holder)) continue;
    text = text.replaceAll(new RegExp(`\\b${address.replaceAll('.', '\\.')}\\b`, 'g'), holder);
    const octets = address.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'));
    text = text.replaceAll(`0a:58:${octets.join(':')}`, `MAC of ${holder}`);
  }
  await ledger.close();
  return JSON.parse(text);
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
