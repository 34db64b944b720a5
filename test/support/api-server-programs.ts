// Where etcd and kube-apiserver are; the tests that need them are skipped, and say why, where they are not.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';
import { findProgram, programFolders } from '../../src/embedded/child.ts';

const script = fileURLToPath(new URL('../../scripts/envtest', import.meta.url));

/** The folder of programs, or undefined when `scripts/envtest` has not made them available. */
const apiServerFolder: string | undefined =
  spawnSync(script, ['find'], { encoding: 'utf8' }).stdout.trim() || undefined;

/** Whether a server can be started here. */
export const hasApiServer: boolean = apiServerFolder !== undefined;

/** `kubectl` from beside the server, else from the PATH. */
export const kubectlProgram: string | undefined =
  apiServerFolder === undefined ? undefined : findProgram('kubectl', [apiServerFolder, ...programFolders()]);

/** Full path of `etcd` or `kube-apiserver`. */
export function apiServerProgram(name: 'etcd' | 'kube-apiserver'): string {
  if (apiServerFolder === undefined) throw new Error(`no ${name} here; run scripts/envtest`);
  return join(apiServerFolder, name);
}

/** A group of tests that need `kubectl`, within one on a real API server. */
export function describeKubectl(title: string, declare: () => void): void {
  if (apiServerFolder !== undefined && kubectlProgram === undefined)
    console.warn('tests with kubectl are skipped: it is neither beside kube-apiserver nor in the PATH');
  describe.skipIf(kubectlProgram === undefined)(`${title} (kubectl)`, () => {
    declare();
  });
}

/** A group of tests on a real API server. */
export function describeApiServer(title: string, declare: () => void): void {
  if (apiServerFolder === undefined)
    console.warn('tests on an API server are skipped: no etcd and kube-apiserver; run scripts/envtest');
  describe.skipIf(apiServerFolder === undefined)(`${title} (kube-apiserver)`, () => {
    declare();
  });
}
