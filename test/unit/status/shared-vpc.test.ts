// Statuses, namespaces and EIps of projects that share a Vpc: each is told of its own.
import { describe, expect, test } from 'vitest';
import { unitOf } from '../../../src/status/finalizers.ts';
import { namespacesIn } from '../../../src/status/unit-namespaces.ts';
import { decodeYaml } from '../../support/model-world.ts';
import { networks, platform, project, service } from '../../support/shared-vpc.ts';
import { StatusStage } from '../../support/status-world.ts';

const neighbour = project('b', 'cidrBlock: 10.0.2.0/24', '04');
const two = networks + platform() + project('a', '') + neighbour;
const settled = (text: string): StatusStage => {
  const stage = new StatusStage().read(text);
  stage.settle();
  return stage;
};

describe('projects in a Vpc', () => {
  test('have a status, a namespace and default-gw of their own', () => {
    const stage = settled(two);
    expect(stage.status('Project/acme/a')).toMatchObject({
      namespace: 'acme-a',
      cidrBlock: '10.0.0.0/24',
      ready: true,
    });
    expect(stage.status('Project/acme/b')).toMatchObject({ namespace: 'acme-b', cidrBlock: '10.0.2.0/24' });
    expect(stage.status('Vpc/platform')).toMatchObject({ ready: true });
    const addresses = ['acme-a', 'acme-b'].map((namespace) => stage.status(`EIp/${namespace}/default-gw`));
    expect(addresses).toMatchObject([
      { ipAddress: '192.0.2.4', ownershipType: 'Shared', ready: true },
      { ipAddress: '192.0.2.3', ownershipType: 'Shared', ready: true },
    ]);
    expect([...stage.objects.keys()].filter((key) => key.startsWith('Namespace/'))).toEqual([
      'Namespace/acme-a',
      'Namespace/acme-b',
    ]);
  });

  test('the fault of one is told to nobody else', () => {
    const stage = settled(`${two}${project('c', 'cidrBlock: 10.0.2.0/25', '05')}`);
    expect(stage.status('Project/acme/c')).toMatchObject({
      ready: false,
      conditions: expect.arrayContaining([expect.objectContaining({ type: 'Accepted', reason: 'Overlap' })]),
    });
    for (const key of ['Project/acme/a', 'Project/acme/b', 'Vpc/platform'])
      expect(stage.status(key)).toMatchObject({ ready: true });
    expect(stage.objects.has('Namespace/acme-c')).toBe(false);
  });

  test('a Service of one has an EIp beside it, and a status', () => {
    const stage = settled(two + service('acme-b', 'web'));
    expect(stage.status('Service/acme-b/web')).toMatchObject({ loadBalancer: { ingress: [{}] } });
    expect([...stage.objects.keys()].filter((key) => key.startsWith('EIp/'))).toEqual([
      'EIp/acme-a/default-gw',
      'EIp/acme-b/default-gw',
      'EIp/acme-b/slb-web',
    ]);
  });

  test('what is in their namespaces is of the unit of the Vpc, and of no other', () => {
    const text = two + service('acme-a', 'web');
    const { inventory, units } = new StatusStage().read(text).world();
    expect(units).not.toContain('vpc/acme-a');
    expect(namespacesIn('platform', inventory)).toEqual(['acme-a', 'acme-b', 'platform']);
    expect(namespacesIn('acme-a', inventory)).toEqual([]);
    const objects = decodeYaml(text).changes.flatMap(({ object }) => object ?? []);
    const ofProjects = objects.filter(({ kind }) => kind === 'Project' || kind === 'Service');
    expect(ofProjects.map((object) => unitOf(object, inventory))).toEqual(Array(3).fill('vpc/platform'));
  });
});
