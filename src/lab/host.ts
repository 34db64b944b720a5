// A host of the lab, inside or outside: a namespace with an Ethernet port, from which one pings, connects and listens.
import type { AgentLink } from './agent-link.ts';
import { startAgent } from './agent-link.ts';
import type { ProbeResult, Transport, Visit } from './agent/protocol.ts';
import { namespaceOf } from './network-namespace.ts';
import type { CommandResult, NetworkNamespace } from './network-namespace.ts';
import type { LabPrograms } from './programs.ts';

/** One Ethernet port of a host. */
export interface HostPort {
  /** `eth0` */
  readonly name: string;
  readonly mac?: string | undefined;
  /** `10.0.10.2/24` */
  readonly addresses: readonly string[];
  /** Default routes. */
  readonly gateways?: readonly string[];
  readonly mtuBytes?: number | undefined;
}

export interface HostPlan {
  readonly name: string;
  readonly origins: readonly LogicalOrigin[];
  readonly ports: readonly HostPort[];
}

export interface ProbeOptions {
  readonly timeoutMs?: number;
  readonly bytes?: number;
  readonly localAddress?: string;
  readonly localPort?: number;
}

export interface ListenerHandle extends AsyncDisposable {
  /** Everybody who came so far. */
  visits(): Promise<readonly Visit[]>;
  close(): Promise<void>;
}

export interface PingResult {
  readonly sent: number;
  readonly received: number;
  /** What `ping` printed. */
  readonly text: string;
}

/** Where OVN first sees a packet of the host, by port. */
export type LogicalOrigin =
  /** Logical_Switch_Port of a workload. */
  | { readonly port: string }
  /** VLAN of a physical network. */
  | { readonly network: string; readonly vlan: number };

export interface Host extends AsyncDisposable {
  readonly name: string;
  /** Of eth0, eth1 … */
  readonly origins: readonly LogicalOrigin[];
  readonly namespace: NetworkNamespace;
  /** Without prefix length; the first of the first port. */
  readonly address: string;
  /** Runs a program in the host, whatever its exit code. */
  exec(...command: readonly string[]): Promise<CommandResult>;
  /** Runs a shell script in the host. @throws LAB_COMMAND_FAILED */
  script(text: string, ...args: readonly string[]): Promise<string>;
  ping(
    target: string,
    options?: { count?: number; timeoutMs?: number; source?: string },
  ): Promise<PingResult>;
  /** Connects, sends, and expects it back. `target` is `100.65.0.102:80` or `[2001:db8::1]:80`. Never throws for what the network does. */
  tcp(target: string, options?: ProbeOptions): Promise<ProbeResult>;
  /** The same with one datagram. */
  udp(target: string, options?: ProbeOptions): Promise<ProbeResult>;
  /** Starts a server that answers with its name and the address that it saw. */
  listen(transport: Transport, port: number, family?: 4 | 6): Promise<ListenerHandle>;
  /** Neighbour table, `192.0.2.1 dev eth0 lladdr … REACHABLE`. */
  neighbours(): Promise<string>;
  /** Ends it; its ports go with it. */
  stop(): Promise<void>;
}

/** Makes the host; `plug` connects its ports, before they are configured. */
export async function startHost(
  { name, origins, ports }: HostPlan,
  plug: (namespace: NetworkNamespace) => Promise<void>,
  programs: LabPrograms,
): Promise<Host> {
  const agent = await startAgent(name, programs);
  try {
    const namespace = namespaceOf(agent.pid, programs);
    await namespace.script(`
      ip link set dev lo up; cd /proc/sys/net/ipv6/conf/default
      echo 0 >accept_dad; echo 0 >accept_ra`);
    await plug(namespace);
    for (const port of ports) await configurePort(namespace, port);
    return hostOf({ name, origins, ports }, agent, namespace);
  } catch (error) {
    await agent.stop();
    throw error;
  }
}

async function configurePort(
  namespace: NetworkNamespace,
  { name, mac, addresses, gateways, mtuBytes }: HostPort,
): Promise<void> {
  const lines = [
    // The userspace datapath takes packets as they are: a checksum that hardware would fill in stays wrong.
    `ethtool -K ${name} tx off >/dev/null`,
    // While it is down, so that its link-local address follows from it.
    ...(mac === undefined ? [] : [`ip link set dev ${name} down address ${mac}`]),
    ...(mtuBytes === undefined ? [] : [`ip link set dev ${name} mtu ${mtuBytes}`]),
    `ip link set dev ${name} up`,
    ...addresses.map((address) => `ip address add ${address} dev ${name}${withoutDetection(address)}`),
    ...(gateways ?? []).map((gateway) => `ip route add default via ${gateway} dev ${name}`),
  ];
  await namespace.script(lines.join('\n'));
}

/** Otherwise the kernel refuses to send from an IPv6 address until a worker of its own has looked at it. */
const withoutDetection = (address: string): string => (address.includes(':') ? ' nodad' : '');

function hostOf({ name, origins, ports }: HostPlan, agent: AgentLink, namespace: NetworkNamespace): Host {
  const probe =
    (transport: Transport): Host['tcp'] =>
    (target, { timeoutMs = 2000, bytes = 4, ...local } = {}) =>
      agent.ask({ do: 'probe', transport, ...endpointOf(target), timeoutMs, bytes, ...local });
  return {
    name,
    origins,
    namespace,
    address: ports[0]?.addresses[0]?.split('/')[0] ?? '',
    exec: (...command) => namespace.exec(command),
    script: (text, ...args) => namespace.script(text, ...args),
    ping: async (target, { count = 1, timeoutMs = 2000, source } = {}) => {
      const from = source === undefined ? [] : ['-I', source];
      const { stdout } = await namespace.exec([
        'ping',
        '-n',
        '-i0.2',
        `-c${count}`,
        `-w${Math.ceil(timeoutMs / 1000)}`,
        ...from,
        target,
      ]);
      const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(stdout) ?? [];
      return { sent: Number(sent ?? 0), received: Number(received ?? 0), text: stdout };
    },
    tcp: probe('tcp'),
    udp: probe('udp'),
    listen: async (transport, port, family = 4) => {
      const listener = await agent.ask({ do: 'listen', transport, port, family });
      const close = async (): Promise<void> => {
        await agent.ask({ do: 'close', listener });
      };
      return {
        visits: () => agent.ask({ do: 'visits', listener }),
        close,
        [Symbol.asyncDispose]: close,
      };
    },
    neighbours: () => namespace.script('ip neighbour show'),
    stop: () => agent.stop(),
    [Symbol.asyncDispose]: () => agent.stop(),
  };
}

/** Splits `192.0.2.1:80` or `[2001:db8::1]:80`. */
function endpointOf(target: string): { readonly host: string; readonly port: number } {
  const colon = target.lastIndexOf(':');
  return {
    host: target.slice(0, colon).replaceAll(/[[\]]/g, ''),
    port: Number(target.slice(colon + 1)),
  };
}
