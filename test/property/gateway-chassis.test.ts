// Laws of the choice of gateway chassis: nothing moves that need not, and what must move spreads.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { orderGatewayChassis } from '../../src/model/gateway-chassis.ts';

const chassis = fc.stringMatching(/^[a-z]{1,3}-?\d{0,2}$/);
const some = fc.uniqueArray(chassis, { minLength: 1, maxLength: 9 });
const router = fc.stringMatching(/^[a-z]{1,6}-[a-z]{1,6}$/);

describe('gateway chassis', () => {
  test('a choice is of candidates only, each once, five at most, and the same in whatever order they come', () => {
    fc.assert(
      fc.property(router, some, fc.array(chassis, { maxLength: 5 }), (name, candidates, current) => {
        const chosen = orderGatewayChassis(name, candidates, current);
        expect(chosen).toHaveLength(Math.min(5, candidates.length));
        expect(new Set(chosen).size).toBe(chosen.length);
        for (const member of chosen) expect(candidates).toContain(member);
        expect(orderGatewayChassis(name, candidates.toReversed(), current)).toEqual(chosen);
      }),
    );
  });

  test('what was chosen is chosen again', () => {
    fc.assert(
      fc.property(router, some, fc.array(chassis, { maxLength: 5 }), (name, candidates, current) => {
        const chosen = orderGatewayChassis(name, candidates, current);
        expect(orderGatewayChassis(name, candidates, chosen)).toEqual(chosen);
      }),
    );
  });

  test('while its host stays a candidate no gateway moves, whoever joins and leaves', () => {
    fc.assert(
      fc.property(router, fc.array(some, { minLength: 2, maxLength: 6 }), (name, history) => {
        let members: string[] = [];
        for (const candidates of history) {
          const [host = ''] = members;
          members = orderGatewayChassis(name, candidates, members);
          if (candidates.includes(host)) expect(members[0]).toBe(host);
        }
      }),
    );
  });

  test('gateways of a chassis that leaves spread over all others, also over one that joined later', () => {
    const routers = Array.from({ length: 600 }, (_, index) => `project-${index}`);
    const before = routers.map((name) => orderGatewayChassis(name, ['a', 'b', 'c'], []));
    const joined = routers.map((name, index) =>
      orderGatewayChassis(name, ['a', 'b', 'c', 'new'], before[index]!),
    );
    const left = routers.map((name, index) => orderGatewayChassis(name, ['b', 'c', 'new'], joined[index]!));
    const heirs = left.filter((_, index) => before[index]![0] === 'a').map(([host]) => host);
    for (const heir of ['b', 'c', 'new'])
      expect(heirs.filter((host) => host === heir).length).toBeGreaterThan(heirs.length / 5);
  });
});
