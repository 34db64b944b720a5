// Routes of a Vpc: which are followed, and which OVN would have taken without a word.
import { describe, expect, test } from 'vitest';
import { worldOf } from '../../support/model-world.ts';
import type { World } from '../../support/model-world.ts';
import { networks } from '../../support/scenario.ts';

const world = (spec: string, further = '{name: ext-public}'): World =>
  worldOf(`${networks}
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Vpc
metadata: {name: core}
spec: {externalNetworks: [{name: ext-cloud, address: 100.65.0.101}, ${further}], ${spec}}
---
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Subnet
metadata: {name: core-a}
spec: {vpc: core, cidr: 10.1.0.0/16}
---`);

const problems = ({ problems: all }: World): string[] =>
  all.map(({ code, object, path }) => `${code} ${object} ${path}`);

describe('a static route', () => {
  test.each(['10.1.0.7', '100.65.0.9'])('goes to a neighbour of the router: %s', (nextHop) => {
    const found = world(`staticRoutes: [{cidr: 10.8.0.0/16, nextHop: ${nextHop}}]`);
    expect(problems(found)).toEqual([]);
    expect(found.vpc('core').staticRoutes).toHaveLength(1);
  });

  test.each([
    ['is nobody’s neighbour', '10.9.0.7', 'is on no segment of its router (10.1.0.0/16, 100.65.0.0/16)'],
    ['is on a network of an edge', '168.119.17.60', 'is on no segment'],
    ['is the router on its subnet', '10.1.0.1', "is the router's own address on Subnet/core-a"],
    ['is the router outside', '100.65.0.101', "is the router's own address on ExternalNetwork/ext-cloud"],
  ])('whose next hop %s is left out', (_why, nextHop, message) => {
    const found = world(
      `staticRoutes: [{cidr: 10.8.0.0/16, nextHop: ${nextHop}}, {cidr: 10.7.0.0/16, nextHop: 10.1.0.7}]`,
    );
    expect(problems(found)).toEqual(['OutOfRange Vpc/core spec.staticRoutes[0].nextHop']);
    expect(found.problems[0]?.message).toContain(message);
    expect(found.vpc('core').staticRoutes).toHaveLength(1);
  });

  test('that is written twice is there once', () => {
    const route = '{cidr: 10.8.0.0/16, nextHop: 10.1.0.7}';
    const found = world(`staticRoutes: [${route}, ${route}]`);
    expect(problems(found)).toEqual(['Conflict Vpc/core spec.staticRoutes[1]']);
    expect(found.vpc('core').staticRoutes).toHaveLength(1);
  });

  test('to everywhere does not share connections with the way out', () => {
    const found = world('staticRoutes: [{cidr: 0.0.0.0/0, nextHop: 10.1.0.7}]');
    expect(problems(found)).toEqual(['Conflict Vpc/core spec.staticRoutes[0].cidr']);
    expect(found.vpc('core').staticRoutes).toEqual([]);
    const bySource = world('staticRoutes: [{cidr: 10.1.4.0/24, nextHop: 10.1.0.7, policy: src-ip}]');
    expect(problems(bySource)).toEqual([]);
  });
});

describe('a policy route', () => {
  const route = (priority: number, nextHops: string): string =>
    `{priority: ${priority}, match: {sourceCidr: 10.1.4.0/24}, action: reroute, nextHops: [${nextHops}]}`;

  test('whose next hops are not all neighbours is left out', () => {
    const found = world(`policyRoutes: [${route(1, '10.1.0.7, 10.9.0.7')}, ${route(2, '10.1.0.7')}]`);
    expect(problems(found)).toEqual(['OutOfRange Vpc/core spec.policyRoutes[0].nextHops[1]']);
    expect(found.vpc('core').policyRoutes.map(({ priority }) => priority)).toEqual([2]);
  });

  test('for the same packets at the same priority as another one is left out', () => {
    const found = world(`policyRoutes: [${route(1, '10.1.0.7')}, ${route(1, '10.1.0.8')}]`);
    expect(problems(found)).toEqual(['Conflict Vpc/core spec.policyRoutes[1]']);
    expect(found.vpc('core').policyRoutes).toHaveLength(1);
  });

  test('that sends packets on which no route would keep is told of, and there all the same', () => {
    const inside = (routes: string): World =>
      worldOf(`apiVersion: ovn.kube-dc.com/v1alpha1
kind: Vpc
metadata: {name: core}
spec: {staticRoutes: [${routes}], policyRoutes: [{priority: 1, match: {sourceCidr: 10.1.4.0/24, destinationCidr: 10.9.0.0/16}, action: reroute, nextHops: [10.1.0.7]}]}
---
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Subnet
metadata: {name: core-a}
spec: {vpc: core, cidr: 10.1.0.0/16}`);
    const lost = inside('');
    expect(lost.problems).toMatchObject([
      { severity: 'warning', code: 'NotFound', path: 'spec.policyRoutes[0].match' },
    ]);
    expect(lost.vpc('core').policyRoutes).toHaveLength(1);
    expect(problems(inside('{cidr: 10.8.0.0/15, nextHop: 10.1.0.8}'))).toEqual([]);
    expect(problems(inside('{cidr: 10.1.0.0/16, nextHop: 10.1.0.8, policy: src-ip}'))).toEqual([]);
  });

  test('stays below what the platform decides', () => {
    expect(problems(world(`policyRoutes: [${route(18_999, '10.1.0.7')}]`))).toEqual([]);
    const above = world(`policyRoutes: [${route(19_000, '10.1.0.7')}]`);
    expect(above.problems).toMatchObject([
      {
        code: 'Invalid',
        path: 'spec.policyRoutes[0].priority',
        message: expect.stringContaining('larger than 18999') as string,
        hint: expect.stringContaining('the rules of the platform') as string,
      },
    ]);
  });
});
