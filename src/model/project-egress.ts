// The way out of a project: its external network, and the EIP `default-gw` that it leaves as.
import { formatObjectKey, objectKey } from '../api/api-object.ts';
import { defaultGatewayEIpName } from '../api/eip.ts';
import { backingNamespace } from '../api/project.ts';
import type { Project } from '../api/project.ts';
import type { ExternalNetwork } from '../api/external-network.ts';
import type { Address, Family, Prefix } from '../net/address.ts';
import { commonFamilies, formatPrefixList, parseAddressList } from '../net/family-list.ts';
import { reportUnshared } from './eip-families.ts';
import { homeOf, networkFor } from './home-network.ts';
import { networkOfType, networkPools, networkPrefixes } from './network.ts';
import { claimOrder } from './vpc-root.ts';
import type { EgressSeed } from './vpc-root.ts';
import type { UnitRun } from './unit-run.ts';

/** A Vpc that a project is in: the networks that it is on, the default one first. */
export interface SharedWays {
  /** Object key. */
  readonly vpc: string;
  readonly networks: readonly ExternalNetwork[];
}

/**
 * The address that the project leaves by is the EIP `default-gw`; in a VPC of its own it is the router port's own, too
 * (DESIGN §5). Undefined: it is undecided, or cannot be had (reported).
 */
export function projectEgress(
  project: Project,
  prefixes: readonly Prefix[],
  run: UnitRun,
  shared?: SharedWays,
): EgressSeed | undefined {
  const source = objectKey(project);
  const holder = formatObjectKey('EIp', backingNamespace(project), defaultGatewayEIpName);
  const object = run.context.inventory.get(holder);
  const eip = object?.kind === 'EIp' ? object : undefined;
  const ledger = run.recorded(holder);
  const recorded = ledger.length > 0 ? ledger : (parseAddressList(eip?.status.ipAddress ?? '') ?? []);
  const network = egressNetwork(project, recorded, run, shared);
  if (network === undefined) return undefined;
  const common = commonFamilies(prefixes, networkPrefixes(network));
  reportFamilies(project, prefixes, network, common, run);
  const requested = parseAddressList(eip?.spec.ipAddress ?? '') ?? [];
  reportUnshared(requested, network, common, { object: holder, path: 'spec.ipAddress' }, run);
  const pools = networkPools(network, common, run.context);
  const addresses = run.addresses(
    pools,
    { holder, order: claimOrder(1, project), requested, recorded },
    requested.length === 0
      ? { object: source, path: 'spec.egressNetworkType' }
      : { object: holder, path: 'spec.ipAddress' },
  );
  const isUsable = addresses.length > 0 && !run.hasLost(holder, pools, addresses);
  return isUsable ? { network, source, addresses } : undefined;
}

/** A family that the network lacks ends at the router. One that none of them has leaves no way out at all. */
function reportFamilies(
  project: Project,
  prefixes: readonly Prefix[],
  network: ExternalNetwork,
  shared: readonly Family[],
  run: UnitRun,
): void {
  for (const { family } of prefixes.filter((prefix) => !shared.includes(prefix.family))) {
    run.report({
      ...(shared.length > 0 && { severity: 'warning' }),
      code: 'FamilyMismatch',
      object: objectKey(project),
      path: 'spec.cidrBlock',
      message: `nothing leaves or comes in by IPv${family}: ${objectKey(network)} (${network.spec.cidr}) has no IPv${family} range`,
      hint: `add an IPv${family} range to ${objectKey(network)}, or one of its families to cidrBlock (${formatPrefixList(prefixes)})`,
    });
  }
}

/**
 * The network that a project leaves by is that of its address once it has one: neither another network of the type nor
 * another configured default moves it, and a type that is written cannot be changed.
 */
function egressNetwork(
  project: Project,
  recorded: readonly Address[],
  run: UnitRun,
  shared: SharedWays | undefined,
): ExternalNetwork | undefined {
  const author = { object: objectKey(project), path: 'spec.egressNetworkType' };
  const home = homeOf(recorded, run.context);
  const { egressNetworkType } = project.spec;
  const standing = home?.network?.spec.type;
  if (standing !== undefined && egressNetworkType !== undefined && egressNetworkType !== standing) {
    run.report({
      ...author,
      code: 'Immutable',
      message: `it leaves by ${standing}, and cannot be changed to ${egressNetworkType}`,
      hint: `write ${standing}, or delete the Project and make it anew in two steps`,
    });
    return undefined;
  }
  const usual = shared === undefined ? run.context.config.defaultEgressNetworkType : typesOf(shared)[0];
  const type = egressNetworkType ?? standing ?? usual ?? '';
  const offered =
    shared === undefined
      ? networkOfType(type, run.context)
      : shared.networks.find((network) => network.spec.type === type);
  const network = networkFor(type, recorded, offered, author, run);
  if (network !== undefined || run.isBlocked) return network;
  run.report({ ...author, code: 'NotFound', ...noWay(type, shared) });
  return undefined;
}

const typesOf = ({ networks }: SharedWays): readonly string[] => [
  ...new Set(networks.map(({ spec }) => spec.type)),
];

function noWay(
  type: string,
  shared: SharedWays | undefined,
): { readonly message: string; readonly hint: string } {
  if (shared === undefined)
    return {
      message: `there is no usable ExternalNetwork of type ${type}`,
      hint: `create one with spec.type: ${type}, or look at the problems of those that exist`,
    };
  const types = typesOf(shared);
  if (types.length === 0)
    return {
      message: `${shared.vpc} is on no external network that can be used, so there is no way out`,
      hint: `name one in spec.externalNetworks of ${shared.vpc}`,
    };
  return {
    message: `${shared.vpc} is on no external network of type ${type}`,
    hint: `write ${types.join(' or ')}, or name a network of type ${type} in spec.externalNetworks of ${shared.vpc}`,
  };
}
