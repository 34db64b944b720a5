// What must not go before its rows, and what a Project that goes waits for.
import { describe, expect, test } from 'vitest';
import type { Namespace } from '../../../src/api/namespace.ts';
import type { Project } from '../../../src/api/project.ts';
import type { ApiObject } from '../../../src/api/api-object.ts';
import {
  finalizerFor,
  mayRelease,
  nextProjectStep,
  servedOfProject,
  unitOf,
} from '../../../src/status/finalizers.ts';
import { decodeYaml } from '../../support/model-world.ts';
import { eip, fip, networks, pod, project, service } from '../../support/scenario.ts';
import { Inventory } from '../../../src/model/inventory.ts';

const objects = (text: string): ApiObject[] => decodeYaml(text).changes.flatMap(({ object }) => object ?? []);

describe('finalizers', () => {
  test.each([
    [project, 'project.kube-dc.com/finalizer', 'vpc/shalb-demo'],
    [eip('e'), 'eip.kube-dc.com/finalizer', 'vpc/shalb-demo'],
    [fip('f', '{ipAddress: 10.0.10.9}'), 'fip.kube-dc.com/finalizer', 'vpc/shalb-demo'],
    [service('s', '{}', 'ports: [{port: 80}]'), 'service.kube-dc.com/finalizer', 'vpc/shalb-demo'],
    [service('s', '{}', 'loadBalancerClass: metallb, ports: [{port: 80}]'), undefined, 'vpc/shalb-demo'],
    [pod('p'), undefined, 'vpc/shalb-demo'],
  ])('of %s', (text, finalizer, unit) => {
    const [object] = objects(text);
    expect(finalizerFor(object!)).toBe(finalizer);
    expect(unitOf(object!, new Inventory())).toBe(unit);
    expect(mayRelease(object!, new Set(['Pod/other/x']))).toBe(true);
  });

  test('an object that the database serves stays', () => {
    expect(mayRelease(objects(eip('e'))[0]!, new Set(['EIp/shalb-demo/e']))).toBe(false);
    expect(objects(networks).map(finalizerFor)).toEqual([undefined, undefined]);
  });
});

describe('a Project that goes', () => {
  const [demo] = objects(project) as [Project];
  const none = new Inventory();
  const made = objects(
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: shalb-demo, labels: {kube-dc.com/managed-by: ovn-projector, kube-dc.com/organization: shalb}}',
  )[0] as Namespace;
  const withMeta = (change: object): Namespace => ({ ...made, metadata: { ...made.metadata, ...change } });
  const served = new Set(['EIp/shalb-demo/default-gw']);

  test.each([
    ['its namespace first', made, served, 'delete-namespace'],
    ['its namespace, whatever is left', made, new Set<string>(), 'delete-namespace'],
    ['then its rows', withMeta({ deletionTimestamp: '2026-03-01T10:00:00Z' }), served, 'wait'],
    [
      'then its namespace',
      withMeta({ deletionTimestamp: '2026-03-01T10:00:00Z' }),
      new Set<string>(),
      'wait',
    ],
    ['then itself: a missing namespace counts as gone', undefined, new Set<string>(), 'release'],
    ['a namespace that others made stays', withMeta({ labels: {} }), new Set<string>(), 'release'],
    [
      'a namespace of another organization stays',
      withMeta({ labels: { ...made.metadata.labels, 'kube-dc.com/organization': 'x' } }),
      new Set<string>(),
      'release',
    ],
  ] as const)('%s', (_, namespace, left, step) => {
    expect(nextProjectStep(demo, left, namespace, none)).toBe(step);
  });

  test('leaves everything to another Project of the same namespace', () => {
    const both = new Inventory();
    both.apply(
      decodeYaml(project.replace('name: demo, namespace: shalb', 'name: b-demo, namespace: shalb-a')).changes,
    );
    const [loser] = objects(
      project.replace('name: demo, namespace: shalb', 'name: a-b-demo, namespace: shalb'),
    ) as [Project];
    expect(nextProjectStep(loser, served, made, both)).toBe('release');
    expect(nextProjectStep(loser, new Set(['Project/shalb/a-b-demo']), made, both)).toBe('wait');
  });

  test('in a Vpc waits for what is its own there, and for nothing else', () => {
    const namespace = withMeta({ labels: {} });
    const others = new Set([
      'Vpc/platform',
      'Project/shalb/other',
      'EIp/shalb-other/default-gw',
      'vpc/shalb-demo',
    ]);
    const step = (served: ReadonlySet<string>, unit = 'vpc/platform') =>
      nextProjectStep(demo, servedOfProject(demo, unit, served), namespace, none);
    expect(step(others)).toBe('release');
    expect(step(new Set([...others, 'Project/shalb/demo']))).toBe('wait');
    expect(step(new Set([...others, 'Pod/shalb-demo/web']))).toBe('wait');
    expect(step(others, 'vpc/shalb-demo')).toBe('wait');
  });
});
