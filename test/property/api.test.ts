// Laws of decoding: it never throws, it is idempotent, and it shares nothing with its input.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeObject } from '../../src/api/decode.ts';
import { kinds } from '../../src/api/kind.ts';

/** JSON in which names of real fields are frequent, so that it gets past the first checks. */
const fields = fc.constantFrom(
  ...`spec status metadata name namespace labels annotations cidrBlock cidr gateway vpc ports port type selector endpoints
  addresses excludeIps vlan externalNetworks ipAddress eip vmTarget vmName policyRoutes match action nextHops containers
  constructor __proto__`.split(/\s+/),
);
const values = fc.oneof(
  fc.constantFrom(
    '10.0.0.0/24',
    '10.0.0.1',
    '10.0.0.300',
    'fd00::/64',
    'LoadBalancer',
    'IPv4',
    'true',
    '',
    'a..b',
    '\u0000',
  ),
  fc.string(),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
);
const json = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5 },
    values,
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(fields, tie('node'), { maxKeys: 6 }),
  ),
})).node;
const names = Object.entries(kinds).map(([kind, { apiVersion }]) => ({ apiVersion, kind }));
const document = fc
  .tuple(fc.constantFrom(...names), fc.dictionary(fields, json), fc.oneof(json, fc.constant({ name: 'x' })))
  .map(([name, rest, metadata]) => Object.assign(rest, name, { metadata }));

describe('decodeObject', () => {
  test('never throws, and says something about whatever it rejects', () => {
    fc.assert(
      fc.property(fc.oneof(document, json, fc.anything()), (raw) => {
        const decoded = decodeObject(raw);
        if (decoded.ok || decoded.ignored) return;
        expect(decoded.problems.length).toBeGreaterThan(0);
        for (const problem of decoded.problems) {
          expect(problem.message).not.toBe('');
          expect(problem.hint).not.toBe('');
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('what it returns it accepts again, unchanged', () => {
    fc.assert(
      fc.property(document, (raw) => {
        const first = decodeObject(raw);
        if (!first.ok) return;
        const again = decodeObject(first.object);
        expect(again).toMatchObject({ ok: true, object: first.object });
        // What is wrong with the values of a policy is said again; an unknown field is gone.
        for (const warning of again.ok ? again.warnings : []) expect(first.warnings).toContainEqual(warning);
      }),
      { numRuns: 2000 },
    );
  });

  test('does not change its input', () => {
    fc.assert(
      fc.property(document, (raw) => {
        const before = JSON.stringify(raw);
        decodeObject(raw);
        expect(JSON.stringify(raw)).toBe(before);
      }),
    );
  });
});
