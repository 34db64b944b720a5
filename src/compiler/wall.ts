// The wall of an external network: from the VLAN, only packets for the network's own range get to routers.
import type { Prefix } from '../net/address.ts';
import { and, compare, formatMatch, not, portName, predicate, prefixMatch } from '../northbound/match.ts';
import type { Match } from '../northbound/match.ts';
import { localnetPortName } from '../northbound/names.ts';
import type { ExternalNetworkModel } from '../model/network-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { onLinkPrefixes } from './on-link.ts';
import { wallPriority } from './priorities.ts';
import { rowIds } from './row-ids.ts';
import type { UnitContext } from './unit-context.ts';

/**
 * Without it a host on the VLAN that routes a tenant's range at the tenant's router is let in: a router forwards what it
 * gets. One rule per family, on what comes in by the localnet port, so that nothing changes when routers come and go.
 * Plain drops: the switch stays without connection tracking, which an `allow-related` rule would give to all of it.
 * Source: ovn-nb(5) ACL, ovn-northd(8) ls_in_acl.
 */
export function wallRows({ name, source, prefixes }: ExternalNetworkModel, unit: UnitContext): DesiredRow[] {
  const fromOutside = compare('inport', '==', portName(localnetPortName(name)));
  return ([4, 6] as const).map((family) =>
    unit.row(
      'ACL',
      rowIds.wall(name, family),
      {
        direction: 'from-lport',
        priority: wallPriority,
        match: formatMatch(and([fromOutside, ...stranger(family, prefixes)])),
        action: 'drop',
      },
      { source, parents: [unit.place('Logical_Switch', rowIds.networkSwitch(name), 'acls')] },
    ),
  );
}

/** Packets of a family for none of the prefixes. ARP is no IP, so neighbours are found whatever the ranges are. */
function stranger(family: 4 | 6, prefixes: readonly Prefix[]): Match[] {
  const own = prefixes.filter((prefix) => prefix.family === family);
  const allowed = family === 6 ? [...own, ...onLinkPrefixes] : own;
  return [predicate(`ip${family}`), ...(allowed.length === 0 ? [] : [not(prefixMatch('dst', allowed))])];
}
