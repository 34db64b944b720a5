// The baseline that people know: ovn-nbctl as a daemon, one chained call per project.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { silentLogger } from '../src/base/logger.ts';
import { Engine } from '../src/controller/engine.ts';
import { formatNbctl } from '../src/plan/format-nbctl.ts';
import { openTarget } from '../src/target/open-target.ts';
import { benchConfig, fleetChanges } from './fleet.ts';
import { startNorthbound } from './northbound-server.ts';
import { nowMs } from './samples.ts';

const run = promisify(execFile);

export interface NbctlDaemon extends AsyncDisposable {
  /** What OVN_NB_DAEMON must be. */
  readonly socket: string;
}

/** Starts `ovn-nbctl --detach`. Its IDL loads the whole database, but not before this resolves. */
export async function startNbctlDaemon(remote: string): Promise<NbctlDaemon> {
  const directory = dirname(remote.replace('unix:', ''));
  const args = ['--no-leader-only', `--db=${remote}`, '--detach', '--log-file=/dev/null'];
  const { stdout } = await run('ovn-nbctl', args, { env: { ...process.env, OVN_RUNDIR: directory } });
  const socket = stdout.trim();
  return {
    socket,
    [Symbol.asyncDispose]: async () => {
      await run('ovs-appctl', ['-t', socket, 'exit']);
    },
  };
}

/** One command to the daemon; waits until it has its copy of the database. */
export async function callDaemon(daemon: NbctlDaemon, args: readonly string[]): Promise<string> {
  const env = { ...process.env, OVN_NB_DAEMON: daemon.socket };
  return (await run('ovn-nbctl', [...args], { env, maxBuffer: 2 ** 30 })).stdout;
}

/** Writes a script of `ovn-nbctl` calls that makes what the program makes of an empty database: one call per unit. */
export async function writeNbctlScript(file: string, projects: number): Promise<void> {
  await using server = await startNorthbound();
  const config = benchConfig();
  const { owner, gatewayChassis } = config;
  const target = await openTarget({ nb: server.remote, owner, gatewayChassis, logger: silentLogger });
  const engine = new Engine({ config, target, logger: silentLogger });
  engine.sink.changed(fleetChanges(projects));
  engine.sink.synced();
  const { changeSets } = await engine.plan();
  await target.close();
  const { schema } = target.policy;
  const calls = changeSets.map((changeSet) => formatNbctl(changeSet, schema, 'ovn-nbctl'));
  await writeFile(file, `set -e\n${calls.join('')}`);
}

/** Runs the script against an empty database, daemon loaded before, and returns the milliseconds. */
export async function runNbctlScript(remote: string, file: string): Promise<number> {
  await using daemon = await startNbctlDaemon(remote);
  await callDaemon(daemon, ['show']);
  const start = nowMs();
  await run('sh', [file], { env: { ...process.env, OVN_NB_DAEMON: daemon.socket }, maxBuffer: 2 ** 26 });
  return nowMs() - start;
}
