// VirtualMachineInstance (kubevirt.io/v1): a virtual machine that runs, its interfaces, and where it moves to.
import { Type, type Static } from 'typebox';
import type { KubernetesObject } from './metadata.ts';
import type { Immutable } from './schema.ts';

const networkSchema = Type.Object({
  /** Also the name of the interface that is in it. */
  name: Type.String(),
  pod: Type.Optional(Type.Object({})),
  multus: Type.Optional(Type.Object({ default: Type.Boolean({ default: false }) })),
});

export const virtualMachineInstanceSpecSchema = Type.Object(
  { networks: Type.Array(networkSchema, { default: [] }) },
  { default: {} },
);

const interfaceSchema = Type.Object({
  /** That of its network; absent for what only the guest knows of, such as a bridge of its containers. */
  name: Type.Optional(Type.String()),
  /** What the guest calls it: `eth0`. */
  interfaceName: Type.Optional(Type.String()),
  ipAddress: Type.Optional(Type.String()),
  ipAddresses: Type.Array(Type.String(), { default: [] }),
  mac: Type.Optional(Type.String()),
  /** Who said so: `domain, guest-agent`. */
  infoSource: Type.Optional(Type.String()),
});

const migrationStateSchema = Type.Object({
  sourceNode: Type.Optional(Type.String()),
  sourcePod: Type.Optional(Type.String()),
  targetNode: Type.Optional(Type.String()),
  targetPod: Type.Optional(Type.String()),
  completed: Type.Boolean({ default: false }),
  failed: Type.Boolean({ default: false }),
  endTimestamp: Type.Optional(Type.String()),
});

export const virtualMachineInstanceStatusSchema = Type.Object(
  {
    /** `Pending`, `Scheduling`, `Scheduled`, `Running`, `Succeeded`, `Failed` or `Unknown`. */
    phase: Type.Optional(Type.String()),
    nodeName: Type.Optional(Type.String()),
    interfaces: Type.Array(interfaceSchema, { default: [] }),
    /** Of the last move, be it over. */
    migrationState: Type.Optional(migrationStateSchema),
  },
  { default: {} },
);

export interface VirtualMachineInstance extends KubernetesObject<'kubevirt.io/v1', 'VirtualMachineInstance'> {
  readonly spec: Immutable<Static<typeof virtualMachineInstanceSpecSchema>>;
  readonly status: Immutable<Static<typeof virtualMachineInstanceStatusSchema>>;
}
