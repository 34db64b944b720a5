// What is measured runs in a process of its own, so that no run warms up, or fills the heap of, the next.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Starts `subjects/{name}.ts` with arguments. It speaks by `process.send`; its stderr is ours. */
export function startSubject(name: string, args: readonly string[]): ChildProcess {
  const file = fileURLToPath(new URL(`subjects/${name}.ts`, import.meta.url));
  return fork(file, args, {
    // Room for young objects as scripts/ovn-projector gives.
    execArgv: ['--expose-gc', '--max-semi-space-size=64', '--max-old-space-size=8192'],
    serialization: 'advanced',
  });
}

/** The next message of a subject. @throws Error when it ends before */
export async function nextMessage(child: ChildProcess): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const onExit = (code: number | null): void => reject(new Error(`a subject ended with ${code}`));
  child.once('message', resolve);
  child.once('exit', onExit);
  return promise.finally(() => {
    child.off('message', resolve);
    child.off('exit', onExit);
  });
}

/** Runs a subject to its end and returns the one message that it sends. */
export async function runSubject<T>(name: string, args: readonly (string | number)[]): Promise<T> {
  const child = startSubject(name, args.map(String));
  const exited = once(child, 'exit');
  const result = await nextMessage(child);
  await exited;
  return result as T;
}
