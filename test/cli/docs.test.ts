// The documents are true: what is generated is fresh, every problem code has its remedy, no link is broken.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { problemCodes } from '../../src/base/problem.ts';

const root = new URL('../../', import.meta.url);
const docs = new URL('docs/', root);
const pages = readdirSync(docs).filter((name) => name.endsWith('.md'));
const read = (name: string): string => readFileSync(new URL(name, docs), 'utf8');

test('the reference is what the code says', async () => {
  const script = fileURLToPath(new URL('scripts/generate-docs.ts', root));
  await expect(promisify(execFile)(process.execPath, [script, '--check'])).resolves.toBeDefined();
});

test('every problem code has a remedy, and no other has', () => {
  const sections = [...read('troubleshooting.md').matchAll(/^### (\w+)$/gm)].map((match) => match[1]);
  expect(sections).toEqual(Object.keys(problemCodes));
});

describe.each(pages)('%s', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(#[^)]*)?\)/g)];

  test('links lead somewhere', () => {
    const broken = links.filter(([, path = '', anchor]) => {
      const target = path === '' ? page : path;
      if (!existsSync(new URL(target, docs))) return true;
      return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).includes(anchor);
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });
});

/** Anchors as GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.+)$/gm)].map(
    ([, heading = '']) =>
      `#${heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-')}`,
  );
}
