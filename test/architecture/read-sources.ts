// The sources of this checkout as one map, for the rules to look at.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Sources } from './rules.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** TypeScript and Markdown below src/, test/, bench/ and scripts/, in the order of paths. */
export function readSources(): Sources {
  const paths = ['src', 'test', 'bench', 'scripts'].flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') || path.endsWith('.md'))
      .map((path) => join(top, path)),
  );
  return new Map(paths.toSorted().map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}
