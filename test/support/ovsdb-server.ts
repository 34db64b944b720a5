// A real ovsdb-server in a temporary folder: started, stopped, killed and restarted by tests.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';

const run = promisify(execFile);

export interface OvsdbServerOptions {
  /** A `.ovsschema` file; the database is named as the schema says. */
  readonly schemaFile: string;
  /** A RAFT cluster of one node: the only way to get resume by last-txn-id from a single server. */
  readonly clustered?: boolean;
  /** PEM files; opens a `pssl:` listener on 127.0.0.1 beside the unix socket. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
  /** Opens a `ptcp:` listener on 127.0.0.1 beside the unix socket. */
  readonly tcp?: boolean;
}

export interface OvsdbServer extends AsyncDisposable {
  /** `unix:/…/db.sock` */
  readonly remote: string;
  /** `tcp:127.0.0.1:port`, when asked for. */
  readonly tcpRemote: string | undefined;
  /** `ssl:127.0.0.1:port`, when asked for. */
  readonly sslRemote: string | undefined;
  readonly directory: string;
  /** Of the running process; changes with `restart`. */
  readonly pid: number;
  /** SIGKILL and SIGTERM return when the process is gone; the files stay. */
  kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** Kills the process if it runs, starts it again on the same files and addresses, and waits until it answers. */
  restart(): Promise<void>;
  /** Runs `ovs-appctl` against this server and returns what it prints. */
  appctl(...args: readonly string[]): Promise<string>;
  /** Kills the process and removes the folder. */
  stop(): Promise<void>;
}

const live = new Map<ChildProcess, string>();
process.on('exit', () => {
  for (const [child, directory] of live) {
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
});

/** Starts the server and resolves when it serves the database. Needs `ovsdb-server` and `ovsdb-tool` on the PATH. */
export async function startOvsdbServer(options: OvsdbServerOptions): Promise<OvsdbServer> {
  const { stdout } = await run('ovsdb-tool', ['schema-name', options.schemaFile]);
  const database = stdout.trim();
  const directory = await mkdtemp(join(tmpdir(), 'ovsdb-test-'));
  await createDatabase(directory, options);
  const tcpPort = options.tcp ? await freePort() : undefined;
  const tlsPort = options.tls ? await freePort() : undefined;
  const socketPath = join(directory, 'db.sock');
  const args = serverArguments(directory, options, tcpPort, tlsPort);
  let child = await launch(args, directory, socketPath, database);

  const kill: OvsdbServer['kill'] = async (signal) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const deadly = signal === 'SIGKILL' || signal === 'SIGTERM';
    if (deadly) child.ref();
    const gone = deadly ? once(child, 'exit') : undefined;
    child.kill(signal);
    await gone;
  };
  const stop = async (): Promise<void> => {
    await kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  };
  return {
    remote: `unix:${socketPath}`,
    tcpRemote: tcpPort === undefined ? undefined : `tcp:127.0.0.1:${tcpPort}`,
    sslRemote: tlsPort === undefined ? undefined : `ssl:127.0.0.1:${tlsPort}`,
    directory,
    get pid() {
      return child.pid ?? 0;
    },
    kill,
    restart: async () => {
      await kill('SIGKILL');
      await rm(socketPath, { force: true });
      child = await launch(args, directory, socketPath, database);
    },
    appctl: async (...command) =>
      (await run('ovs-appctl', ['-t', join(directory, 'ctl'), ...command])).stdout,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function createDatabase(directory: string, options: OvsdbServerOptions): Promise<void> {
  const file = join(directory, 'db');
  if (options.clustered)
    await run('ovsdb-tool', ['create-cluster', file, options.schemaFile, `unix:${join(directory, 'raft')}`]);
  else await run('ovsdb-tool', ['create', file, options.schemaFile]);
}

function serverArguments(
  directory: string,
  { tls }: OvsdbServerOptions,
  tcpPort: number | undefined,
  tlsPort: number | undefined,
): string[] {
  return [
    `--remote=punix:${join(directory, 'db.sock')}`,
    ...(tcpPort === undefined ? [] : [`--remote=ptcp:${tcpPort}:127.0.0.1`]),
    ...(tlsPort === undefined ? [] : [`--remote=pssl:${tlsPort}:127.0.0.1`]),
    ...(tls ? [`--ca-cert=${tls.ca}`, `--certificate=${tls.cert}`, `--private-key=${tls.key}`] : []),
    `--unixctl=${join(directory, 'ctl')}`,
    `--log-file=${join(directory, 'log')}`,
    '--verbose=console:off',
    join(directory, 'db'),
  ];
}

async function launch(
  args: string[],
  directory: string,
  socketPath: string,
  database: string,
): Promise<ChildProcess> {
  const child = spawn('ovsdb-server', args, {
    stdio: 'ignore',
    env: { ...process.env, OVS_RUNDIR: directory, OVS_LOGDIR: directory, OVS_DBDIR: directory },
  });
  await once(child, 'spawn');
  live.set(child, directory);
  child.once('exit', () => live.delete(child));
  child.unref(); // a test that forgets to stop its server must not keep the worker alive
  const giveUpAt = Date.now() + 20_000;
  while (!(await serves(socketPath, database))) {
    if (child.exitCode !== null || Date.now() > giveUpAt)
      throw new Error(`ovsdb-server does not answer:\n${await readFile(join(directory, 'log'), 'utf8')}`);
    await delay(10);
  }
  return child;
}

/** True when the server lists the database, which a cluster does only once it has a leader. */
async function serves(socketPath: string, database: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = createConnection(socketPath);
  socket.setTimeout(1000, () => resolve(false));
  socket.once('error', () => resolve(false));
  socket.once('close', () => resolve(false));
  socket.once('data', (reply) => resolve(reply.toString().includes(`"${database}"`)));
  socket.end('{"id":0,"method":"list_dbs","params":[]}');
  const answer = await promise;
  socket.destroy();
  return answer;
}
