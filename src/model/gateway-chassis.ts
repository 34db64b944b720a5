// Which chassis host a gateway port, and in which order of preference.
import { sortBy } from '../base/order.ts';
import type { Observations } from './address-answers.ts';

/** OVN runs BFD between the members of a group: more than five cost more than they bring (Neutron's limit, too). */
const maximumMembers = 5;

/** Chassis that may host gateways and reach the physical network, sorted by name. */
export function gatewayCandidates(physicalNetwork: string, observations: Observations): string[] {
  return observations.gatewayChassis
    .filter((chassis) => chassis.physicalNetworks?.includes(physicalNetwork) ?? true)
    .map((chassis) => chassis.name)
    .toSorted();
}

/**
 * Returns at most five chassis, the most preferred first. The first of `current` that is still a candidate stays or
 * becomes the first: moving a gateway cuts connections. All places behind it, which carry nothing, follow a hash of
 * router and chassis: so a chassis that joins moves no gateway, and the gateways of one that leaves spread over all
 * that are left, newcomers included.
 */
export function orderGatewayChassis(
  router: string,
  candidates: readonly string[],
  current: readonly string[],
): string[] {
  const first = current.find((name) => candidates.includes(name));
  const others = sortBy(
    candidates.filter((name) => name !== first),
    (name) => rank(router, name),
  );
  return [...(first === undefined ? [] : [first]), ...others].slice(0, maximumMembers);
}

/** Rendezvous hashing: eight hexadecimal digits, then the name to break ties. */
function rank(router: string, chassis: string): string {
  let hash = 0x811c9dc5;
  for (const character of `${router}\u0000${chassis}`) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  // FNV alone leaves names that differ in the last character close together; mix once more.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0).toString(16).padStart(8, '0') + chassis;
}
