// A network namespace without a name: it lives as long as a process is in it, so it cannot be left behind.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { CodedError } from '../base/errors.ts';
import { startDaemon, stopDaemon } from '../embedded/child.ts';
import type { LabPrograms } from './programs.ts';

export interface CommandResult {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface NetworkNamespace {
  /** Of the process that holds it; `ip link … netns PID` takes it. */
  readonly pid: number;
  /** Runs a program in it to its end, whatever its exit code. */
  exec(command: readonly string[]): Promise<CommandResult>;
  /** Runs a shell script in it; `$1` and so on are `args`. @throws LAB_COMMAND_FAILED */
  script(text: string, ...args: readonly string[]): Promise<string>;
  /** Starts a daemon in it, which ends with us. */
  daemon(
    program: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
  ): Promise<ChildProcess>;
}

/** The namespace that process `pid` is in. */
export function namespaceOf(pid: number, programs: LabPrograms): NetworkNamespace {
  const enter = [`--net=/proc/${pid}/ns/net`];
  const exec: NetworkNamespace['exec'] = (command) => run(programs.path('nsenter'), [...enter, ...command]);
  return {
    pid,
    exec,
    script: async (text, ...args) => {
      const { code, stdout, stderr } = await exec([programs.path('sh'), '-euc', text, 'sh', ...args]);
      if (code === 0) return stdout;
      throw new CodedError('LAB_COMMAND_FAILED', `exit code ${code} of: ${text}\n${stderr}`, {
        retryable: false,
      });
    },
    daemon: (program, args, environment) =>
      startDaemon(programs.path('nsenter'), [...enter, program, ...args], environment),
  };
}

/** A namespace that a process of ours holds for the sake of those that will run in it. */
export interface HeldNamespace extends NetworkNamespace {
  /** Ends the holder; the namespace goes with the last process in it. */
  release(): Promise<void>;
}

export async function holdNamespace(programs: LabPrograms): Promise<HeldNamespace> {
  // `cat` ends with us: by the signal of the kernel, and by the end of its standard input.
  const holder = spawn(
    programs.path('setpriv'),
    [
      ...dieWithParent,
      programs.path('unshare'),
      '--net',
      programs.path('sh'),
      '-c',
      'ip link set lo up && echo && exec cat',
    ],
    { stdio: ['pipe', 'pipe', 'ignore'], detached: true },
  );
  await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')]);
  if (holder.pid === undefined || holder.exitCode !== null)
    throw new CodedError('LAB_NAMESPACE_FAILED', 'a network namespace could not be made', {
      retryable: false,
    });
  return { ...namespaceOf(holder.pid, programs), release: () => stopDaemon(holder) };
}

/** Arguments of `setpriv` with which the kernel ends a child when we are killed. */
export const dieWithParent = ['--pdeathsig', 'KILL'] as const;

/** Joins two namespaces by a pair of virtual Ethernet ports, both up. Names have at most 15 characters. */
export async function connectNamespaces(
  a: { readonly namespace: NetworkNamespace; readonly port: string },
  b: { readonly namespace: NetworkNamespace; readonly port: string },
): Promise<void> {
  await a.namespace.script(
    'ip link add name "$1" type veth peer name "$2" netns "$3" && ip link set dev "$1" up',
    a.port,
    b.port,
    String(b.namespace.pid),
  );
  await b.namespace.script('ip link set dev "$1" up', b.port);
}

/** Runs a program to its end. @throws LAB_COMMAND_FAILED only when it could not be started */
function run(program: string, args: readonly string[]): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, [...args], { maxBuffer: 256 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error !== null && child.exitCode === null && child.signalCode === null)
        reject(
          new CodedError('LAB_COMMAND_FAILED', `${program} did not start`, {
            retryable: false,
            cause: error,
          }),
        );
      else resolve({ code: child.exitCode, stdout, stderr });
    });
  });
}
