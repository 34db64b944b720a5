// Laws of peerings, over Vpcs that say anything: both sides or none, and rows that let nothing but agreed ranges pass.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatPrefix, prefixWithin } from '../../src/net/prefix.ts';
import { worldOf } from '../support/model-world.ts';

const octets: Readonly<Record<string, number>> = { a: 1, b: 2, c: 3 };
const range = fc.constantFrom(
  '10.1.0.0/24',
  '10.1.0.0/16',
  '10.2.0.0/24',
  '10.2.1.0/24',
  '10.3.0.0/16',
  '10.9.0.0/24',
);
const entry = fc.record({
  vpc: fc.constantFrom('a', 'b', 'c', 'd'),
  localPrefixes: fc.uniqueArray(range, { minLength: 1, maxLength: 2 }),
  remotePrefixes: fc.uniqueArray(range, { minLength: 1, maxLength: 2 }),
});
const entries = fc.uniqueArray(entry, { maxLength: 3, selector: ({ vpc }) => vpc });

const text = (name: string, peerings: readonly object[]): string =>
  [
    { apiVersion: 'ovn.kube-dc.com/v1alpha1', kind: 'Vpc', metadata: { name }, spec: { peerings } },
    {
      apiVersion: 'ovn.kube-dc.com/v1alpha1',
      kind: 'Subnet',
      metadata: { name: `${name}-net` },
      spec: { vpc: name, cidr: `10.${octets[name]}.0.0/16` },
    },
  ]
    .map((object) => JSON.stringify(object))
    .join('\n---\n');

test('two Vpcs have a peering on both sides or on none, of ranges that are theirs', () => {
  fc.assert(
    fc.property(entries, entries, entries, fc.boolean(), (a, b, c, mirrored) => {
      const answer = a
        .filter(({ vpc }) => vpc === 'b')
        .map(({ localPrefixes, remotePrefixes }) => ({
          vpc: 'a',
          localPrefixes: remotePrefixes,
          remotePrefixes: localPrefixes,
        }));
      const ofB = mirrored ? [...answer, ...b.filter(({ vpc }) => vpc !== 'a')] : b;
      const world = worldOf([text('a', a), text('b', ofB), text('c', c)].join('\n---\n'));
      const names = ['a', 'b', 'c'];
      for (const name of names) {
        for (const { peer, localPrefixes, remotePrefixes } of world.vpc(name).peerings) {
          const back = world.vpc(peer).peerings.find((other) => other.peer === name);
          // Its own further mistakes, of which nobody else knows, are said on its own side.
          if (back === undefined) {
            expect(world.problems.map(({ object }) => object)).toContain(`Vpc/${peer}`);
            continue;
          }
          expect(back.remotePrefixes.map(formatPrefix).toSorted()).toEqual(
            localPrefixes.map(formatPrefix).toSorted(),
          );
          const inside = {
            family: 4,
            base: BigInt(0x0a00_0000 + (octets[name] ?? 0) * 0x1_0000),
            length: 16,
          } as const;
          expect(localPrefixes.every((prefix) => prefixWithin(prefix, inside))).toBe(true);
          expect(remotePrefixes.some((prefix) => prefixWithin(prefix, inside))).toBe(false);
        }
      }
      // Whoever asked for one and has none is told.
      for (const [name, wanted] of [
        ['a', a],
        ['b', ofB],
        ['c', c],
      ] as const) {
        const said = world.problems.filter(
          ({ object, path }) => object === `Vpc/${name}` && path.startsWith('spec.peerings'),
        );
        expect(world.vpc(name).peerings.length + said.length).toBe(wanted.length);
      }
    }),
    { numRuns: 100 },
  );
});
