// Who sends and who answers in the demonstration: the workloads of examples/packets, and hosts outside.
import type { Host, ListenerHandle } from '../../../lab/host.ts';
import type { Lab } from '../../../lab/lab.ts';
import { portAddressing } from '../../../lab/port-addressing.ts';

/** On which hypervisor each workload runs; 1 and 2 may host gateways. */
const workloads = {
  web0: { port: 'web-0.acme-shop', chassis: 3 },
  web1: { port: 'web-1.acme-shop', chassis: 1 },
  debian: { port: 'debian.acme-shop', chassis: 3 },
  fedora: { port: 'fedora.acme-shop', chassis: 3 },
  both: { port: 'both.acme-shop', chassis: 3 },
  twin: { port: 'web-0.acme-twin', chassis: 3 },
  guest: { port: 'guest.acme-twin', chassis: 3 },
  teller: { port: 'teller.acme-bank', chassis: 3 },
} as const;

/** The internet, behind the provider's router. */
export const internetAddress = '203.0.113.1';
const cloud = { network: 'ext-cloud', vlan: 4013 };
const open = { network: 'ext-cloud', vlan: 4011 };

type Role = keyof typeof workloads | 'internet' | 'cloudHost' | 'otherHost' | 'publicHost';
export interface Cast extends Readonly<Record<Role, Host>> {
  /** Port 53 of web0, UDP. */
  readonly door: ListenerHandle;
}

/** Plugs everybody in; resolves when the hypervisors have carried it out. The servers run until the lab stops. */
export async function assembleCast(lab: Lab): Promise<Cast> {
  const plug = async ({ port, chassis }: { port: string; chassis: number }): Promise<Host> =>
    lab.plug({ port, chassis, ...(await portAddressing(lab.ovn, port)) });
  const [hosts, internet, cloudHost, otherHost, publicHost] = await Promise.all([
    Promise.all(Object.entries(workloads).map(async ([role, where]) => [role, await plug(where)] as const)),
    startInternet(lab),
    lab.outside('cloud-host', { ...cloud, addresses: ['100.65.0.10/16'], gateways: ['100.65.0.1'] }),
    lab.outside('other-host', { ...cloud, addresses: ['100.65.0.11/16'], gateways: ['100.65.0.1'] }),
    lab.outside('public-host', { ...open, addresses: ['168.119.17.60/28'], gateways: ['168.119.17.49'] }),
  ]);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its keys are those of `workloads`
  const plugged = Object.fromEntries(hosts) as Record<keyof typeof workloads, Host>;
  const everybody = { ...plugged, internet, cloudHost, otherHost, publicHost };
  await startServers(everybody);
  const door = await plugged.web0.listen('udp', 53);
  await lab.settled();
  return { ...everybody, door };
}

/** The provider's router, with the internet behind it. It forwards between the networks and translates nothing. */
async function startInternet(lab: Lab): Promise<Host> {
  const host = await lab.outside(
    'internet',
    { ...cloud, addresses: ['100.65.0.1/16'] },
    { ...open, addresses: ['168.119.17.49/28'] },
  );
  await host.script('ip address add "$1/32" dev lo; echo 1 >/proc/sys/net/ipv4/ip_forward', internetAddress);
  return { ...host, address: internetAddress };
}

async function startServers({
  web0,
  web1,
  debian,
  fedora,
  both,
  twin,
  internet,
}: Omit<Cast, 'door'>): Promise<void> {
  await Promise.all([
    ...[web0, web1, both, twin, internet].map((host) => host.listen('tcp', 80)),
    ...[fedora, internet].map((host) => host.listen('udp', 53)),
    fedora.listen('tcp', 4321),
    both.listen('tcp', 4321),
    debian.listen('tcp', 22),
    web0.listen('tcp', 7000),
    twin.listen('tcp', 7000),
  ]);
}
