// One hypervisor: an Open vSwitch, an ovn-controller, bridges to the physical networks, a tunnel address.
import { join } from 'node:path';
import { stopDaemon } from '../embedded/child.ts';
import type { Fabric } from './fabric.ts';
import { connectNamespaces, holdNamespace } from './network-namespace.ts';
import type { LabPrograms } from './programs.ts';
import { logArguments, startVirtualSwitch } from './virtual-switch.ts';
import type { VirtualSwitch } from './virtual-switch.ts';

export interface ChassisOptions {
  /** From 1. */
  readonly number: number;
  readonly isGateway: boolean;
  /** Bridged as `br-{network}`. */
  readonly physicalNetworks: readonly string[];
  /** `unix:/…/sb.sock` */
  readonly southbound: string;
  /** Its folder is made below. */
  readonly directory: string;
}

export interface Chassis {
  /** Its system-id, `chassis-1`. */
  readonly name: string;
  readonly number: number;
  readonly switch: VirtualSwitch;
  /** Says that it may host gateways, or no longer: `enable-chassis-as-gw` of `ovn-cms-options`. */
  offerGateway(isOffered: boolean): Promise<void>;
  /** Pulls all its cables, that to the Southbound database too. Its workloads go on running. */
  cutOff(): Promise<void>;
  /** Plugs them in again. */
  rejoin(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it; its ovn-controller registers itself in SB a moment later. */
export async function startChassis(
  { number, isGateway, physicalNetworks, southbound, directory }: ChassisOptions,
  fabric: Fabric,
  programs: LabPrograms,
): Promise<Chassis> {
  const name = `chassis-${number}`;
  const namespace = await holdNamespace(programs);
  const ovs = await startVirtualSwitch(join(directory, name), namespace, programs);
  const tunnelAddress = `192.0.2.${number}`;
  await connectUnderlay(ovs, `${tunnelAddress}/24`, number, fabric);
  for (const network of physicalNetworks) await connectNetwork(ovs, network, number, fabric);
  const settings: Readonly<Record<string, string>> = {
    'system-id': name,
    hostname: name,
    'ovn-remote': southbound,
    'ovn-encap-type': 'geneve',
    'ovn-encap-ip': tunnelAddress,
    'ovn-bridge-datapath-type': 'netdev',
    'ovn-bridge-mappings': physicalNetworks.map((network) => `${network}:br-${network}`).join(','),
    'ovn-monitor-all': 'true',
    ...(isGateway && { 'ovn-cms-options': 'enable-chassis-as-gw' }),
  };
  const pairs = Object.entries(settings).map(([key, value]) => `external_ids:${key}="${value}"`);
  await ovs.vsctl('--no-wait', 'set', 'Open_vSwitch', '.', ...pairs);
  const controller = await namespace.daemon(
    programs.path('ovn-controller'),
    [ovs.database, ...logArguments(ovs.directory, 'ovn-controller')],
    ovs.environment,
  );
  const setCables = async (state: 'up' | 'down'): Promise<void> => {
    const remote = state === 'up' ? southbound : `${southbound}.cut`;
    await ovs.vsctl('--no-wait', 'set', 'Open_vSwitch', '.', `external_ids:ovn-remote="${remote}"`);
    for (const network of ['underlay', ...physicalNetworks]) await fabric.setCable(network, number, state);
  };
  return {
    name,
    number,
    switch: ovs,
    offerGateway: async (isOffered) => {
      const change = isOffered
        ? ['set', 'Open_vSwitch', '.', 'external_ids:ovn-cms-options=enable-chassis-as-gw']
        : ['remove', 'Open_vSwitch', '.', 'external_ids', 'ovn-cms-options'];
      await ovs.vsctl('--no-wait', ...change);
    },
    cutOff: () => setCables('down'),
    rejoin: () => setCables('up'),
    stop: async () => {
      await stopDaemon(controller);
      await ovs.stop();
      await namespace.release();
    },
  };
}

/** `br-phy` holds the tunnel address: the userspace datapath routes tunnels by the addresses of its own bridges. */
async function connectUnderlay(
  ovs: VirtualSwitch,
  address: string,
  number: number,
  fabric: Fabric,
): Promise<void> {
  await connectNamespaces({ namespace: ovs.namespace, port: 'underlay' }, fabric.trunk('underlay', number));
  await fabric.attach('underlay', number);
  await ovs.vsctl('add-br', 'br-phy', ...userspace('br-phy'), '--', 'add-port', 'br-phy', 'underlay');
  await ovs.namespace.script('ip address add "$1" dev br-phy && ip link set dev br-phy up', address);
}

async function connectNetwork(
  ovs: VirtualSwitch,
  network: string,
  number: number,
  fabric: Fabric,
): Promise<void> {
  const bridge = `br-${network}`;
  const port = `to-${network}`;
  await connectNamespaces({ namespace: ovs.namespace, port }, fabric.trunk(network, number));
  await fabric.attach(network, number);
  await ovs.vsctl('add-br', bridge, ...userspace(bridge), '--', 'add-port', bridge, port);
}

/** Arguments of `ovs-vsctl` after `add-br`. */
function userspace(bridge: string): readonly string[] {
  return ['--', 'set', 'Bridge', bridge, 'datapath_type=netdev'];
}
