// Ranges that a tenant's network must not overlap.
import { objectKey } from '../api/api-object.ts';
import { parsePrefix } from '../net/prefix.ts';
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
];

/** Configured ranges, the subnets of the management VPC, and (unless told otherwise) every external network. */
export function reservedRanges(context: ModelContext, { networks = true } = {}): NamedRange[] {
  const { inventory, config } = context;
  const named = [
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
  return named.flatMap(({ name, cidr }) => {
    const prefix = parsePrefix(cidr);
    return prefix === undefined ? [] : [{ name, prefix }];
  });
}
