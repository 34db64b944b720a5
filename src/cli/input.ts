// Manifests from the paths of `-f`, stdin among them.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Problem } from '../base/problem.ts';
import { type LoadedManifests, loadManifests } from '../source/manifests/load-manifests.ts';
import type { Terminal } from './terminal.ts';

/** Reads every object; `-` is stdin. @throws SOURCE_NOT_FOUND */
export async function loadInput(paths: readonly string[], terminal: Terminal): Promise<LoadedManifests> {
  if (!paths.includes('-')) return loadManifests(paths);
  const folder = await mkdtemp(join(tmpdir(), 'ovn-projector-stdin-'));
  try {
    const file = join(folder, 'stdin.yaml');
    await writeFile(file, await terminal.readInput());
    const loaded = await loadManifests(paths.map((path) => (path === '-' ? file : path)));
    const named = (text: string): string => text.replaceAll(file, 'stdin');
    const problems = loaded.problems.map((problem): Problem => {
      const { object, message, hint } = problem;
      return { ...problem, object: named(object), message: named(message), hint: named(hint) };
    });
    return { ...loaded, problems };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
