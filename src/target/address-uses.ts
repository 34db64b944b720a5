// Which addresses rows of the database answer on, and for which object.
import type { AddressUse } from '../model/address-answers.ts';
import { mapColumn, textColumn } from '../northbound/read-column.ts';
import type { CurrentRow } from '../plan/current-rows.ts';
import type { OwnershipPolicy } from '../plan/ownership-policy.ts';

/** VIPs of load balancers and external addresses of floating IPs. Source: ovn-nb(5) Load_Balancer:vips, NAT:external_ip. */
export function addressUses(rows: Iterable<CurrentRow>, policy: OwnershipPolicy): readonly AddressUse[] {
  return [...rows].flatMap(({ table, row }): AddressUse[] => {
    if (table === 'NAT' && row['type'] === 'dnat_and_snat')
      return [{ source: policy.sourceOf(table, row), address: textColumn(row, 'external_ip') }];
    if (table !== 'Load_Balancer') return [];
    const source = policy.sourceOf(table, row);
    const protocol = textColumn(row, 'protocol') || 'tcp';
    return Object.keys(mapColumn(row, 'vips')).map((vip) => {
      const colon = vip.lastIndexOf(':');
      const address = vip.slice(0, colon).replaceAll(/[[\]]/g, '');
      return { source, address, protocol, port: Number(vip.slice(colon + 1)) };
    });
  });
}
