// Pod (v1): where a workload runs, the names of its ports, and whether it is ready.
import { Type, type Static } from 'typebox';
import { parseMac } from '../net/mac.ts';
import { annotation, requestedSubnet } from './annotations.ts';
import { checkAddresses } from './field.ts';
import { checkLabel } from './name-field.ts';
import { annotationPath, finding, type Finding } from './finding.ts';
import type { KubernetesObject } from './metadata.ts';
import { word, type Immutable } from './schema.ts';

const containerSchema = Type.Object({
  name: Type.String({ default: '' }),
  ports: Type.Array(
    Type.Object({
      name: Type.Optional(Type.String()),
      containerPort: Type.Integer({ minimum: 1, maximum: 65_535 }),
      protocol: word(['TCP', 'UDP', 'SCTP'], { default: 'TCP' }),
    }),
    { default: [] },
  ),
});

export const podSpecSchema = Type.Object(
  {
    nodeName: Type.Optional(Type.String()),
    /** Together with `subdomain`, the name of a headless Service: the Pod's own name below the Service's. */
    hostname: Type.Optional(Type.String()),
    subdomain: Type.Optional(Type.String()),
    hostNetwork: Type.Boolean({ default: false }),
    containers: Type.Array(containerSchema, { default: [] }),
  },
  { default: {} },
);

export const podStatusSchema = Type.Object(
  {
    /** `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`; absent in a manifest. */
    phase: Type.Optional(Type.String()),
    podIP: Type.Optional(Type.String()),
    podIPs: Type.Array(Type.Object({ ip: Type.String() }), { default: [] }),
    conditions: Type.Array(Type.Object({ type: Type.String(), status: word(['True', 'False', 'Unknown']) }), {
      default: [],
    }),
  },
  { default: {} },
);

export type PodSpec = Immutable<Static<typeof podSpecSchema>>;
export type PodStatus = Immutable<Static<typeof podStatusSchema>>;

export interface Pod extends KubernetesObject<'v1', 'Pod'> {
  readonly spec: PodSpec;
  readonly status: PodStatus;
}

/** What is wrong with the address, MAC or Subnet that a Pod asks for. */
export function checkPod({ metadata }: Pick<Pod, 'metadata'>): Finding[] {
  const address = metadata.annotations[annotation.ipAddress];
  const mac = metadata.annotations[annotation.macAddress];
  const subnet = requestedSubnet({ metadata });
  return [
    ...(address === undefined ? [] : checkAddresses(annotationPath(annotation.ipAddress), address)),
    ...(mac === undefined ? [] : checkMac(mac)),
    ...(subnet === undefined
      ? []
      : checkLabel(annotationPath(annotation.subnet), subnet, 'the name of a Subnet')),
  ];
}

function checkMac(text: string): Finding[] {
  const path = annotationPath(annotation.macAddress);
  const mac = parseMac(text);
  if (mac === undefined) {
    return [
      finding(
        'Invalid',
        path,
        `${JSON.stringify(text)} is not a MAC address`,
        'write it as 0a:58:0a:00:0a:04',
      ),
    ];
  }
  const isGroup = (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
  if (!isGroup && mac !== '00:00:00:00:00:00') return [];
  return [
    finding(
      'Invalid',
      path,
      `${text} is no address that a single interface can have`,
      'use an even first octet',
    ),
  ];
}
