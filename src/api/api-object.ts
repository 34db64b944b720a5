// The objects that people write, as one union, and the key that names one of them.
import type { EIp } from './eip.ts';
import type { EndpointSlice } from './endpoint-slice.ts';
import type { ExternalNetwork } from './external-network.ts';
import type { FIp } from './fip.ts';
import type { Namespace } from './namespace.ts';
import type { NetworkPolicy } from './network-policy.ts';
import type { Node } from './node.ts';
import type { PlatformPolicy } from './platform-policy.ts';
import type { Pod } from './pod.ts';
import type { Project } from './project.ts';
import type { Service } from './service.ts';
import type { Subnet } from './subnet.ts';
import type { VirtualMachineInstance } from './virtual-machine-instance.ts';
import type { VirtualMachine } from './virtual-machine.ts';
import type { Vpc } from './vpc.ts';

/** Every kind that is read; discriminated by `kind`. Immutable: an object that changed is another object. */
export type ApiObject =
  | EIp
  | EndpointSlice
  | ExternalNetwork
  | FIp
  | Namespace
  | Node
  | NetworkPolicy
  | PlatformPolicy
  | Pod
  | Project
  | Service
  | Subnet
  | VirtualMachine
  | VirtualMachineInstance
  | Vpc;

export type Kind = ApiObject['kind'];

/** The member of the union with that kind: `ObjectOf<'EIp'>` is `EIp`. */
export type ObjectOf<K extends Kind> = Extract<ApiObject, { readonly kind: K }>;

/** `Kind/namespace/name`, or `Kind/name` for cluster-scoped kinds: `EIp/shalb-demo/ssh-arti`, `Vpc/ovn-cluster`. */
export function objectKey(object: {
  readonly kind: string;
  readonly metadata: { readonly namespace: string; readonly name: string };
}): string {
  const { namespace, name } = object.metadata;
  return formatObjectKey(object.kind, namespace, name);
}

/** {@link objectKey} from its parts; an empty namespace stands for a cluster-scoped kind. */
export function formatObjectKey(kind: string, namespace: string, name: string): string {
  return namespace === '' ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}
