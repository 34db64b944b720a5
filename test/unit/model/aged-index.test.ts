// Objects of a group by age: sorted once, and never out of date.
import { expect, test } from 'vitest';
import { AgedIndex } from '../../../src/model/aged-index.ts';
import { decodeYaml } from '../../support/model-world.ts';
import { pod } from '../../support/scenario.ts';

const podOf = (name: string, created: string) => {
  const [change] = decodeYaml(pod(name, '{}', `creationTimestamp: "${created}"`)).changes;
  if (change?.object === undefined) throw new Error('no pod');
  return [change.key, change.object] as const;
};

test('the oldest first, the same list until the group changes', () => {
  const index = new AgedIndex();
  const add = (group: string, [key, object]: ReturnType<typeof podOf>, isThere = true) =>
    index.put(group, key, object, isThere);
  const names = (group: string) => index.get(group).map(({ metadata }) => metadata.name);
  add('a', podOf('young', '2026-02-01T00:00:00Z'));
  add('a', podOf('old', '2026-01-01T00:00:00Z'));
  expect(names('a')).toEqual(['old', 'young']);
  const before = index.get('a');
  add('b', podOf('other', '2025-01-01T00:00:00Z'));
  expect(index.get('a')).toBe(before);
  add('a', podOf('twin', '2026-01-01T00:00:00Z'));
  expect(names('a')).toEqual(['old', 'twin', 'young']);
  add('a', podOf('old', '2026-03-01T00:00:00Z'));
  expect(names('a')).toEqual(['twin', 'young', 'old']);
  for (const name of ['twin', 'young', 'old']) add('a', podOf(name, '2026-01-01T00:00:00Z'), false);
  expect(names('a')).toEqual([]);
  expect(names('b')).toEqual(['other']);
});
