// A real OVN central of a chosen version (NB, SB and ovn-northd) in a temporary folder, for one test or one file.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { output, startDaemon } from '../../src/embedded/child.ts';
import { ovnProgram, schemaFileOf } from './ovn-programs.ts';
import type { OvnVersion } from './ovn-programs.ts';

export interface OvnCentralOptions {
  readonly version: OvnVersion;
  /** False: databases only, for tests that need no compiler. Default true. */
  readonly northd?: boolean;
}

export interface OvnCentral extends AsyncDisposable {
  readonly version: OvnVersion;
  readonly directory: string;
  /** `unix:/…/nb.sock` */
  readonly nb: string;
  /** `unix:/…/sb.sock` */
  readonly sb: string;
  /** Runs `ovn-nbctl` of the same version and returns what it prints. */
  nbctl(...args: readonly string[]): Promise<string>;
  /** Runs `ovn-sbctl` of the same version and returns what it prints. */
  sbctl(...args: readonly string[]): Promise<string>;
  /** Resolves when ovn-northd has compiled all that is in NB now. */
  compiled(): Promise<void>;
  /** Everything that ovn-northd has logged. */
  northdLog(): Promise<string>;
  /** Lines of that log which are a warning or worse: what our rows must never cause. */
  northdWarnings(): Promise<string[]>;
  /** Stops ovn-northd in its tracks (SIGSTOP), or lets it go on. */
  pauseNorthd(paused: boolean): void;
  /** Kills the NB server without a farewell and starts it again on the same file and socket. */
  restartNb(): Promise<void>;
  /** Kills the NB server; `restartNb` brings it back. */
  stopNb(): Promise<void>;
  stop(): Promise<void>;
}

type Daemon = 'nb' | 'sb' | 'northd';

/** Folders of centrals that were not stopped. */
const left = new Set<string>();
process.on('exit', () => {
  for (const directory of left) rmSync(directory, { recursive: true, force: true });
});
// vitest ends its workers with SIGTERM, which by itself skips the handlers of `exit`.
process.once('SIGTERM', () => process.exit(143));

/**
 * Starts the servers and resolves when they answer and ovn-northd has compiled the empty NB. They end with `stop`, with
 * the test process, and (by the kernel's hand) when that is killed.
 */
export async function startOvnCentral({ version, northd = true }: OvnCentralOptions): Promise<OvnCentral> {
  const directory = await mkdtemp(join(tmpdir(), 'ovn-test-'));
  left.add(directory);
  const daemons = new Map<Daemon, ChildProcess>();
  const start = async (name: Daemon): Promise<void> => {
    daemons.set(name, await startOne(name, version, directory));
  };
  const central = handle(version, directory, daemons, start);
  try {
    for (const database of ['nb', 'sb'] as const) await createDatabase(version, directory, database);
    for (const name of northd ? (['nb', 'sb', 'northd'] as const) : (['nb', 'sb'] as const))
      await start(name);
    await central.nbctl('init');
    if (northd) await central.compiled();
    return central;
  } catch (error) {
    const log = await readFile(join(directory, 'northd.log'), 'utf8').catch(() => 'no log of ovn-northd');
    await central.stop();
    throw new Error(`OVN ${version} did not start:\n${log}`, { cause: error });
  }
}

function handle(
  version: OvnVersion,
  directory: string,
  daemons: ReadonlyMap<Daemon, ChildProcess>,
  start: (name: Daemon) => Promise<void>,
): OvnCentral {
  const [nb, sb] = [`unix:${join(directory, 'nb.sock')}`, `unix:${join(directory, 'sb.sock')}`];
  const nbctl: OvnCentral['nbctl'] = (...args) =>
    output(ovnProgram(version, 'ovn-nbctl'), [`--db=${nb}`, '--timeout=30', ...args]);
  const northdLog = (): Promise<string> => readFile(join(directory, 'northd.log'), 'utf8');
  const stopNb = async (): Promise<void> => {
    await kill(daemons.get('nb'));
    await rm(join(directory, 'nb.sock'), { force: true });
  };
  const stop = async (): Promise<void> => {
    for (const name of ['northd', 'sb', 'nb'] as const) await kill(daemons.get(name));
    await rm(directory, { recursive: true, force: true });
    left.delete(directory);
  };
  return {
    version,
    directory,
    nb,
    sb,
    nbctl,
    sbctl: (...args) => output(ovnProgram(version, 'ovn-sbctl'), [`--db=${sb}`, '--timeout=30', ...args]),
    compiled: async () => {
      await nbctl('--wait=sb', 'sync');
    },
    northdLog,
    northdWarnings: async () =>
      (await northdLog()).split('\n').filter((line) => /\|(WARN|ERR|EMER)\|/.test(line)),
    pauseNorthd: (paused) => void daemons.get('northd')?.kill(paused ? 'SIGSTOP' : 'SIGCONT'),
    restartNb: async () => {
      await stopNb();
      await start('nb');
    },
    stopNb,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function createDatabase(version: OvnVersion, directory: string, database: 'nb' | 'sb'): Promise<void> {
  const file = join(directory, `${database}.db`);
  await output(ovnProgram(version, 'ovsdb-tool'), ['create', file, schemaFileOf(version, database)]);
}

async function startOne(name: Daemon, version: OvnVersion, directory: string): Promise<ChildProcess> {
  const socket = (database: string): string => join(directory, `${database}.sock`);
  const common = [
    `--unixctl=${join(directory, `${name}.ctl`)}`,
    `--log-file=${join(directory, `${name}.log`)}`,
    '--verbose=console:off',
    '--verbose=syslog:off',
  ];
  const variables = ['OVS_RUNDIR', 'OVS_LOGDIR', 'OVS_DBDIR', 'OVN_RUNDIR', 'OVN_LOGDIR', 'OVN_DBDIR'];
  const environment = Object.fromEntries(variables.map((variable) => [variable, directory]));
  if (name === 'northd') {
    const remotes = [`--ovnnb-db=unix:${socket('nb')}`, `--ovnsb-db=unix:${socket('sb')}`];
    return startDaemon(ovnProgram(version, 'ovn-northd'), [...remotes, ...common], environment);
  }
  const args = [`--remote=punix:${socket(name)}`, ...common, join(directory, `${name}.db`)];
  const child = await startDaemon(ovnProgram(version, 'ovsdb-server'), args, environment);
  for (let waited = 0; !existsSync(socket(name)); waited += 5) {
    if (child.exitCode !== null || waited > 20_000)
      throw new Error(`ovsdb-server for ${name} does not listen`);
    await delay(5);
  }
  return child;
}

/** Resolves when it is gone; a daemon that never started is gone. */
async function kill(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
