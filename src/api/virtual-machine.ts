// VirtualMachine (kubevirt.io/v1): that there is one, be it stopped, is all that is read of it.
import type { KubernetesObject } from './metadata.ts';

export type VirtualMachine = KubernetesObject<'kubevirt.io/v1', 'VirtualMachine'>;
