// What is said of problems, and that it is said once.
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../../src/base/problem.ts';
import { nextEvents, readyEvent } from '../../../src/status/events.ts';
import type { ToldProblems } from '../../../src/status/events.ts';
import type { UnitOutcome } from '../../../src/status/unit-outcome.ts';
import { networks, onEip, project, service } from '../../support/scenario.ts';
import { StatusStage } from '../../support/status-world.ts';

const problem = (change: Partial<Problem> = {}): Problem => ({
  code: 'NotFound',
  object: 'Service/shalb-demo/web',
  path: 'metadata.annotations[service.nlb.kube-dc.com/bind-on-eip]',
  message: 'there is no EIp none',
  hint: 'create it in the same namespace, or name one that exists',
  ...change,
});
const outcome = (...problems: readonly Problem[]): UnitOutcome => ({
  unit: 'vpc/shalb-demo',
  result: undefined,
  problems,
  isCommitted: true,
  pending: new Set(),
  failure: undefined,
  revision: 0,
});
const nothing = { objects: new StatusStage().world().inventory, written: new Map() };

describe('events', () => {
  test('are told when a problem comes or changes, not while it lasts', () => {
    let told: ToldProblems;
    const tell = (...problems: readonly Problem[]) => {
      const telling = nextEvents(told, outcome(...problems), nothing);
      told = telling.told;
      return telling.events.map(({ type, reason, message }) => `${type} ${reason} ${message}`);
    };
    expect(tell()).toEqual([]);
    expect(tell(problem())).toEqual([
      'Warning NotFound metadata.annotations[service.nlb.kube-dc.com/bind-on-eip]: there is no EIp none; create it in the same namespace, or name one that exists',
    ]);
    expect(tell(problem(), problem())).toEqual([]);
    expect(tell(problem({ message: 'there is no EIp other' }))).toHaveLength(1);
    expect(tell()).toEqual([]);
    expect(
      tell(problem(), problem({ code: 'Pending', path: '' }), problem({ severity: 'warning', path: 'x' })),
    ).toEqual([
      expect.stringMatching(/^Warning NotFound/),
      expect.stringMatching(/^Normal Pending/),
      expect.stringMatching(/^Warning NotFound x: /),
    ]);
  });

  test('of a restart say nothing that a condition says already', () => {
    const stage = new StatusStage().read(
      [networks, project, service('web', onEip('none'), 'ports: [{port: 80}]')].join(''),
    );
    const world = stage.world();
    const first = nextEvents(undefined, stage.outcome(world, 'vpc/shalb-demo'), stage.context(world));
    expect(first.events.map(({ object }) => object)).toEqual(['Service/shalb-demo/web']);
    stage.settle();
    const again = stage.world();
    const restarted = nextEvents(undefined, stage.outcome(again, 'vpc/shalb-demo'), stage.context(again));
    expect(restarted.events).toEqual([]);
    expect(restarted.told).toEqual(first.told);
  });

  test('have a note that the API takes', () => {
    const { events } = nextEvents(undefined, outcome(problem({ message: 'x'.repeat(5000) })), nothing);
    expect(events[0]?.message).toHaveLength(1024);
  });
});

describe('an address', () => {
  const conditions = (status: string) => [
    { type: 'Ready', status, reason: 'x', message: '', lastTransitionTime: '' },
  ];
  const desired = (kind: string, status: object) => ({
    key: `${kind}/shalb-demo/x`,
    apiVersion: 'v1',
    kind,
    namespace: 'shalb-demo',
    name: 'x',
    status: { ...status, conditions: conditions('True') },
  });
  const eip = desired('EIp', { ipAddress: '100.65.0.7,2001:db8:65::7' });

  test.each([
    [eip, 'the address is 100.65.0.7,2001:db8:65::7'],
    [
      desired('FIp', { externalIP: '100.65.0.7', resolvedTargetIP: '10.0.0.7' }),
      '100.65.0.7 leads to 10.0.0.7',
    ],
    [
      desired('Service', { loadBalancer: { ingress: [{ ip: '100.65.0.7' }, { ip: '2001:db8:65::7' }] } }),
      'reached at 100.65.0.7, 2001:db8:65::7',
    ],
  ])('of %o is told when it can be used', (status, message) => {
    const said = { object: status.key, type: 'Normal', reason: 'AddressAssigned', message };
    expect(readyEvent(status, {})).toEqual(said);
    expect(readyEvent(status, { conditions: conditions('False') })).toEqual(said);
  });

  test('is not told twice, nor of what has none, nor before it is Ready', () => {
    expect(readyEvent(eip, { conditions: conditions('True') })).toBeUndefined();
    expect(readyEvent(desired('Project', {}), {})).toBeUndefined();
    expect(readyEvent({ ...eip, status: { conditions: conditions('False') } }, {})).toBeUndefined();
  });
});
