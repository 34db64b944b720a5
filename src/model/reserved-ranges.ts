// Ranges that a tenant's network must not overlap.
import { objectKey } from '../api/api-object.ts';
import type { Problem } from '../base/problem.ts';
import { parsePrefixList } from '../net/family-list.ts';
import { formatPrefix, prefixesOverlap } from '../net/prefix.ts';
import type { Prefix } from '../net/address.ts';
import type { ModelContext } from './model-context.ts';

export interface NamedRange {
  /** For people: `ExternalNetwork/ext-cloud`, `Subnet/join`, or the name given in the configuration. */
  readonly name: string;
  readonly prefix: Prefix;
}

/** Well-known ranges of OVN-Kubernetes, for hosts that it shares. Source: its `pkg/types/const.go`. */
const ovnKubernetesRanges = [
  { name: "OVN-Kubernetes' join network", cidr: '100.64.0.0/16' },
  { name: "OVN-Kubernetes' join network of user-defined networks", cidr: '100.65.0.0/16' },
  { name: "OVN-Kubernetes' masquerade range", cidr: '169.254.169.0/29' },
  { name: "OVN-Kubernetes' join network", cidr: 'fd98::/64' },
  { name: "OVN-Kubernetes' join network of user-defined networks", cidr: 'fd99::/64' },
  { name: "OVN-Kubernetes' masquerade range", cidr: 'fd69::/112' },
];

/** What a workload sees as its client when it reaches itself; that of IPv4 is link-local, where no range can be. */
const hairpinRange = { name: 'workloads that reach themselves through a load balancer', cidr: 'fd69::5/128' };

/** Configured ranges, the subnets of the management VPC, and (unless told otherwise) every external network. */
export function reservedRanges(context: ModelContext, { networks = true } = {}): NamedRange[] {
  const { inventory, config } = context;
  const named = [
    hairpinRange,
    ...config.reservedRanges,
    ...(config.sharedHost ? ovnKubernetesRanges : []),
    ...inventory
      .subnetsOf(config.managementVpc)
      .map((subnet) => ({ name: objectKey(subnet), cidr: subnet.spec.cidr })),
    ...(networks ? inventory.networks() : []).map((network) => ({
      name: objectKey(network),
      cidr: network.spec.cidr,
    })),
  ];
  return named.flatMap(({ name, cidr }) => (parsePrefixList(cidr) ?? []).map((prefix) => ({ name, prefix })));
}

/** The first of `taken` that one of `prefixes` overlaps. `text`: `10.0.0.0/8 overlaps 10.100.0.0/16 of Subnet/x`. */
export function findOverlap(
  prefixes: readonly Prefix[],
  taken: readonly NamedRange[],
): { readonly text: string } | undefined {
  for (const prefix of prefixes) {
    const other = taken.find((range) => prefixesOverlap(prefix, range.prefix));
    if (other === undefined) continue;
    return { text: `${formatPrefix(prefix)} overlaps ${formatPrefix(other.prefix)} of ${other.name}` };
  }
  return undefined;
}

/** Of an object whose `spec.cidr` is not free; none when nothing overlaps. `overlap`: as {@link findOverlap} gives it. */
export function overlapProblems(
  object: string,
  overlap: ReturnType<typeof findOverlap>,
  hint: string,
): Problem[] {
  if (overlap === undefined) return [];
  return [{ code: 'Overlap', object, path: 'spec.cidr', message: overlap.text, hint }];
}
