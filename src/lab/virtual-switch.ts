// One Open vSwitch with the userspace datapath in a namespace: its database, its daemon, its tools.
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CodedError } from '../base/errors.ts';
import { output, stopDaemon } from '../embedded/child.ts';
import type { NetworkNamespace } from './network-namespace.ts';
import type { LabPrograms } from './programs.ts';

export interface VirtualSwitch {
  readonly namespace: NetworkNamespace;
  /** Where its database, sockets and logs are. */
  readonly directory: string;
  /** `unix:/…/db.sock` */
  readonly database: string;
  /** Environment of programs that look for its sockets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Runs `ovs-vsctl`, which waits until the daemon has done it. */
  vsctl(...args: readonly string[]): Promise<string>;
  /** Runs `ovs-appctl` against the daemon, for example `dpctl/dump-conntrack`. */
  appctl(...args: readonly string[]): Promise<string>;
  /** Flows of a bridge. */
  flows(bridge: string): Promise<string>;
  stop(): Promise<void>;
}

/** Starts both daemons and resolves when bridges can be made. */
export async function startVirtualSwitch(
  directory: string,
  namespace: NetworkNamespace,
  programs: LabPrograms,
): Promise<VirtualSwitch> {
  await mkdir(directory, { recursive: true });
  const file = join(directory, 'conf.db');
  const socket = join(directory, 'db.sock');
  const environment = environmentOf(directory);
  await output(programs.path('ovsdb-tool'), ['create', file, await programs.schema('vswitch')]);
  const database = await namespace.daemon(
    programs.path('ovsdb-server'),
    [`--remote=punix:${socket}`, ...daemonArguments(directory, 'ovsdb-server'), file],
    environment,
  );
  await untilListening(socket);
  const control = join(directory, 'ovs-vswitchd.ctl');
  const remote = `unix:${socket}`;
  const vsctl: VirtualSwitch['vsctl'] = (...args) =>
    output(programs.path('ovs-vsctl'), [`--db=${remote}`, '--timeout=60', ...args]);
  await vsctl('--no-wait', 'init');
  const daemon = await namespace.daemon(
    programs.path('ovs-vswitchd'),
    [remote, ...daemonArguments(directory, 'ovs-vswitchd')],
    environment,
  );
  return {
    namespace,
    directory,
    database: remote,
    environment,
    vsctl,
    appctl: (...args) => output(programs.path('ovs-appctl'), ['-t', control, ...args]),
    flows: (bridge) =>
      output(programs.path('ovs-ofctl'), [
        'dump-flows',
        '--no-stats',
        `unix:${join(directory, bridge)}.mgmt`,
      ]),
    stop: async () => {
      await stopDaemon(daemon);
      await stopDaemon(database);
    },
  };
}

/** Log to a file and be controlled by a socket, both in `directory`. */
function daemonArguments(directory: string, name: string): string[] {
  return [`--unixctl=${join(directory, `${name}.ctl`)}`, ...logArguments(directory, name)];
}

export function logArguments(directory: string, name: string): string[] {
  return [
    `--log-file=${join(directory, `${name}.log`)}`,
    '--verbose=console:off',
    '--verbose=syslog:off',
    `--pidfile=${join(directory, `${name}.pid`)}`,
  ];
}

function environmentOf(directory: string): Record<string, string> {
  const variables = ['OVS_RUNDIR', 'OVS_LOGDIR', 'OVS_DBDIR', 'OVN_RUNDIR', 'OVN_LOGDIR', 'OVN_DBDIR'];
  return Object.fromEntries(variables.map((variable) => [variable, directory]));
}

/** The file of a socket is there a moment before somebody listens on it. */
async function untilListening(path: string, timeoutMs = 30_000): Promise<void> {
  const giveUpAt = performance.now() + timeoutMs;
  while (!(await isListening(path))) {
    if (performance.now() > giveUpAt)
      throw new CodedError('LAB_START_FAILED', `nobody listens on ${path} after ${timeoutMs} ms`, {
        retryable: false,
      });
    await delay(5);
  }
}

async function isListening(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
