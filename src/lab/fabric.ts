// The hardware between and around the chassis: a switch per physical network, where hosts outside are attached too.
import { join } from 'node:path';
import { holdNamespace } from './network-namespace.ts';
import type { NetworkNamespace } from './network-namespace.ts';
import type { LabPrograms } from './programs.ts';
import { startVirtualSwitch } from './virtual-switch.ts';
import type { VirtualSwitch } from './virtual-switch.ts';

export interface Fabric {
  readonly switch: VirtualSwitch;
  /** Where the cable from a chassis to a network ends. */
  trunk(network: string, chassis: number): { readonly namespace: NetworkNamespace; readonly port: string };
  /** Plugs that cable in. */
  attach(network: string, chassis: number): Promise<void>;
  /** Plugs in a port of `namespace` that carries the untagged frames of one VLAN (0: the untagged network). */
  attachAccess(network: string, vlan: number, port: string): Promise<void>;
  /** Pulls the cable between a chassis and a network out, or puts it back. */
  setCable(network: string, chassis: number, state: 'up' | 'down'): Promise<void>;
  stop(): Promise<void>;
}

/** `networks`: physical networks; the underlay of the tunnels is added. */
export async function startFabric(
  directory: string,
  networks: readonly string[],
  programs: LabPrograms,
): Promise<Fabric> {
  const namespace = await holdNamespace(programs);
  const ovs = await startVirtualSwitch(join(directory, 'fabric'), namespace, programs);
  for (const network of ['underlay', ...networks]) {
    const bridge = `br-${network}`;
    await ovs.vsctl('add-br', bridge, '--', 'set', 'Bridge', bridge, 'datapath_type=netdev');
  }
  const port = (network: string, chassis: number): string => `${network.slice(0, 11)}-${chassis}`;
  return {
    switch: ovs,
    trunk: (network, chassis) => ({ namespace, port: port(network, chassis) }),
    attach: async (network, chassis) => {
      await ovs.vsctl('add-port', `br-${network}`, port(network, chassis));
    },
    attachAccess: async (network, vlan, name) => {
      const tag = vlan === 0 ? [] : [`tag=${vlan}`];
      await ovs.vsctl('add-port', `br-${network}`, name, ...tag);
    },
    setCable: async (network, chassis, state) => {
      await namespace.script('ip link set dev "$1" "$2"', port(network, chassis), state);
    },
    stop: async () => {
      await ovs.stop();
      await namespace.release();
    },
  };
}
