// The program as a user runs it: a child process with its exit code, stdout and stderr.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** Types are stripped and code is compiled once, not at every start. */
const compileCache = fileURLToPath(new URL('../../node_modules/.cache/node-compile', import.meta.url));

export interface ProgramResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly input?: string;
  /** Added to a bare environment: only PATH is taken over. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A program that runs. */
export interface RunningProgram {
  readonly process: ChildProcess;
  /** Everything on stderr so far. */
  stderr(): string;
  readonly ended: Promise<ProgramResult>;
}

const live = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of live) child.kill('SIGKILL');
});

/** Starts `node src/main.ts ARGS…`. */
export function startProgram(args: readonly string[], options: ProgramOptions = {}): RunningProgram {
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: compileCache, ...options.env },
  });
  live.add(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const ended = once(child, 'close').then(() => {
    live.delete(child);
    return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
  });
  return { process: child, stderr: () => stderr, ended };
}

/** Runs `node src/main.ts ARGS…` to its end. */
export async function runProgram(
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  return startProgram(args, options).ended;
}
