// What several networks say of one policy of the platform, in one status.
import { describe, expect, test } from 'vitest';
import { decodeObject } from '../../../src/api/decode.ts';
import { isPlatformPolicy } from '../../../src/api/platform-policy.ts';
import type { PlatformPolicy } from '../../../src/api/platform-policy.ts';
import type { Problem } from '../../../src/base/problem.ts';
import { platformStatus, unrealisedUnits } from '../../../src/status/platform-status.ts';
import type { PlatformLook } from '../../../src/status/platform-status.ts';
import { worldOf } from '../../support/model-world.ts';

const key = 'ClusterNetworkPolicy/p';
const raw = (egress: object, conditions: readonly object[] = []): object => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha2',
  kind: 'ClusterNetworkPolicy',
  metadata: { name: 'p', generation: 2 },
  spec: { tier: 'Admin', priority: 1, subject: { namespaces: {} }, egress: [egress] },
  status: { conditions },
});
const deny = { action: 'Deny', to: [{ networks: ['192.0.2.0/24'] }] };

function policyOf(object: object): PlatformPolicy {
  const decoded = decodeObject(object);
  if (!decoded.ok || !isPlatformPolicy(decoded.object)) throw new Error('no policy');
  return decoded.object;
}

const networks = ['v', 'w']
  .map(
    (name) =>
      `apiVersion: ovn.kube-dc.com/v1alpha1\nkind: Vpc\nmetadata: {name: ${name}}\nspec: {externalNetworks: []}\n---\napiVersion: ovn.kube-dc.com/v1alpha1\nkind: Subnet\nmetadata: {name: ${name}-pods}\nspec: {vpc: ${name}, cidr: 10.7.0.0/24, namespaces: [${name}]}`,
  )
  .join('\n---\n');

/** Looks at both networks with the policy in them, changed by `overrides`. */
function looks(...overrides: readonly Partial<PlatformLook & PlatformLook['outcome']>[]): PlatformLook[] {
  const world = worldOf(`${networks}\n---\n${JSON.stringify(raw(deny))}`);
  return ['vpc/v', 'vpc/w'].map((unit, index) => {
    const { isRealised = true, isCurrent = true, ...outcome } = overrides[index] ?? {};
    const result = world.results.get(unit as 'vpc/v');
    const known = { unit, result, problems: [], isCommitted: true, pending: new Set<string>() };
    return { isRealised, isCurrent, outcome: { ...known, failure: undefined, revision: 1, ...outcome } };
  });
}

const now = '2026-03-01T10:00:00Z';
/** `Accepted=True: …` */
const conditions = (policy: PlatformPolicy, all: readonly PlatformLook[]): string[] =>
  (platformStatus(policy, all, now).status['conditions'] as readonly Record<string, string>[]).map(
    ({ type, status, message }) => `${type}=${status}: ${message}`,
  );
const policy = policyOf(raw(deny));

describe('a policy', () => {
  test('is in place when it is in every network', () => {
    expect(conditions(policy, looks())).toEqual([
      'Accepted=True: it can be carried out',
      'Programmed=True: it is in the Northbound database',
      'Ready=True: every hypervisor has it',
    ]);
    expect(unrealisedUnits(policy, looks())).toEqual([]);
  });

  test.each([
    ['has not seen it as it is', { isCurrent: false }],
    ['is not written yet', { isCommitted: false }],
    ['stays as it is', { isCommitted: false, result: undefined }],
  ])('waits for a network that %s', (_name, override) => {
    expect(conditions(policy, looks({}, override)).slice(1)).toEqual([
      'Programmed=False: waits for vpc/w',
      'Ready=False: waits for vpc/w',
    ]);
  });

  test('is ready when the hypervisors of all networks have it, and asks for those that do not', () => {
    const all = looks({}, { isRealised: false });
    expect(conditions(policy, all)[2]).toBe('Ready=False: not every hypervisor has it yet');
    expect(unrealisedUnits(policy, all)).toEqual(['vpc/w']);
  });

  test('that was in place stays so while its networks change for other reasons', () => {
    const written = platformStatus(policy, looks(), now).status['conditions'] as readonly object[];
    const known = policyOf(raw(deny, written));
    expect(platformStatus(known, looks({ isCommitted: false }), '2026-03-01T11:00:00Z').status).toEqual({
      conditions: written,
    });
  });
});

test('what cannot be carried out is said, and what means nobody with the network where it does', () => {
  const closed = policyOf(raw({ action: 'Deny', to: [{ domainNames: ['a.example'] }] }));
  expect(conditions(closed, looks())[0]).toContain('Accepted=False: spec.egress[0].to[0].domainNames: ');
  const warning: Problem = {
    object: key,
    code: 'NotFound',
    path: 'spec.egress[0].to[0]',
    message: 'in vpc/w it allows nothing',
    hint: '',
    severity: 'warning',
  };
  const { severity: _, ...plain } = warning;
  const beyond: Problem = { ...plain, code: 'OutOfRange', message: 'there are more' };
  expect(conditions(policy, looks({}, { problems: [warning, { ...warning, object: 'Vpc/w' }] }))[0]).toBe(
    'Accepted=True: it can be carried out; but spec.egress[0].to[0]: in vpc/w it allows nothing',
  );
  expect(conditions(policy, looks({ problems: [beyond] }, { problems: [beyond] }))[0]).toBe(
    'Accepted=False: spec.egress[0].to[0]: there are more',
  );
});
