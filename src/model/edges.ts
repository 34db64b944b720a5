// Edges: which further external networks a VPC is on, and with which addresses its extra routers stand there.
import { compareStrings } from '../base/order.ts';
import type { ExternalNetwork } from '../api/external-network.ts';
import { formatAddress, parseAddress, sameAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import { formatPrefix, prefixContains, usableRange } from '../net/prefix.ts';
import { rangeContains } from '../net/range.ts';
import type { HeldEip } from './eips.ts';
import type { EdgePortModel } from './network-model.ts';
import { routerAddress } from './router-address.ts';
import type { UnitRun } from './unit-run.ts';
import type { RootSubnet, SubnetSeed, VpcRoot } from './vpc-root.ts';

/** One edge, before what it serves is known. */
export interface EdgeSeed {
  readonly network: ExternalNetwork;
  /** Undefined while it is undecided, or refused (reported). */
  readonly address: Address | undefined;
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
 * The edge's own address is the oldest EIP there that is no FIp's; only when there is none, it costs one more address.
 * `exclusive`: holders of EIPs that floating IPs have.
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
  const shared = eips.find((eip) => eip.network === network && !exclusive.has(eip.holder));
  return {
    network,
    address:
      shared?.address ??
      routerAddress(
        root.source,
        wished ?? { network, requested: undefined, path: '' },
        `1  ${root.source}`,
        run,
      ),
    label: edgeLabel(name),
    ports: subnets.flatMap((subnet) => edgePort(root.name, name, subnet, run)),
  };
}

/** By name, so that connections keep their label when another network comes or goes. 1 to 65535. */
function edgeLabel(network: string): number {
  let hash = 0x811c9dc5;
  for (const character of network) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return 1 + ((hash >>> 0) % 0xffff);
}

function edgePort(vpc: string, network: string, subnet: SubnetSeed, run: UnitRun): EdgePortModel[] {
  const address = subnet.edgeAddresses.get(network);
  if (address === undefined) {
    run.report({
      code: 'Exhausted',
      object: subnet.source,
      path: 'spec.cidr',
      message: `${formatPrefix(subnet.prefix)} has no address left for the router to ${network}`,
      hint: 'use a larger range, or do without addresses of that network',
    });
    return [];
  }
  const holder = edgePortHolder(vpc, network, subnet.name);
  run.ledger.push({ holder, kind: 'port', value: formatAddress(address) });
  return [{ subnet: subnet.name, address, prefixLength: subnet.prefix.length }];
}

const edgePortHolder = (vpc: string, network: string, subnet: string): string =>
  `${vpc}.${network}/${subnet}`;

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
): ReadonlyMap<string, Address> {
  const range = usableRange(subnet.prefix);
  if (range.last - range.first + 1n < smallestRange) return new Map();
  const found = new Map<string, Address>();
  for (const network of networks) {
    const recorded = parseAddress(
      run.context.addresses.recorded(edgePortHolder(vpc, network, subnet.name)) ?? '',
    );
    if (recorded !== undefined && prefixContains(subnet.prefix, recorded)) found.set(network, recorded);
  }
  const blocked = (address: Address): boolean =>
    [subnet.gateway, ...taken, ...found.values()].some((other) => sameAddress(other, address)) ||
    subnet.excluded.some((hole) => rangeContains(hole, address));
  let { last: value } = range;
  for (const network of networks.filter((name) => !found.has(name))) {
    while (value >= range.first && blocked({ family: range.family, value })) value -= 1n;
    if (value >= range.first) found.set(network, { family: range.family, value });
  }
  return found;
}
