// Child processes that never outlive this one, and the look-up of programs on the PATH.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Daemons live in /usr/sbin on most systems, which is not on everybody's PATH. */
const extraFolders = ['/usr/sbin', '/sbin', '/usr/local/sbin', '/usr/local/bin'];

/** Folders in which programs are looked for, in order. */
export function programFolders(): readonly string[] {
  return [...(process.env['PATH'] ?? '').split(delimiter), ...extraFolders];
}

/** Returns the full path of a program, or undefined when it is in none of the folders. */
export function findProgram(name: string, folders: readonly string[] = programFolders()): string | undefined {
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs a program to its end and returns what it wrote on stdout. @throws the error of `child_process.execFile` */
export async function output(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execute(program, [...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

const live = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of live) child.kill('SIGKILL');
});

/**
 * Starts a daemon that stays in the foreground. It has a process group of its own, so Ctrl-C reaches only us and we
 * decide the order in which things end; with `setpriv` installed the kernel ends it even when we are killed.
 */
export async function startDaemon(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const setpriv = findProgram('setpriv');
  const [file, fileArgs] =
    setpriv === undefined ? [program, args] : [setpriv, ['--pdeathsig', 'KILL', program, ...args]];
  const child = spawn(file, [...fileArgs], {
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, ...environment },
  });
  await once(child, 'spawn');
  live.add(child);
  child.once('exit', () => live.delete(child));
  child.unref(); // the daemon alone must not keep us alive
  return child;
}

/** Ends a daemon and resolves when it is gone. Does nothing when it already is. */
export async function stopDaemon(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.ref();
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
  await gone;
  clearTimeout(timer);
}
