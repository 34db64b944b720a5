// What a pass over all units came to, in an order that does not depend on the order of the units.
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../../src/base/problem.ts';
import { makeReport } from '../../../src/controller/report.ts';
import type { UnitState } from '../../../src/controller/unit-states.ts';
import type { ChangeSet } from '../../../src/plan/change-set.ts';

const problem = (object: string, message = ''): Problem => ({
  code: 'Conflict',
  object,
  path: '',
  message,
  hint: '',
});
const deleting = (unit: string, ...uuids: readonly string[]): ChangeSet => ({
  unit,
  inserts: [],
  updates: [],
  deletes: uuids.map((uuid) => ({ table: 'NAT', uuid, id: uuid, source: '', before: { _uuid: uuid } })),
  attach: [],
  detach: [],
});
const state = (more: Partial<UnitState>): UnitState => ({
  isBlocked: false,
  problems: [],
  ledger: [],
  held: [],
  changes: undefined,
  failure: undefined,
  ...more,
});
const input = { sourceProblems: [], written: undefined, massDelete: undefined };

describe('makeReport', () => {
  test('puts everything in order, and every problem once', () => {
    const report = makeReport({
      ...input,
      sourceProblems: [problem('Vpc/z')],
      states: [
        ['vpc/b', state({ isBlocked: true, problems: [problem('Vpc/b'), problem('Vpc/a', 'x')] })],
        ['vpc/a', state({ isBlocked: true, problems: [problem('Vpc/b')] })],
      ],
    });
    expect(report.problems.map(({ object }) => object)).toEqual(['Vpc/a', 'Vpc/b', 'Vpc/z']);
    expect(report.blocked).toEqual(['vpc/a', 'vpc/b']);
    expect(report).not.toHaveProperty('massDelete');
  });

  test('sums up what is left to do, unless it is told what was written', () => {
    const states: [string, UnitState][] = [
      ['vpc/b', state({ changes: deleting('vpc/b', '1', '2') })],
      ['vpc/a', state({ changes: deleting('vpc/a', '3') })],
      ['vpc/c', state({ changes: deleting('vpc/c') })],
    ];
    const left = makeReport({ ...input, states });
    expect(left.changeSets.map(({ unit }) => unit)).toEqual(['vpc/a', 'vpc/b']);
    expect(left.summary).toEqual({ insert: 0, update: 0, delete: 3, transactions: 2 });
    const written = { insert: 1, update: 2, delete: 3, transactions: 4 };
    expect(makeReport({ ...input, states, written }).summary).toBe(written);
  });

  test('lists addresses by holder, and failures by unit', () => {
    const error = new Error('x');
    const report = makeReport({
      ...input,
      states: [
        [
          'vpc/b',
          state({ failure: error, ledger: [{ holder: 'Project/o/b', kind: 'block', value: '10.0.0.0/24' }] }),
        ],
        ['vpc/a', state({ ledger: [{ holder: 'EIp/a/x', kind: 'eip', value: '192.0.2.1' }] })],
      ],
    });
    expect(Object.entries(report.addresses)).toEqual([
      ['EIp/a/x', '192.0.2.1'],
      ['Project/o/b', '10.0.0.0/24'],
    ]);
    expect(report.failures).toEqual([{ unit: 'vpc/b', error }]);
  });
});
