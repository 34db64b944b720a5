// The lab: a whole OVN with hypervisors, workloads and a world outside, on one machine, without a trace left behind.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type EmbeddedOvn, startEmbeddedOvn } from '../embedded/central.ts';
import { output } from '../embedded/child.ts';
import { type Chassis, startChassis } from './chassis.ts';
import { type Fabric, startFabric } from './fabric.ts';
import type { Host } from './host.ts';
import { type Attachment, attachHost, plugWorkload, type Sockets, type Workload } from './plug.ts';
import { locateLabPrograms } from './programs.ts';
import type { LabPrograms } from './programs.ts';
import { makeScratchFolder } from './scratch-folder.ts';

export interface LabOptions {
  /** Where OVN's programs are looked for. Default: the PATH. */
  readonly programFolders?: readonly string[];
  /** Where those of Open vSwitch are looked for, when they are to be of another version. */
  readonly switchProgramFolders?: readonly string[];
  /** How many hypervisors. Default 1. */
  readonly chassis?: number;
  /** Numbers of the chassis that may host gateways. Default: all. */
  readonly gateways?: readonly number[];
  /** Physical networks that every chassis is bridged to; at most 11 characters each. Default `ext-cloud`. */
  readonly physicalNetworks?: readonly string[];
}

/** What was sent, and from where. */
export interface LabProbe {
  readonly host: Host;
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  /** `100.65.0.102:80`; without a port for `icmp`. */
  readonly target: string;
}

export interface Lab extends AsyncDisposable {
  /** Databases, sockets, logs: all below. */
  readonly directory: string;
  readonly ovn: EmbeddedOvn;
  readonly chassis: readonly Chassis[];
  readonly fabric: Fabric;
  readonly programs: LabPrograms;
  /** All that were started and not stopped. */
  readonly hosts: ReadonlySet<Host>;
  /** Plugs a workload in and resolves when OVN says that its port is up. @throws when it is not within a minute */
  plug(workload: Workload): Promise<Host>;
  /** A host outside, with ports eth0, eth1 … in the order of `attachments`. */
  outside(name: string, ...attachments: readonly Attachment[]): Promise<Host>;
  /** The probe that was started last. */
  readonly lastProbe: LabProbe | undefined;
  /** Resolves when every hypervisor has carried out all that is in NB now. */
  settled(): Promise<void>;
  /** Runs `ovn-trace`: what would happen to a packet, step by step. */
  trace(microflow: string, ...flags: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts everything and resolves when the hypervisors have registered.
 * @throws LAB_IMPOSSIBLE, LAB_…, EMBEDDED_…
 */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const programs = locateLabPrograms(options.programFolders, options.switchProgramFolders);
  const folder = await makeScratchFolder();
  const started: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.splice(0).map((part) => part.stop()));
    await folder.remove();
  };
  const keep = <T extends { stop(): Promise<void> }>(part: T): T => {
    started.push(part);
    return part;
  };
  try {
    const networks = options.physicalNetworks ?? ['ext-cloud'];
    const [ovn, fabric] = await Promise.all([
      startCentral(join(folder.path, 'central'), programs).then(keep),
      startFabric(folder.path, networks, programs).then(keep),
    ]);
    const numbers = Array.from({ length: options.chassis ?? 1 }, (_, index) => index + 1);
    const start = (number: number): Promise<Chassis> =>
      startChassis(
        {
          number,
          isGateway: (options.gateways ?? numbers).includes(number),
          physicalNetworks: networks,
          southbound: ovn.sb,
          directory: folder.path,
        },
        fabric,
        programs,
      ).then(keep);
    const chassis = await Promise.all(numbers.map(start));
    for (const { name } of chassis)
      await ovn.sbctl('--timeout=60', 'wait-until', 'Chassis', name, `name=${name}`);
    return labOf({ directory: folder.path, ovn, chassis, fabric, programs }, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The databases are made first: with the schema that fits these programs, not with the one of the system. */
async function startCentral(directory: string, programs: LabPrograms): Promise<EmbeddedOvn> {
  await mkdir(directory, { recursive: true });
  for (const database of ['nb', 'sb'] as const) {
    const schema = await programs.schema(database);
    await output(programs.path('ovsdb-tool'), ['create', join(directory, `${database}.db`), schema]);
  }
  return startEmbeddedOvn({ directory, programFolders: programs.folders });
}

type Parts = Pick<Lab, 'directory' | 'ovn' | 'chassis' | 'fabric' | 'programs'>;

function labOf(parts: Parts, stopParts: () => Promise<void>): Lab {
  const hosts = new Set<Host>();
  let lastProbe: LabProbe | undefined;
  const list = (host: Host): Host =>
    listed(host, hosts, (probe) => {
      lastProbe = probe;
    });
  const { ovn, programs } = parts;
  let cables = 0;
  const sockets: Sockets = {
    ...parts,
    nextCable: () => {
      cables += 1;
      return `port${cables}`;
    },
  };
  const stop = async (): Promise<void> => {
    await Promise.all([...hosts].map((host) => host.stop()));
    await stopParts();
  };
  return {
    ...parts,
    hosts,
    get lastProbe() {
      return lastProbe;
    },
    plug: async (workload) => list(await plugWorkload(workload, sockets)),
    outside: async (name, ...attachments) => list(await attachHost(name, attachments, sockets)),
    settled: async () => {
      await ovn.nbctl('--timeout=60', '--wait=hv', 'sync');
    },
    trace: (microflow, ...flags) =>
      output(programs.path('ovn-trace'), [`--db=${ovn.sb}`, ...flags, microflow]),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Keeps the host in the list until it is stopped, and tells what it sends. */
function listed(host: Host, hosts: Set<Host>, tell: (probe: LabProbe) => void): Host {
  const stop = async (): Promise<void> => {
    hosts.delete(entry);
    await host.stop();
  };
  const entry: Host = {
    ...host,
    tcp: (target, options) => {
      tell({ host, protocol: 'tcp', target });
      return host.tcp(target, options);
    },
    udp: (target, options) => {
      tell({ host, protocol: 'udp', target });
      return host.udp(target, options);
    },
    ping: (target, options) => {
      tell({ host, protocol: 'icmp', target });
      return host.ping(target, options);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
  hosts.add(entry);
  return entry;
}
