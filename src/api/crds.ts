// The CustomResourceDefinitions of our kinds, made from the same schemas and rules that validation uses.
import type { Kind } from './api-object.ts';
import { eipRules } from './eip.ts';
import { externalNetworkRules } from './external-network.ts';
import { fipRules } from './fip.ts';
import { kinds } from './kind.ts';
import { projectRules } from './project.ts';
import type { KindRules } from './rule.ts';
import { structuralSchema } from './structural-schema.ts';
import { subnetRules } from './subnet.ts';
import { vpcRules } from './vpc.ts';

interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'date';
  readonly jsonPath: string;
  /** Above 0: with `-o wide` only. */
}

interface Resource {
  readonly kind: Kind;
  readonly shortNames?: readonly string[];
  readonly description: string;
  /** In the order shown. Those of EIp and FIp are Kube-DC's, and then the reason. */
  readonly columns: readonly Column[];
  readonly rules: KindRules<never>;
  readonly isSpecRequired: boolean;
}

const column = (name: string, type: Column['type'], jsonPath: string): Column => ({ name, type, jsonPath });
const age = column('Age', 'date', '.metadata.creationTimestamp');
const ready = column('Ready', 'boolean', '.status.ready');
/** In one word why it is ready, or not. */
const reason = column('Reason', 'string', '.status.conditions[?(@.type=="Ready")].reason');

const resources: readonly Resource[] = [
  {
    kind: 'Project',
    description: 'The network of a tenant. It lives in the namespace of its organization.',
    columns: [
      column('Network', 'string', '.status.namespace'),
      column('CIDR', 'string', '.status.cidrBlock'),
      column('Egress', 'string', '.spec.egressNetworkType'),
      ready,
      reason,
      age,
    ],
    rules: projectRules,
    isSpecRequired: false,
  },
  {
    kind: 'EIp',
    description: 'One address of an external network, held by a project.',
    columns: [
      column('External IP', 'string', '.status.ipAddress'),
      ready,
      age,
      column('Ownership', 'string', '.status.ownershipType'),
      reason,
    ],
    rules: eipRules,
    isSpecRequired: false,
  },
  {
    kind: 'FIp',
    description: 'One external address that stands for one internal address, in both directions.',
    columns: [
      column('Target IP', 'string', '.status.resolvedTargetIP'),
      column('External IP', 'string', '.status.externalIP'),
      column('VM', 'string', '.status.targetVMInterface.vmName'),
      column('Interface', 'string', '.status.targetVMInterface.interfaceName'),
      ready,
      reason,
    ],
    rules: fipRules,
    isSpecRequired: true,
  },
  {
    kind: 'ExternalNetwork',
    shortNames: ['extnet'],
    description: 'A physical VLAN with a pool of addresses.',
    columns: [
      column('Type', 'string', '.spec.type'),
      column('CIDR', 'string', '.spec.cidr'),
      column('VLAN', 'integer', '.spec.vlan'),
      column('Held', 'integer', '.status.allocated'),
      column('Of', 'integer', '.status.capacity'),
      ready,
      reason,
      age,
    ],
    rules: externalNetworkRules,
    isSpecRequired: true,
  },
  {
    kind: 'Vpc',
    description:
      'One isolated routing domain that no Project makes, such as the network of the platform itself.',
    columns: [ready, reason, age],
    rules: vpcRules,
    isSpecRequired: false,
  },
  {
    kind: 'Subnet',
    description: 'One range of a Vpc or of a physical VLAN, and the switch for it.',
    columns: [
      column('VPC', 'string', '.spec.vpc'),
      column('VLAN', 'integer', '.spec.underlay.vlan'),
      column('CIDR', 'string', '.spec.cidr'),
      ready,
      reason,
      age,
    ],
    rules: subnetRules,
    isSpecRequired: true,
  },
];

/** All CustomResourceDefinitions (apiextensions.k8s.io/v1), for `kubectl apply`. Plain data, fresh at each call. */
export function customResourceDefinitions(): readonly object[] {
  return resources.map(definition);
}

function definition({ kind, shortNames, description, columns, rules, isSpecRequired }: Resource): object {
  const { apiVersion, plural, scope, name, body, status } = kinds[kind];
  const isNameLabel = name === 'label';
  const [group = '', version = ''] = apiVersion.split('/');
  const spec = body.properties['spec'] ?? {};
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        ...(shortNames === undefined ? {} : { shortNames }),
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          ...(columns.length > 0 ? { additionalPrinterColumns: columns } : {}),
          schema: {
            openAPIV3Schema: structuralSchema({
              description,
              spec,
              status,
              rules,
              isSpecRequired,
              isNameLabel,
            }),
          },
          subresources: { status: {} },
        },
      ],
    },
  };
}
