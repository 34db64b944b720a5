// Which addresses rows of the database answer on, and for which object.
import type { AddressUse } from '../model/address-answers.ts';
import { parseLedgerKey } from '../northbound/ledger.ts';
import { mapColumn, textColumn } from '../northbound/read-column.ts';
import type { CurrentRow } from '../plan/current-rows.ts';
import type { OwnershipPolicy } from '../plan/ownership-policy.ts';

/** VIPs of load balancers and external addresses of NAT, be it that of a floating IP or that a subnet leaves by. Source: ovn-nb(5) Load_Balancer:vips, NAT:external_ip. */
export function addressUses(rows: Iterable<CurrentRow>, policy: OwnershipPolicy): readonly AddressUse[] {
  const all = [...rows];
  const holders = holdersIn(all);
  return all.flatMap((row) => usesOf(row, holders, policy));
}

/** EIPs of the ledger rows among these, by each of their addresses. */
function holdersIn(rows: readonly CurrentRow[]): ReadonlyMap<string, string> {
  const entries = rows
    .filter(({ table }) => table === 'Address_Set')
    .flatMap(({ row }) => Object.entries(mapColumn(row, 'external_ids')))
    .flatMap(([key, value]) => {
      const parsed = parseLedgerKey(key);
      if (parsed?.kind !== 'eip') return [];
      return String(value)
        .split(',')
        .map((address) => [address, parsed.holder] as const);
    });
  return new Map(entries);
}

function usesOf(
  { table, row }: CurrentRow,
  holders: ReadonlyMap<string, string>,
  policy: OwnershipPolicy,
): readonly AddressUse[] {
  const use = (address: string, part?: Pick<AddressUse, 'protocol' | 'port'>): AddressUse => {
    const holder = holders.get(address);
    return { source: policy.sourceOf(table, row), address, ...part, ...(holder !== undefined && { holder }) };
  };
  if (table === 'NAT') return [use(textColumn(row, 'external_ip'))];
  if (table !== 'Load_Balancer') return [];
  const protocol = textColumn(row, 'protocol') || 'tcp';
  return Object.keys(mapColumn(row, 'vips')).map((vip) => {
    const colon = vip.lastIndexOf(':');
    const address = vip.slice(0, colon).replaceAll(/[[\]]/g, '');
    return use(address, { protocol, port: Number(vip.slice(colon + 1)) });
  });
}
