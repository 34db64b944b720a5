// Chassis that somebody asked for: when what was answered is not true any more.
import { expect, test } from 'vitest';
import { AskedChassis } from '../../../src/target/asked-chassis.ts';

test('a chassis that appears later counts for whoever asked, once, and for nobody else', () => {
  const there = new Set(['n1']);
  const asked = new AskedChassis((names) => names.find((name) => there.has(name)));
  there.add('unasked');
  expect(asked.haveChanged()).toBe(false);
  expect([asked.of(['n1']), asked.of(['n2', '10.0.0.2'])]).toEqual(['n1', undefined]);
  there.add('n3');
  expect(asked.haveChanged()).toBe(false);
  there.add('10.0.0.2');
  expect(asked.haveChanged()).toBe(true);
  expect(asked.haveChanged()).toBe(false);
  expect(asked.of(['n2', '10.0.0.2'])).toBe('10.0.0.2');
  there.delete('10.0.0.2');
  expect(asked.haveChanged()).toBe(true);
});
