// Where an address that was given out is at home: its holder stays there, whatever other networks come, and what
// stands there is not touched while that network has a problem.
import { objectKey } from '../api/api-object.ts';
import type { ExternalNetwork } from '../api/external-network.ts';
import type { Address } from '../net/address.ts';
import { formatAddressList } from '../net/family-list.ts';
import { prefixContains } from '../net/prefix.ts';
import type { ModelContext } from './model-context.ts';
import { isUsable, networkPrefixes } from './network.ts';
import type { UnitRun, WishAuthor } from './unit-run.ts';

/** `network` undefined: the address is on one that is rejected, or may be; `keys` names it. */
export type Home =
  { readonly network: ExternalNetwork } | { readonly network: undefined; readonly keys: readonly string[] };

/** Returns undefined for addresses that no network has any more: its range was changed, or it was removed. */
export function homeOf(recorded: readonly Address[], context: ModelContext): Home | undefined {
  if (recorded.length === 0) return undefined;
  const { inventory } = context;
  const homes = inventory
    .networks()
    .filter((network) =>
      networkPrefixes(network).some((prefix) => recorded.some((address) => prefixContains(prefix, address))),
    );
  const usable = homes.find((network) => isUsable(network, context));
  if (usable !== undefined) return { network: usable };
  const keys = homes.length > 0 ? homes.map(objectKey) : inventory.invalidIn('ExternalNetwork', '');
  return keys.length > 0 ? { network: undefined, keys: keys.toSorted() } : undefined;
}

/**
 * The network for an address of `type`: where the holder is at home already if that has the type, else `otherwise`.
 * Returns undefined as well when home is rejected, and blocks the unit then.
 */
export function networkFor(
  type: string,
  recorded: readonly Address[],
  otherwise: ExternalNetwork | undefined,
  author: WishAuthor,
  run: UnitRun,
): ExternalNetwork | undefined {
  const home = homeOf(recorded, run.context);
  if (home === undefined) return otherwise;
  if (home.network !== undefined) return home.network.spec.type === type ? home.network : otherwise;
  blockHomeless(recorded, home.keys, author, run);
  return undefined;
}

/** Nothing of the unit is changed while the network of one of its addresses is rejected. */
export function blockHomeless(
  addresses: readonly Address[],
  keys: readonly string[],
  author: WishAuthor,
  run: UnitRun,
): void {
  run.block({
    ...author,
    code: 'Pending',
    message: `its address ${formatAddressList(addresses)} is on ${keys.join(' or ')}, which is rejected`,
    hint: 'correct that network; until then everything in this VPC stays as it is',
  });
}
