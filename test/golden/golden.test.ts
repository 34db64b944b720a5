// Manifests in, rows and problems out. Inputs: `cases/*/input.yaml` and every folder of `examples/`.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { worldOf } from '../support/model-world.ts';
import { formatSymbolic } from '../support/symbolic.ts';

const cases = new URL('cases/', import.meta.url).pathname;
const examples = new URL('../../examples/', import.meta.url).pathname;

/** All YAML below a folder as one stream of documents, in the order of file names. */
function yamlBelow(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .toSorted()
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n---\n');
}

function foldersOf(root: string): string[] {
  return readdirSync(root, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  );
}

/** Rows and problems of some manifests, each as the text of its golden file. */
function compiled(yaml: string, schema: string): { readonly rows: string; readonly problems: string } {
  const world = worldOf(yaml, { schema });
  const problems = world.problems.map(
    ({ code, object, path, message, hint, severity }) =>
      `${severity ?? 'error'} ${code} ${object} ${path}\n  ${message}\n  ${hint}\n`,
  );
  return { rows: formatSymbolic(world.rows), problems: problems.join('\n') };
}

const expected = (name: string, what: string): string =>
  new URL(`expected/${name}.${what}`, import.meta.url).pathname;

const inputs = [
  ...foldersOf(examples).map((name): [string, string] => [
    `example-${name}`,
    yamlBelow(join(examples, name)),
  ]),
  ...readdirSync(cases).map((file): [string, string] => [
    file.replace('.yaml', ''),
    readFileSync(join(cases, file), 'utf8'),
  ]),
];

/** What the oldest supported OVN does by other rows than the newest. */
const differing = new Set([
  'second-network',
  'example-packets',
  'dual-stack',
  'network-policies',
  'subnet-egress',
  'example-shared-vpc',
  'example-egress',
]);

describe('golden', () => {
  test.each(inputs)('%s', async (name, yaml) => {
    const { rows, problems } = compiled(yaml, 'ovn-nb-7.11.0.ovsschema');
    await expect(rows).toMatchFileSnapshot(expected(name, 'rows'));
    await expect(problems).toMatchFileSnapshot(expected(name, 'problems'));
  });

  test.each(inputs)('%s on OVN 23.03', async (name, yaml) => {
    const { rows, problems } = compiled(yaml, 'ovn-nb-7.0.0.ovsschema');
    const suffix = differing.has(name) ? '.23.03' : '';
    await expect(rows).toMatchFileSnapshot(expected(name, `rows${suffix}`));
    await expect(problems).toMatchFileSnapshot(expected(name, `problems${suffix}`));
  });
});
