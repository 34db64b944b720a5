// Laws of a set of manifests: however it came to be, it says what a fresh set of the same files says.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ApiObject } from '../../src/api/api-object.ts';
import { ManifestSet } from '../../src/source/manifests/manifest-set.ts';
import { parseManifest } from '../../src/source/manifests/parse-manifest.ts';
import { splitDocuments } from '../../src/source/manifests/split-documents.ts';
import { podYaml } from '../support/manifest-folder.ts';

const paths = ['/a', '/b', '/c'];
const fileOf = (path: string) => ({ path, shown: path, order: path });
const broken = '---\na: "\n';
const document = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(fc.constantFrom('x', 'y', 'z'), fc.constantFrom('10.0.0.1', '10.0.0.2', 'bad')),
  },
  { weight: 1, arbitrary: fc.constant(undefined) },
);
const text = fc
  .array(document, { maxLength: 4 })
  .map((parts) => parts.map((part) => (part === undefined ? broken : podYaml(...part))).join(''));
const steps = fc.array(fc.tuple(fc.constantFrom(...paths), fc.option(text)), { maxLength: 12 });

function apply(set: ManifestSet, path: string, content: string | null): void {
  if (content === null) set.remove(path);
  else set.put(fileOf(path), parseManifest(content, set.documentsOf(path)));
}

test('folding changes equals reading the final files, once every file is readable', () => {
  fc.assert(
    fc.property(steps, (history) => {
      const followed = new ManifestSet();
      const state = new Map<string, ApiObject | undefined>();
      const files = new Map<string, string>();
      const fold = (): void => {
        for (const { key, object, invalid } of followed.takeChanges()) {
          if (object === undefined && invalid !== true) state.delete(key);
          else state.set(key, object);
        }
      };
      const change = (path: string, content: string | null): void => {
        apply(followed, path, content);
        if (content === null) files.delete(path);
        else files.set(path, content);
        fold();
      };
      for (const [path, content] of history) change(path, content);
      for (const [path, content] of files) {
        if (content.includes(broken)) change(path, content.replaceAll(broken, ''));
      }
      const fresh = new ManifestSet();
      for (const [path, content] of files) apply(fresh, path, content);
      expect(state).toEqual(new Map(fresh.takeChanges().map(({ key, object }) => [key, object])));
      expect(followed.problems()).toEqual(fresh.problems());
      expect(followed.isIncomplete).toBe(false);
    }),
    { numRuns: 300 },
  );
});

test('while a file is broken, nothing that it said is deleted', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const set = new ManifestSet();
      apply(set, '/a', before);
      set.takeChanges();
      apply(set, '/a', after + broken);
      expect(
        set.takeChanges().filter(({ object, invalid }) => object === undefined && invalid !== true),
      ).toEqual([]);
      expect(set.isIncomplete).toBe(true);
    }),
  );
});

test('cutting a stream loses no line', () => {
  const line = fc.constantFrom('a: 1', '---', '--- b', '...', '# c', '', '  d', '%YAML 1.2', '----', '"e');
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const stream = lines.join('\n');
      const kept = splitDocuments(stream);
      for (const { text: part, line: first } of kept) {
        const from = lines.slice(first - 1).join('\n');
        expect(from.replace(/^\.\.\./, '').startsWith(part)).toBe(true);
      }
      const content = (each: string): boolean => /^[a-z" ]|^--- b|^----/.test(each) && each.trim() !== '';
      const count = (each: string): number => each.split('\n').filter(content).length;
      expect(kept.map((each) => count(each.text)).reduce((a, b) => a + b, 0)).toBe(count(stream));
    }),
  );
});
