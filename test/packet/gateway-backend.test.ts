// What a shared Gateway's proxies reach: pods of projects with one range, through the address that routes lead to.
import { expect, test } from 'vitest';
import { type LabObject, exampleNetworks, managementNetwork, pod, project } from '../support/lab-objects.ts';

import { describeLab } from '../support/lab-world.ts';
import type { LabWorld } from '../support/lab-world.ts';

const routed = (path: string, annotations: Readonly<Record<string, string>>, labels = {}): LabObject => {
  const [namespace = '', name = ''] = path.split('/');
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      namespace,
      name,
      labels,
      annotations: Object.fromEntries(
        Object.entries(annotations).map(([key, value]) => [`service.nlb.kube-dc.com/${key}`, value]),
      ),
    },
    spec: {
      type: 'ClusterIP',
      selector: { app: 'web' },
      ports: [
        { name: 'http', port: 80, targetPort: 8080 },
        { name: 'admin', port: 9000 },
      ],
    },
  };
};

const objects = [
  exampleNetworks,
  managementNetwork,
  // Both have the same range, and the pods the same address.
  project('shop/one', '10.0.10.0/24', 'cloud'),
  project('shop/two', '10.0.10.0/24', 'public'),
  ...['shop-one', 'shop-two'].flatMap((namespace) => [
    pod(`${namespace}/web`, { address: '10.0.10.7', labels: { app: 'web' } }),
    routed(`${namespace}/web`, { 'expose-route': 'https' }),
  ]),
  routed('shop-one/solver', {}, { 'acme.cert-manager.io/http01-solver': 'true' }),
  pod('monitoring/envoy'),
];

async function serve(world: LabWorld): Promise<void> {
  for (const path of ['shop-one/web', 'shop-two/web']) {
    const host = await world.pod(path);
    for (const port of [8080, 9000]) await host.listen('tcp', port);
  }
}

const config = 'gateway: { baseDomain: stage.example.com }';

describeLab('The backend of a route', { objects, config, prepare: serve }, (world) => {
  const target = async (eip: string): Promise<string> => `${await world.eip(eip)}:80`;
  const places = {
    'a proxy in ovn-default': () => world.pod('monitoring/envoy'),
    // On a node: it has an address of its own on the external network.
    'a proxy on the host network': () => world.neighbour('node', 4013, '100.65.0.20'),
  };

  for (const [place, client] of Object.entries(places)) {
    test(`${place} reaches the pod of each of two projects with one range`, async () => {
      const host = await client();
      for (const namespace of ['shop-one', 'shop-two']) {
        const backend = await target(`${namespace}/slb-web`);
        await expect
          .poll(() => host.tcp(backend), { timeout: 20_000 })
          .toMatchObject({ outcome: 'answered', server: `web.${namespace}`, localPort: 8080 });
      }
    });

    test(`${place} does not reach a pod by its own address`, async () => {
      expect(await (await client()).tcp('10.0.10.7:8080')).not.toMatchObject({ outcome: 'answered' });
    });
  }

  test('an address of the cloud network, also for a project that leaves by the public one', async () => {
    for (const namespace of ['shop-one', 'shop-two'])
      expect(await world.eip(`${namespace}/slb-web`)).toMatch(/^100\.65\./);
  });

  test('a port that no route leads to is not open', async () => {
    const host = await world.neighbour('node', 4013, '100.65.0.20');
    const address = await world.eip('shop-one/slb-web');
    expect(await host.tcp(`${address}:9000`)).not.toMatchObject({ outcome: 'answered' });
  });

  test('the solver of an HTTP-01 challenge is reached as well', async () => {
    const host = await world.pod('monitoring/envoy');
    const backend = await target('shop-one/slb-solver');
    await expect.poll(() => host.tcp(backend)).toMatchObject({ outcome: 'answered', server: 'web.shop-one' });
  });
});
