// The addresses of an external network that a router needs for itself, where no EIP can serve.
import { objectKey } from '../api/api-object.ts';
import type { ExternalNetwork } from '../api/external-network.ts';
import { formatAddress } from '../net/address.ts';
import type { Address, Family } from '../net/address.ts';
import { prefixContains } from '../net/prefix.ts';
import { networkPools, networkPrefixes } from './network.ts';
import type { UnitRun, WishAuthor } from './unit-run.ts';
import type { Attachment } from './vpc-root.ts';

/**
 * Held as `{source}/{network}`. An operator may ask for one that the pool excludes. Undefined: one that it had cannot be
 * had any more (reported).
 */
export function routerAddresses(
  source: string,
  { network, requested, path }: Attachment,
  order: string,
  wanted: readonly Family[],
  run: UnitRun,
): readonly Address[] | undefined {
  const holder = `${source}/${network.metadata.name}`;
  const wish = { holder, order, requested, outsideRange: 'allow' as const };
  const pools = networkPools(network, wanted, run.context);
  const addresses = run.addresses(pools, wish, { object: source, path });
  if (run.hasLost(holder, pools, addresses)) return undefined;
  run.hold(holder, addresses);
  return addresses;
}

/** Whether addresses that are asked for are in the network's range; one that is not is reported. */
export function areOfNetwork(
  requested: readonly Address[],
  network: ExternalNetwork,
  author: WishAuthor,
  run: UnitRun,
): boolean {
  const prefixes = networkPrefixes(network);
  const stray = requested.find((address) => !prefixes.some((prefix) => prefixContains(prefix, address)));
  if (stray === undefined) return true;
  run.report({
    ...author,
    code: 'OutOfRange',
    message: `${formatAddress(stray)} is not in ${network.spec.cidr} of ${objectKey(network)}`,
    hint: 'use an address of that network, or leave the field out to be given one',
  });
  return false;
}
