// Cables of hosts: a workload into the integration bridge of its hypervisor, a host outside into the fabric.
import type { EmbeddedOvn } from '../embedded/central.ts';
import { CodedError } from '../base/errors.ts';
import type { Chassis } from './chassis.ts';
import type { Fabric } from './fabric.ts';
import { type Host, type HostPort, startHost } from './host.ts';
import { connectNamespaces } from './network-namespace.ts';
import type { LabPrograms } from './programs.ts';

/** A workload, as a CNI would be asked to plug it. */
export interface Workload {
  /** Name of its Logical_Switch_Port. */
  readonly port: string;
  /** What it calls itself in answers. Default: as its port. */
  readonly name?: string;
  readonly mac: string;
  /** `10.0.10.2/24` */
  readonly addresses: readonly string[];
  readonly gateways: readonly string[];
  /** Default 1400. */
  readonly mtuBytes?: number;
  /** Number of the chassis that it runs on. Default 1. */
  readonly chassis?: number;
}

/** One attachment of a host outside. */
export interface Attachment {
  /** Physical network. */
  readonly network: string;
  /** 0: the untagged network. */
  readonly vlan: number;
  /** `100.65.0.10/16` */
  readonly addresses: readonly string[];
  readonly gateways?: readonly string[];
}

/** What cables are plugged into. */
export interface Sockets {
  readonly ovn: EmbeddedOvn;
  readonly chassis: readonly Chassis[];
  readonly fabric: Fabric;
  readonly programs: LabPrograms;
  /** A name that no port of a switch has yet. */
  nextCable(): string;
}

/** Plugs a workload in and resolves when OVN says that its port is up. */
export async function plugWorkload(workload: Workload, sockets: Sockets): Promise<Host> {
  const { port, name = port, mac, addresses, gateways, mtuBytes = 1400, chassis: number = 1 } = workload;
  const { ovn, programs } = sockets;
  const chassis = sockets.chassis.find((candidate) => candidate.number === number);
  if (chassis === undefined)
    throw new CodedError('LAB_NO_CHASSIS', `there is no chassis ${number}`, { retryable: false });
  const ovs = chassis.switch;
  const cable = sockets.nextCable();
  const ports: HostPort[] = [{ name: 'eth0', mac, addresses, gateways, mtuBytes }];
  const host = await startHost(
    { name, origins: [{ port }], ports },
    async (namespace) => {
      await connectNamespaces({ namespace: ovs.namespace, port: cable }, { namespace, port: 'eth0' });
      const record = ['set', 'Interface', cable, `external_ids:iface-id="${port}"`];
      await ovs.vsctl('add-port', 'br-int', cable, '--', ...record);
    },
    programs,
  );
  await ovn.nbctl('--timeout=60', 'wait-until', 'Logical_Switch_Port', port, 'up=true');
  return unpluggedFirst(host, () => ovs.vsctl('--no-wait', '--if-exists', 'del-port', 'br-int', cable));
}

/** A host outside, with ports eth0, eth1 … in the order of `attachments`. */
export async function attachHost(
  name: string,
  attachments: readonly Attachment[],
  sockets: Sockets,
): Promise<Host> {
  const { fabric, programs } = sockets;
  const cables = attachments.map(({ network, vlan }) => ({ network, vlan, cable: sockets.nextCable() }));
  const ports = attachments.map(({ addresses, gateways = [] }, index): HostPort => {
    return { name: `eth${index}`, addresses, gateways };
  });
  const host = await startHost(
    { name, origins: cables.map(({ network, vlan }) => ({ network, vlan })), ports },
    async (namespace) => {
      for (const [index, { network, vlan, cable }] of cables.entries()) {
        const end = { namespace: fabric.switch.namespace, port: cable };
        await connectNamespaces(end, { namespace, port: `eth${index}` });
        await fabric.attachAccess(network, vlan, cable);
      }
    },
    programs,
  );
  return unpluggedFirst(host, async () => {
    for (const { cable } of cables) await fabric.switch.vsctl('--no-wait', '--if-exists', 'del-port', cable);
  });
}

function unpluggedFirst(host: Host, unplug: () => Promise<unknown>): Host {
  const stop = async (): Promise<void> => {
    await unplug();
    await host.stop();
  };
  return { ...host, stop, [Symbol.asyncDispose]: stop };
}
