// Rules of subnets in the lab: written, and waited for until hypervisors have them.
import { vi } from 'vitest';
import type { LabObject } from './lab-objects.ts';
import { project } from './lab-objects.ts';
import type { LabWorld } from './lab-world.ts';

/** A rule with what every rule needs; `rest` says more or otherwise. */
export const acl = (
  name: string,
  direction: 'ingress' | 'egress',
  action: string,
  rest: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> => ({ name, direction, action, priority: 100, ...rest });

/** The Project `shop/a` of both families with these rules. */
export const ruledProject = (acls: readonly Readonly<Record<string, unknown>>[]): LabObject => {
  const plain = project('shop/a', '10.0.10.0/24,fd00:10::/64', 'cloud');
  return { ...plain, spec: { ...(plain['spec'] as object), subnetAcls: acls } };
};

let serial = 0;

/**
 * Puts the rules on the project's subnet. One more, which matches nothing, has a name of its own: when it is there, so are
 * the others, which came in the same transaction.
 */
export async function putRules(
  world: LabWorld,
  acls: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  serial += 1;
  const name = `mark-${serial}`;
  const mark = acl(name, 'ingress', 'drop', { priority: 0, protocol: 'sctp', from: ['203.0.113.254/32'] });
  await world.put(ruledProject([...acls, mark]));
  await vi.waitUntil(
    async () =>
      (await world.lab.ovn.nbctl(
        '--bare',
        '--columns=name',
        'find',
        'ACL',
        `name="shop-a-default/${name}"`,
      )) !== '',
    { timeout: 20_000 },
  );
  await world.lab.settled();
}
