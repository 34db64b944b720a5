// External networks: which switch each one is, which of several claimants holds a VLAN, and its pool of addresses.
import { objectKey } from '../api/api-object.ts';
import type { ExternalNetwork } from '../api/external-network.ts';
import { invariant } from '../base/errors.ts';
import type { Problem } from '../base/problem.ts';
import type { Address, Family, Prefix, Range } from '../net/address.ts';
import { formatAddressList, parseAddressList, parsePrefixList } from '../net/family-list.ts';
import { rangePrefixes, usableRange } from '../net/prefix.ts';
import { parseRange, subtractRanges } from '../net/range.ts';
import type { ModelContext, UnitResult } from './model-context.ts';
import type { NodeAddress } from './node-index.ts';
import { findOverlap, overlapProblems, reservedRanges } from './reserved-ranges.ts';
import { segmentConflict } from './segments.ts';
import { gatewayCandidates } from './gateway-chassis.ts';
import { networkUnit } from './unit.ts';
import type { AddressPool } from './unit-run.ts';

/** Models the unit `network/{name}`. */
export function modelNetwork(name: string, context: ModelContext): UnitResult {
  const { inventory } = context;
  const key = `ExternalNetwork/${name}`;
  const object = inventory.get(key);
  const base = { problems: [], requests: [], heldSources: inventory.invalidKeys, eips: [], model: undefined };
  if (object?.kind !== 'ExternalNetwork')
    return { ...base, state: inventory.isInvalid(key) ? 'blocked' : 'absent' };
  const blockers = networkBlockers(object, context);
  if (blockers.length > 0) return { ...base, state: 'blocked', problems: blockers };
  const { physicalNetwork, vlan = 0 } = object.spec;
  return {
    ...base,
    state: 'model',
    problems: noChassisProblem(object, context),
    model: {
      kind: 'network',
      unit: networkUnit(name),
      name,
      source: key,
      physicalNetwork,
      vlan: vlan === 0 ? undefined : vlan,
      prefixes: networkPrefixes(object),
      // A Node on the network is no more open to projects than the addresses around it.
      pool: makePools(object, []).flatMap(({ spec }) => spec.ranges.flatMap(rangePrefixes)),
    },
  };
}

/** The network that objects of a type use: the one marked default, else the oldest. Networks with problems never are. */
export function networkOfType(type: string, context: ModelContext): ExternalNetwork | undefined {
  const usable = context.inventory
    .networks()
    .filter((network) => network.spec.type === type && isUsable(network, context));
  return usable.find((network) => network.spec.default) ?? usable[0];
}

/** Whether nothing but its own fields was wrong with it, and these were right: it has its VLAN and its range. */
export function isUsable(network: ExternalNetwork, context: ModelContext): boolean {
  return networkBlockers(network, context).length === 0;
}

/** At most one per family, IPv4 first. */
export function networkPrefixes(network: ExternalNetwork): readonly Prefix[] {
  return required(parsePrefixList(network.spec.cidr), network);
}

/** One for each of {@link networkPrefixes}. */
export function networkGateways(network: ExternalNetwork): readonly Address[] {
  return required(parseAddressList(network.spec.gateway), network);
}

/** By object and Nodes, which never change: every unit asks, and IPAM sees at once that it is the pool it knows. */
const pools = new WeakMap<
  ExternalNetwork,
  { readonly nodes: readonly NodeAddress[]; readonly made: readonly AddressPool[] }
>();

/**
 * Addresses that may be given out, a pool per family: the range less its gateway, network and broadcast address,
 * `excludeIps` and what Nodes have. `wanted`: pools of these families only, as far as the network has them.
 */
export function networkPools(
  network: ExternalNetwork,
  wanted: readonly Family[],
  { inventory }: Pick<ModelContext, 'inventory'>,
): readonly AddressPool[] {
  const nodes = inventory.nodeAddresses();
  const known = pools.get(network);
  const made = known?.nodes === nodes ? known.made : makePools(network, nodes);
  pools.set(network, { nodes, made });
  return made.filter(({ prefix }) => wanted.includes(prefix.family));
}

function makePools(network: ExternalNetwork, nodes: readonly NodeAddress[]): readonly AddressPool[] {
  const holes = [
    ...networkGateways(network).map(singleAddress),
    ...excluded(network.spec.excludeIps),
    ...nodes.map(({ address }) => singleAddress(address)),
  ];
  return networkPrefixes(network).map((prefix) => rangePool(objectKey(network), prefix, holes));
}

/** The pool of a range without `holes`. Its name tells the family, unless that is IPv4. */
export function rangePool(name: string, prefix: Prefix, holes: readonly Range[]): AddressPool {
  const { family } = prefix;
  const ranges = subtractRanges([usableRange(prefix)], holes);
  return { prefix, spec: { name: poolName(name, family), family, ranges } };
}

export const poolName = (name: string, family: Family): string => (family === 4 ? name : `${name} IPv6`);

export const singleAddress = ({ family, value }: Address): Range => ({ family, first: value, last: value });

/** `excludeIps` as ranges. Entries were checked when the object was decoded. */
export function excluded(excludeIps: readonly string[]): Range[] {
  return excludeIps.flatMap((text) => parseRange(text) ?? []);
}

function required<T>(value: T | undefined, network: ExternalNetwork): T {
  invariant(value !== undefined, `${objectKey(network)} was accepted with an unreadable address`);
  return value;
}

/** What makes a network unusable: an older one on its VLAN, or a range that is somebody else's. */
function networkBlockers(network: ExternalNetwork, context: ModelContext): Problem[] {
  const older = olderNetworks(network, context);
  const object = objectKey(network);
  const sameVlan = segmentConflict(network, context);
  if (sameVlan !== undefined) return [sameVlan];
  const others = older.flatMap((other) =>
    networkPrefixes(other).map((prefix) => ({ name: objectKey(other), prefix })),
  );
  const overlap = findOverlap(networkPrefixes(network), [
    ...others,
    ...reservedRanges(context, { networks: false }),
  ]);
  return overlapProblems(object, overlap, 'use a range that nothing else uses');
}

/** What is programmed is older than what is not, whatever their names: manifests tell no age. */
function olderNetworks(
  network: ExternalNetwork,
  { inventory, observations }: ModelContext,
): ExternalNetwork[] {
  const isThere = ({ metadata }: ExternalNetwork): boolean => observations.hasNetwork(metadata.name);
  const networks = inventory.networks();
  const all = [...networks.filter(isThere), ...networks.filter((other) => !isThere(other))];
  return all.slice(
    0,
    all.findIndex((other) => other.metadata.name === network.metadata.name),
  );
}

function noChassisProblem(network: ExternalNetwork, { observations }: ModelContext): Problem[] {
  const { physicalNetwork } = network.spec;
  if (gatewayCandidates(physicalNetwork, observations).length > 0) return [];
  return [
    {
      severity: 'warning',
      code: 'NoGatewayChassis',
      object: objectKey(network),
      path: 'spec.physicalNetwork',
      message: `no chassis is known that may host gateways and reaches physical network ${physicalNetwork}, so nothing enters or leaves by ${formatAddressList(networkGateways(network))}`,
      hint: 'set ovn-cms-options=enable-chassis-as-gw and ovn-bridge-mappings on a node and pass --sb, or list system-ids under gatewayChassis in the configuration',
    },
  ];
}
