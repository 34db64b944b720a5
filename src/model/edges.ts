// Edges: which further external networks a VPC is on, and with which addresses its extra routers stand there.
import { compareStrings } from '../base/order.ts';
import type { ExternalNetwork } from '../api/external-network.ts';
import { compareAddresses, sameAddress } from '../net/address.ts';
import type { Address, Family, Range } from '../net/address.ts';
import { families, formatAddressList, ofFamily } from '../net/family-list.ts';
import { formatPrefix, prefixContains, usableRange } from '../net/prefix.ts';
import { subtractRanges } from '../net/range.ts';
import { sharedFamilies } from './eip-families.ts';
import type { HeldEip } from './held-eip.ts';
import type { EdgePortModel, PortRange, SubnetRange } from './network-model.ts';
import { singleAddress } from './network.ts';
import { routerAddresses } from './router-address.ts';
import type { UnitRun } from './unit-run.ts';
import { subnetFamilies } from './vpc-root.ts';
import type { RootSubnet, SubnetSeed, VpcRoot } from './vpc-root.ts';

/** One edge, before what it serves is known. */
export interface EdgeSeed {
  readonly network: ExternalNetwork;
  /** At most one per family; those that are undecided, or were refused (reported), are not there. */
  readonly addresses: readonly Address[];
  readonly label: number;
  readonly ports: readonly EdgePortModel[];
}

/** Networks, other than the default one, that the VPC is on by its wish or by an address it holds, sorted by name. */
export function edgeNetworks(root: VpcRoot, eips: readonly HeldEip[]): ExternalNetwork[] {
  const own = root.egress?.network.metadata.name;
  const networks = new Map(
    [...eips, ...root.attached.values()].map(({ network }) => [network.metadata.name, network]),
  );
  return [...networks]
    .filter(([name]) => name !== own)
    .toSorted(([a], [b]) => compareStrings(a, b))
    .map(([, network]) => network);
}

/**
 * The edge's own address is, for each family, that of an EIP there that is no FIp's: the one that it stands on, as the
 * ledger says, else the oldest; only when there is none, it costs one more address. It has the families of the EIPs there,
 * or if the VPC is there by its own wish all that both have. `exclusive`: holders of EIPs that floating IPs have.
 */
export function edgeSeed(
  root: VpcRoot,
  subnets: readonly SubnetSeed[],
  network: ExternalNetwork,
  eips: readonly HeldEip[],
  exclusive: ReadonlySet<string>,
  run: UnitRun,
): EdgeSeed {
  const { name } = network.metadata;
  const wished = root.attached.get(name);
  const here = eips.filter((eip) => eip.network === network);
  const served = families.filter((family) => here.some(({ addresses }) => ofFamily(addresses, family)));
  const wanted = wished === undefined ? served : sharedFamilies(network, subnetFamilies(subnets));
  const holder = edgeHolder(root.name, name);
  const free = here.filter((eip) => !exclusive.has(eip.holder)).flatMap((eip) => eip.addresses);
  const shared = wanted.flatMap((family) => standingAddress(free, family, run.recorded(holder)) ?? []);
  const missing = wanted.filter((family) => ofFamily(shared, family) === undefined);
  const attachment = wished ?? { network, requested: [], path: '' };
  const own = routerAddresses(root.source, attachment, `1  ${root.source}`, missing, run) ?? [];
  const addresses = [...shared, ...own].toSorted(compareAddresses);
  if (addresses.length > 0) run.ledger.push({ holder, kind: 'port', value: formatAddressList(addresses) });
  return {
    network,
    addresses,
    label: edgeLabel(name),
    ports: subnets.flatMap((subnet) => edgePort(root.name, name, subnet, addresses, run)),
  };
}

/**
 * Of the addresses that the edge may share the one that it has. Another one would have another MAC, and the order of EIPs
 * changes: one that is deleted while it is in use comes last.
 */
function standingAddress(
  free: readonly Address[],
  family: Family,
  before: readonly Address[],
): Address | undefined {
  const standing = ofFamily(before, family);
  const isFree = standing !== undefined && free.some((address) => sameAddress(address, standing));
  return isFree ? standing : ofFamily(free, family);
}

/** By name, so that connections keep their label when another network comes or goes. 1 to 65535. */
function edgeLabel(network: string): number {
  let hash = 0x811c9dc5;
  for (const character of network) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return 1 + ((hash >>> 0) % 0xffff);
}

/** The edge's port on a subnet, in the families that it passes on. */
function edgePort(
  vpc: string,
  network: string,
  subnet: SubnetSeed,
  outside: readonly Address[],
  run: UnitRun,
): EdgePortModel[] {
  const reserved = subnet.edgeAddresses.get(network) ?? [];
  const ranges = subnet.ranges.flatMap(({ prefix }): PortRange[] => {
    if (ofFamily(outside, prefix.family) === undefined) return [];
    const address = ofFamily(reserved, prefix.family);
    if (address !== undefined) return [{ address, prefixLength: prefix.length }];
    run.report({
      code: 'Exhausted',
      object: subnet.source,
      path: 'spec.cidr',
      message: `${formatPrefix(prefix)} has no address left for the router to ${network}`,
      hint: 'use a larger range, or do without addresses of that network',
    });
    return [];
  });
  if (ranges.length === 0) return [];
  const holder = edgePortHolder(vpc, network, subnet.name);
  run.ledger.push({ holder, kind: 'port', value: formatAddressList(ranges.map(({ address }) => address)) });
  return [{ subnet: subnet.name, ranges }];
}

const edgeHolder = (vpc: string, network: string): string => `${vpc}.${network}`;

const edgePortHolder = (vpc: string, network: string, subnet: string): string =>
  `${edgeHolder(vpc, network)}/${subnet}`;

/** A range with fewer usable addresses than this has none to spare for further routers. */
const smallestRange = 6n;

/**
 * Addresses that are set apart on a subnet for the routers to further external networks: those that the ledger records,
 * else the last ones of the range that no workload has or asks for and no FIp names. They are set apart for every
 * network that exists, so that an edge finds its place whenever it is needed.
 */
export function edgeAddresses(
  vpc: string,
  subnet: RootSubnet,
  networks: readonly string[],
  taken: readonly Address[],
  run: UnitRun,
): ReadonlyMap<string, readonly Address[]> {
  const found = subnet.ranges.map((range) => rangeAddresses(vpc, subnet, range, networks, taken, run));
  return new Map(
    networks.map((network) => [network, found.flatMap((addresses) => addresses.get(network) ?? [])]),
  );
}

function rangeAddresses(
  vpc: string,
  subnet: RootSubnet,
  { prefix, gateway }: SubnetRange,
  networks: readonly string[],
  taken: readonly Address[],
  run: UnitRun,
): ReadonlyMap<string, Address> {
  const range = usableRange(prefix);
  if (range.last - range.first + 1n < smallestRange) return new Map();
  const found = new Map<string, Address>();
  for (const network of networks) {
    const recorded = run.recorded(edgePortHolder(vpc, network, subnet.name));
    const own = recorded.find((address) => prefixContains(prefix, address));
    if (own !== undefined) found.set(network, own);
  }
  const used = [gateway, ...taken, ...found.values()].map(singleAddress);
  const free = subtractRanges([range], [...used, ...subnet.excluded]).toReversed();
  let index = 0n;
  for (const network of networks.filter((name) => !found.has(name))) {
    const address = lastAddress(free, index);
    if (address !== undefined) found.set(network, address);
    index += 1n;
  }
  return found;
}

/** The address with index `n` (from 0) counted downwards through ranges that are sorted downwards. */
function lastAddress(ranges: readonly Range[], n: bigint): Address | undefined {
  let left = n;
  for (const { family, first, last } of ranges) {
    if (last - left >= first) return { family, value: last - left };
    left -= last - first + 1n;
  }
  return undefined;
}
