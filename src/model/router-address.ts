// An address of an external network that a router needs for itself, where no EIP can serve.
import type { Address } from '../net/address.ts';
import { networkPool } from './network.ts';
import type { UnitRun } from './unit-run.ts';
import type { Attachment } from './vpc-root.ts';

/** Held as `{source}/{network}`. An operator may ask for one that the pool excludes. */
export function routerAddress(
  source: string,
  { network, requested, path }: Attachment,
  order: string,
  run: UnitRun,
): Address | undefined {
  const holder = `${source}/${network.metadata.name}`;
  const wish = requested === undefined ? {} : { requested, outsideRange: 'allow' as const };
  const address = run.address(networkPool(network), { holder, order, ...wish }, { object: source, path });
  if (address !== undefined) run.hold(holder, address);
  return address;
}
