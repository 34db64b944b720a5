// Objects that nobody is told of: those of one namespace are found without a look at all others.
import { expect, test } from 'vitest';
import { UnseenKeys } from '../../../../src/source/kubernetes/unseen-keys.ts';

test('keys of a namespace: a Project is of the namespace that it makes, and nothing is left of what goes', () => {
  const keys = new UnseenKeys();
  for (const key of [
    'Project/shalb/demo',
    'EIp/shalb-demo/a',
    'EIp/shalb-other/a',
    'Pod/shalb-demo/p',
    'Vpc/v',
  ])
    keys.put(key, true);
  keys.put('EIp/shalb-demo/a', true);
  expect([...keys.ofNamespace('shalb-demo')]).toEqual(['Project/shalb/demo', 'EIp/shalb-demo/a']);
  expect([...keys.all]).toHaveLength(5);
  for (const key of keys.all) keys.put(key, false);
  keys.put('EIp/shalb-demo/never', false);
  expect([...keys.all, ...keys.ofNamespace('shalb-demo'), ...keys.ofNamespace('shalb-other')]).toEqual([]);
});

test('what a namespace costs does not grow with objects that are ending elsewhere', () => {
  const keys = new UnseenKeys();
  for (let project = 0; project < 3000; project++)
    for (let eip = 0; eip < 10; eip++) keys.put(`EIp/o-${project}/e${eip}`, true);
  const seen = keys.ofNamespace('o-1500');
  expect([...seen]).toHaveLength(10);
  expect(keys.ofNamespace('o-1500')).toBe(seen);
});
