// A Project expands into a VPC with one subnet, a way out and an address of its own there.
import { formatObjectKey, objectKey } from '../api/api-object.ts';
import { defaultGatewayEIpName } from '../api/eip.ts';
import { backingNamespace } from '../api/project.ts';
import type { Project } from '../api/project.ts';
import type { ExternalNetwork } from '../api/external-network.ts';
import { parseAddress } from '../net/address.ts';
import type { Address, Prefix } from '../net/address.ts';
import {
  formatPrefix,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
  prefixRange,
  usableRange,
} from '../net/prefix.ts';
import { parseRange, subtractRanges } from '../net/range.ts';
import { homeOf, networkFor } from './home-network.ts';
import { networkOfType, networkPool } from './network.ts';
import { reservedRanges } from './reserved-ranges.ts';
import { claimOrder } from './vpc-root.ts';
import type { EgressSeed, VpcRoot } from './vpc-root.ts';
import type { UnitRun } from './unit-run.ts';

/** Returns undefined when a problem of the project (reported) or an undecided wish leaves nothing to build. */
export function projectRoot(project: Project, run: UnitRun): VpcRoot | undefined {
  const source = objectKey(project);
  const name = backingNamespace(project);
  const prefix = projectPrefix(project, run);
  if (prefix === undefined || overlaps(project, prefix, run)) return undefined;
  const gateway = projectGateway(project, prefix, run);
  const egress = projectEgress(project, name, run);
  if (gateway === undefined || egress?.address === undefined) return undefined;
  return {
    name,
    source,
    namespace: name,
    homes: new Map([[name, `${name}-default`]]),
    egress,
    attached: new Map(),
    subnets: [{ name: `${name}-default`, source, prefix, gateway, excluded: [], snat: true, dhcp: true }],
    staticRoutes: [],
    policyRoutes: [],
  };
}

/** The range asked for, else the block that the project was given. */
function projectPrefix(project: Project, run: UnitRun): Prefix | undefined {
  if (project.spec.cidrBlock !== undefined) return parsePrefix(project.spec.cidrBlock);
  const { projectRange } = run.context.config;
  const source = objectKey(project);
  const prefix = parsePrefix(projectRange.cidr);
  if (prefix === undefined) return undefined;
  const recorded = parsePrefix(project.status.cidrBlock ?? run.context.addresses.recorded(source) ?? '');
  const holes = [
    ...projectRange.exclude.flatMap((text) => parseRange(text) ?? []),
    ...reservedRanges(run.context).map((reserved) => prefixRange(reserved.prefix)),
  ];
  const base = run.address(
    {
      prefix,
      spec: {
        name: 'the project range',
        ranges: subtractRanges([prefixRange(prefix)], holes),
        blockLength: projectRange.prefixLength,
      },
    },
    {
      holder: source,
      order: claimOrder(1, project),
      ...(recorded?.length === projectRange.prefixLength && {
        recorded: { family: recorded.family, value: recorded.base },
      }),
    },
    { object: source, path: 'spec.cidrBlock' },
  );
  if (base === undefined) return undefined;
  const block = { family: base.family, base: base.value, length: projectRange.prefixLength };
  run.ledger.push({ holder: source, kind: 'block', value: formatPrefix(block) });
  return block;
}

function overlaps(project: Project, prefix: Prefix, run: UnitRun): boolean {
  const taken = reservedRanges(run.context).find((reserved) => prefixesOverlap(prefix, reserved.prefix));
  if (taken === undefined) return false;
  run.report({
    code: 'Overlap',
    object: objectKey(project),
    path: 'spec.cidrBlock',
    message: `${formatPrefix(prefix)} overlaps ${formatPrefix(taken.prefix)} of ${taken.name}`,
    hint: 'use a range apart from it; overlapping another project is fine',
  });
  return true;
}

function projectGateway(project: Project, prefix: Prefix, run: UnitRun): Address | undefined {
  const { gwLanIp } = project.spec;
  const first = { family: prefix.family, value: usableRange(prefix).first };
  if (gwLanIp === undefined) return first;
  const gateway = parseAddress(gwLanIp);
  if (gateway !== undefined && prefixContains(prefix, gateway)) return gateway;
  run.report({
    code: 'OutOfRange',
    object: objectKey(project),
    path: 'spec.gwLanIp',
    message: `${gwLanIp} is not in ${formatPrefix(prefix)}`,
    hint: 'use an address of the project, or leave the field out to have the first one',
  });
  return undefined;
}

/** The address that the project leaves by is the EIP `default-gw`, which is the router port's own (DESIGN §5). */
function projectEgress(project: Project, namespace: string, run: UnitRun): EgressSeed | undefined {
  const source = objectKey(project);
  const holder = formatObjectKey('EIp', namespace, defaultGatewayEIpName);
  const eip = run.context.inventory.get(holder);
  const recorded =
    run.recorded(holder) ?? parseAddress((eip?.kind === 'EIp' ? eip.status.ipAddress : undefined) ?? '');
  const network = egressNetwork(project, recorded, run);
  if (network === undefined) return undefined;
  const requested = eip?.kind === 'EIp' ? parseAddress(eip.spec.ipAddress ?? '') : undefined;
  const address = run.address(
    networkPool(network),
    {
      holder,
      order: claimOrder(1, project),
      ...(requested !== undefined && { requested }),
      ...(recorded !== undefined && { recorded }),
    },
    requested === undefined
      ? { object: source, path: 'spec.egressNetworkType' }
      : { object: holder, path: 'spec.ipAddress' },
  );
  return { network, source, address };
}

/**
 * The network that a project leaves by is that of its address once it has one: neither another network of the type nor
 * another configured default moves it, and a type that is written cannot be changed.
 */
function egressNetwork(
  project: Project,
  recorded: Address | undefined,
  run: UnitRun,
): ExternalNetwork | undefined {
  const author = { object: objectKey(project), path: 'spec.egressNetworkType' };
  const home = recorded && homeOf(recorded, run.context);
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
