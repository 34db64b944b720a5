// The addresses of an external network that a router needs for itself, where no EIP can serve.
import type { Address, Family } from '../net/address.ts';
import { networkPools } from './network.ts';
import type { UnitRun } from './unit-run.ts';
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
