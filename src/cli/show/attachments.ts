// How routers and switches are joined: which switch is at the other end of a router port.
import { formatPrefix, hostBits, parsePrefix } from '../../net/prefix.ts';
import { unitOf } from '../../northbound/ownership.ts';
import type { OwnedRows, TypedRow } from './owned-rows.ts';

type Switch = TypedRow<'Logical_Switch'>;

/** A router port and the switch that its peer hangs in. */
export interface Attachment {
  readonly routerPort: TypedRow<'Logical_Router_Port'>;
  readonly switch: Switch;
}

/** Attachments of each router, by the router's uuid. */
export type Attachments = ReadonlyMap<string, readonly Attachment[]>;

/** Finds every attachment in one pass over switches and one over routers. */
export function readAttachments(rows: OwnedRows): Attachments {
  const switches = switchesByRouterPort(rows);
  const found = rows.all('Logical_Router').map((router) => {
    const ports = rows.some('Logical_Router_Port', router.ports).flatMap((routerPort) => {
      const joined = switches.get(routerPort.name);
      return joined === undefined ? [] : [{ routerPort, switch: joined }];
    });
    return [router._uuid, ports] as const;
  });
  return new Map(found);
}

function switchesByRouterPort(rows: OwnedRows): ReadonlyMap<string, Switch> {
  const found = new Map<string, Switch>();
  for (const row of rows.all('Logical_Switch')) {
    for (const port of rows.some('Logical_Switch_Port', row.ports)) {
      const routerPort = port.type === 'router' ? port.options['router-port'] : undefined;
      if (routerPort !== undefined) found.set(routerPort, row);
    }
  }
  return found;
}

/** Switches of external networks belong to a unit `network/…`. */
export const isExternal = (row: Switch): boolean => unitOf(row)?.startsWith('network/') ?? false;

/** The ranges of a port's networks: `10.0.10.1/24`, `fd00:10::1/64` → `10.0.10.0/24,fd00:10::/64`. */
export function portRange(port: TypedRow<'Logical_Router_Port'>): string {
  const ranges = port.networks.map((network) => {
    const prefix = parsePrefix(network) ?? hostBits(network);
    return prefix === undefined ? network : formatPrefix(prefix);
  });
  return ranges.toSorted(narrowFirst).join(',');
}

/** The addresses of a port's networks: `10.0.10.1,fd00:10::1`. */
export function portAddresses(port: TypedRow<'Logical_Router_Port'>): string {
  const addresses = port.networks.map((network) => network.split('/')[0] ?? '');
  return addresses.toSorted(narrowFirst).join(',');
}

/** IPv4 before IPv6: the order of a set in the database means nothing. */
export function narrowFirst(a: string, b: string): number {
  return Number(a.includes(':')) - Number(b.includes(':'));
}
