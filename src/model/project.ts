// A Project expands into a VPC with one subnet, a way out and an address of its own there.
import { formatObjectKey, objectKey } from '../api/api-object.ts';
import { defaultGatewayEIpName } from '../api/eip.ts';
import { backingNamespace } from '../api/project.ts';
import type { Project } from '../api/project.ts';
import type { ExternalNetwork } from '../api/external-network.ts';
import type { Address, Family, Prefix } from '../net/address.ts';
import { commonFamilies, formatPrefixList, parseAddressList, parsePrefixList } from '../net/family-list.ts';
import { reportUnshared } from './eip-families.ts';
import { homeOf, networkFor } from './home-network.ts';
import { isolationSeed } from './isolation.ts';
import { networkOfType, networkPools, networkPrefixes } from './network.ts';
import { projectBlocks } from './project-blocks.ts';
import { findOverlap, reservedRanges } from './reserved-ranges.ts';
import { claimOrder, leavesBy, subnetRanges } from './vpc-root.ts';
import type { EgressSeed, VpcRoot } from './vpc-root.ts';
import type { UnitRun } from './unit-run.ts';

/** Returns undefined when a problem of the project (reported) or an undecided wish leaves nothing to build. */
export function projectRoot(project: Project, run: UnitRun): VpcRoot | undefined {
  const source = objectKey(project);
  const name = backingNamespace(project);
  const { cidrBlock, gwLanIp, subnetAcls } = project.spec;
  const prefixes = cidrBlock === undefined ? projectBlocks(project, run) : parsePrefixList(cidrBlock);
  if (prefixes === undefined || overlaps(project, prefixes, run)) return undefined;
  const egress = projectEgress(project, name, prefixes, run);
  if (egress === undefined) return undefined;
  const ranges = subnetRanges(prefixes, parseAddressList(gwLanIp ?? '') ?? []);
  return {
    name,
    source,
    namespace: name,
    homes: new Map([[name, `${name}-default`]]),
    egress,
    attached: new Map(),
    subnets: [
      {
        name: `${name}-default`,
        source,
        ranges,
        excluded: [],
        egress: leavesBy(egress),
        dhcp: true,
        written: { acls: subnetAcls, path: 'spec.subnetAcls' },
      },
    ],
    staticRoutes: [],
    policyRoutes: [],
    isolation: isolationSeed(project, run),
  };
}

function overlaps(project: Project, prefixes: readonly Prefix[], run: UnitRun): boolean {
  const overlap = findOverlap(prefixes, reservedRanges(run.context));
  if (overlap === undefined) return false;
  run.report({
    code: 'Overlap',
    object: objectKey(project),
    path: 'spec.cidrBlock',
    message: overlap.text,
    hint: 'use a range apart from it; overlapping another project is fine',
  });
  return true;
}

/** The address that the project leaves by is the EIP `default-gw`, which is the router port's own (DESIGN §5). */
function projectEgress(
  project: Project,
  namespace: string,
  prefixes: readonly Prefix[],
  run: UnitRun,
): EgressSeed | undefined {
  const source = objectKey(project);
  const holder = formatObjectKey('EIp', namespace, defaultGatewayEIpName);
  const object = run.context.inventory.get(holder);
  const eip = object?.kind === 'EIp' ? object : undefined;
  const ledger = run.recorded(holder);
  const recorded = ledger.length > 0 ? ledger : (parseAddressList(eip?.status.ipAddress ?? '') ?? []);
  const network = egressNetwork(project, recorded, run);
  if (network === undefined) return undefined;
  const shared = commonFamilies(prefixes, networkPrefixes(network));
  reportFamilies(project, prefixes, network, shared, run);
  const requested = parseAddressList(eip?.spec.ipAddress ?? '') ?? [];
  reportUnshared(requested, network, shared, { object: holder, path: 'spec.ipAddress' }, run);
  const pools = networkPools(network, shared, run.context);
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
  const type = egressNetworkType ?? standing ?? run.context.config.defaultEgressNetworkType;
  const network = networkFor(type, recorded, networkOfType(type, run.context), author, run);
  if (network !== undefined || run.isBlocked) return network;
  run.report({
    ...author,
    code: 'NotFound',
    message: `there is no usable ExternalNetwork of type ${type}`,
    hint: `create one with spec.type: ${type}, or look at the problems of those that exist`,
  });
  return undefined;
}
