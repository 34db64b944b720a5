// A private copy of the Southbound database, for "what if that next hop answered": the real one is never written.
import { createWriteStream } from 'node:fs';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { findProgram, startDaemon, stopDaemon } from '../../embedded/child.ts';

export interface SouthboundCopy extends AsyncDisposable {
  /** `unix:/…/sb.sock` */
  readonly remote: string;
}

/**
 * Copies the database as it is now. `tlsArguments` as for ovsdb-client(1).
 * Returns undefined where the programs for it are missing, or the copy fails: a trace then says less.
 */
export async function copySouthbound(
  remote: string,
  tlsArguments: readonly string[],
): Promise<SouthboundCopy | undefined> {
  const [client, server] = [findProgram('ovsdb-client'), findProgram('ovsdb-server')];
  if (client === undefined || server === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'ovn-projector-trace-'));
  const [file, socket] = [join(folder, 'sb.db'), join(folder, 'sb.sock')];
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  if (!(await backup(client, [...tlsArguments, 'backup', remote, 'OVN_Southbound'], file))) {
    await remove();
    return undefined;
  }
  const args = [`--remote=punix:${socket}`, `--unixctl=${join(folder, 'sb.ctl')}`, '--verbose=off', file];
  const child = await startDaemon(server, args, { OVS_RUNDIR: folder, OVS_LOGDIR: folder });
  while (!existsSync(socket) && child.exitCode === null) await delay(5);
  const close = async (): Promise<void> => {
    await stopDaemon(child);
    await remove();
  };
  if (child.exitCode !== null) {
    await close();
    return undefined;
  }
  return { remote: `unix:${socket}`, [Symbol.asyncDispose]: close };
}

async function backup(client: string, args: readonly string[], file: string): Promise<boolean> {
  const child = spawn(client, ['--timeout=30', ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(child, 'close');
  await pipeline(child.stdout, createWriteStream(file));
  await ended;
  return child.exitCode === 0;
}
