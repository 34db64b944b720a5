// A temporary folder of manifests, and a sink that remembers what a source told it.
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { MissingKinds } from '../../src/api/missing-kinds.ts';
import type { ApiObject } from '../../src/api/api-object.ts';
import type { Problem } from '../../src/base/problem.ts';
import type { SourceSink } from '../../src/source/source.ts';

/** A Pod that asks for an address: the smallest object with a value to change. */
export const podYaml = (name: string, address = '10.0.0.1'): string =>
  `---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n  annotations: {network.kube-dc.com/ip-address: ${address}}\n`;

export interface ManifestFolder {
  readonly path: string;
  write(file: string, text: string): Promise<void>;
  /** As editors save: a new file beside the old one, then renamed over it. */
  replace(file: string, text: string): Promise<void>;
  remove(file: string): Promise<void>;
}

/** Removed when the test ends. */
export function manifestFolder(): ManifestFolder {
  const path = mkdtempSync(join(tmpdir(), 'manifests-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const write = async (file: string, text: string): Promise<void> => {
    await mkdir(dirname(join(path, file)), { recursive: true });
    await writeFile(join(path, file), text);
  };
  return {
    path,
    write,
    replace: async (file, text) => {
      await write(`${file}.new`, text);
      await rename(join(path, `${file}.new`), join(path, file));
    },
    remove: (file) => rm(join(path, file), { recursive: true }),
  };
}

/** Keeps the state that the calls add up to, and the names of the calls. */
export class RecordingSink implements SourceSink {
  readonly calls: string[] = [];
  readonly state = new Map<string, ApiObject | 'invalid'>();
  isIncomplete = false;
  current: readonly Problem[] = [];

  changed(changes: Parameters<SourceSink['changed']>[0]): void {
    const words = changes.map(({ key, object, invalid }) => {
      const now = invalid === true ? 'invalid' : object;
      if (now === undefined) this.state.delete(key);
      else this.state.set(key, now);
      return `${now === undefined ? '-' : now === 'invalid' ? '!' : '+'}${key.split('/').at(-1)}`;
    });
    this.calls.push(words.join(' '));
  }

  problems(problems: readonly Problem[]): void {
    this.current = problems;
    this.calls.push('problems');
  }

  missing(kinds: MissingKinds): void {
    this.calls.push(`missing ${[...kinds.keys()].join()}`);
  }

  incomplete(incomplete: boolean): void {
    this.isIncomplete = incomplete;
    this.calls.push(incomplete ? 'incomplete' : 'complete');
  }

  synced(): void {
    this.calls.push('synced');
  }

  /** The state in words: `a`, or `a!` where it is invalid; sorted. */
  get words(): string {
    return [...this.state]
      .map(([key, now]) => `${key.split('/').at(-1)}${now === 'invalid' ? '!' : ''}`)
      .toSorted()
      .join(' ');
  }
}
