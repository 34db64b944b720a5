// Names inside a VPC, which OVN answers on the way to whichever resolver they are asked of.
import { formatAddress } from '../net/address.ts';
import type { VpcModel } from '../model/network-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { rowIds } from './row-ids.ts';
import type { UnitContext } from './unit-context.ts';

/**
 * One row for all switches of the VPC, and none without names: each question that passes a switch with names is looked
 * at by ovn-controller. Not `ovn-owned`: OVN would refuse questions for other types of these names (AAAA), and a client
 * with musl waits for another answer then until it gives up. As it is, they go to the resolver that was asked.
 * Source: ovn-nb(5) DNS.
 */
export function nameRows(vpc: VpcModel, unit: UnitContext): DesiredRow[] {
  if (vpc.names.size === 0) return [];
  const records = [...vpc.names].map(([name, addresses]): [string, string] => [
    name,
    addresses.map(formatAddress).join(' '),
  ]);
  return [
    unit.row(
      'DNS',
      rowIds.names(vpc.name),
      { records: Object.fromEntries(records) },
      { source: vpc.source, requires: [unit.uuid('Logical_Router', rowIds.router(vpc.name))] },
    ),
  ];
}
