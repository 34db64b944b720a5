// The folder of a lab: it goes when the lab stops, when we exit, and when we are killed.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ScratchFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** What the watchdog does. It ends when the pipe from us does; daemons that die with us may still be writing then. */
const watch = 'cat >/dev/null; until rm -rf -- "$1" && [ ! -e "$1" ]; do sleep 0.1; done';

/** Makes `$TMPDIR/ovn-lab-…`. Its path is short, for it is part of the paths of unix sockets (at most 107 bytes). */
export async function makeScratchFolder(): Promise<ScratchFolder> {
  const path = await mkdtemp(join(tmpdir(), 'ovn-lab-'));
  const removeOnExit = (): void => rmSync(path, { recursive: true, force: true });
  process.once('exit', removeOnExit);
  const watchdog = spawn('sh', ['-c', watch, 'lab-watchdog', path], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  watchdog.unref();
  return {
    path,
    remove: async () => {
      await rm(path, { recursive: true, force: true });
      process.off('exit', removeOnExit);
      watchdog.stdin.destroy();
    },
  };
}
