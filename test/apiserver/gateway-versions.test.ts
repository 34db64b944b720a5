// Kinds that come late, and clusters that have older versions of them; and the whole way with a network beneath it.
import { expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import {
  createGateway,
  describeRoutes,
  installThirdParty,
  listenersOf,
  madeIn,
  startGatewayDaemon,
  startStandIns,
} from '../support/gateway-daemon.ts';
import { startKubeDaemon } from '../support/kube-daemon.ts';
import { kubeWorld } from '../support/kube-world.ts';
import { startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn, ovnVersions } from '../support/ovn-programs.ts';
import type { ThirdPartyCrd } from '../support/third-party-crds.ts';

const prefix = 'service.nlb.kube-dc.com/';
const ovn = ovnVersions.findLast(hasOvn) ?? '25.03';

/** As clusters of Gateway API 1.2 are: older versions alone, and no ListenerSet. */
function older(crds: readonly ThirdPartyCrd[]): readonly ThirdPartyCrd[] {
  const only: Readonly<Record<string, string>> = { TLSRoute: 'v1alpha2', ReferenceGrant: 'v1beta1' };
  return crds
    .filter(({ spec }) => spec.names.kind !== 'ListenerSet')
    .map((crd) => {
      const wanted = only[crd.spec.names.kind];
      if (wanted === undefined) return crd;
      const versions = crd.spec.versions
        .filter(({ name }) => name === wanted)
        .map((version) => Object.assign(structuredClone(version), { served: true, storage: true }));
      return Object.assign(structuredClone(crd), {
        spec: Object.assign(structuredClone(crd.spec), { versions }),
      });
    });
}

const get = async (server: ApiServer, path: string) => server.request('GET', path);

describeRoutes('versions of others', (crds) => {
  test('kinds that come late are used when they come, each in the version that there is', async () => {
    await using server = await startApiServer({ crds: true });
    const world = kubeWorld(server);
    await world.addNamespace('one');
    const annotations = {
      [`${prefix}expose-route`]: 'tls-passthrough',
      [`${prefix}route-hostname`]: 'a.example.com',
    };
    await world.add('Service/one/api', { metadata: { annotations }, spec: { ports: [{ port: 443 }] } });
    await world.add('Service/one/web', {
      metadata: { annotations: { [`${prefix}expose-route`]: 'https', [`${prefix}tls-secret`]: 'mine' } },
      spec: { ports: [{ port: 80 }] },
    });
    await using daemon = startGatewayDaemon({ kubeconfig: server.kubeconfig, config: { listenerLimit: 3 } });
    const status = async (name: string) =>
      (await world.annotations(`Service/one/${name}`))?.[`${prefix}route-status`];
    await expect.poll(() => status('web')).toMatch(/^NotFound: there is no Gateway/);
    await installThirdParty(server, older(crds));
    await world.addNamespace('envoy-gateway-system');
    await createGateway(server);
    await using _standIns = startStandIns(server, { TLSRoute: 'v1alpha2' });
    await expect.poll(() => status('api')).toBe('Ready');
    await expect.poll(() => status('web')).toBe('Ready');
    const root = '/apis/gateway.networking.k8s.io';
    expect(await get(server, `${root}/v1alpha2/namespaces/one/tlsroutes/api-route`)).toMatchObject({
      status: 200,
    });
    expect(
      await get(server, `${root}/v1beta1/namespaces/one/referencegrants/allow-gateway-cert-web`),
    ).toMatchObject({ status: 200 });
    expect(await listenersOf(server)).toEqual(['http', 'https-web-one', 'tls-api-one']);

    // The limit is reached, and this cluster has no ListenerSet: until it gets one.
    await world.add('Service/one/more', {
      metadata: { annotations: { [`${prefix}expose-route`]: 'https', [`${prefix}tls-secret`]: 'mine' } },
      spec: { ports: [{ port: 80 }] },
    });
    await expect.poll(() => status('more')).toMatch(/^Exhausted: .*no more than 3/);
    const patch = { spec: { allowedListeners: { namespaces: { from: 'All' } } } };
    await server.request(
      'PATCH',
      `${root}/v1/namespaces/envoy-gateway-system/gateways/eg`,
      patch,
      'application/merge-patch+json',
    );
    await installThirdParty(
      server,
      crds.filter(({ spec }) => spec.names.kind === 'ListenerSet'),
    );
    await expect.poll(() => status('more')).toBe('Ready');
    expect(await madeIn(server, 'one')).toContain('ListenerSet/more-listener');
    expect(daemon.refused).toEqual([]);
  });

  test.skipIf(!hasOvn(ovn))(
    'a project that the Gateway does not reach: an address, {service}-ext, and the route to it',
    async () => {
      await using server = await startApiServer({ crds: true });
      await using central = await startOvnCentral({ version: ovn });
      const world = kubeWorld(server);
      await installThirdParty(server, crds);
      for (const name of ['envoy-gateway-system', 'shalb']) await world.addNamespace(name);
      await createGateway(server);
      await world.addNetwork('ext-cloud', 'cloud', '100.65.0.0/24');
      await world.addProject('demo', { cidrBlock: '10.0.10.0/24' });
      await using daemon = await startKubeDaemon({
        kubeconfig: server.kubeconfig,
        nb: central.nb,
        gateway: { issuer: { kind: 'ClusterIssuer', name: 'le' } },
      });
      await using _standIns = startStandIns(server);
      await expect.poll(() => world.get('Namespace/shalb-demo')).toBeDefined();
      await server.create('/apis/cert-manager.io/v1/clusterissuers', {
        apiVersion: 'cert-manager.io/v1',
        kind: 'ClusterIssuer',
        metadata: { name: 'le' },
        spec: { selfSigned: {} },
      });
      await world.addPod('shalb-demo', 'web-0', { labels: { app: 'web' } });
      await world.add('Service/shalb-demo/web', {
        metadata: { annotations: { [`${prefix}expose-route`]: 'https' } },
        spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
      });
      await expect
        .poll(() => world.annotations('Service/shalb-demo/web'))
        .toMatchObject({ [`${prefix}route-status`]: 'Ready' });
      const { body } = await get(
        server,
        '/apis/gateway.networking.k8s.io/v1/namespaces/shalb-demo/httproutes/web-route',
      );
      expect(body).toMatchObject({
        spec: { rules: [{ backendRefs: [{ kind: 'Service', name: 'web-ext', port: 80 }] }] },
      });
      const address = ((await world.status('EIp/shalb-demo/slb-web')) as { ipAddress: string }).ipAddress;
      const vips = await central.nbctl(
        '--bare',
        '--columns=vips',
        'list',
        'Load_Balancer',
        'shalb-demo-web-tcp',
      );
      expect(vips).toContain(`${address}:80=10.0.10.2:8080`);

      await world.delete('Service/shalb-demo/web');
      await expect.poll(() => madeIn(server, 'shalb-demo')).toEqual([]);
      await expect.poll(() => world.get('EIp/shalb-demo/slb-web')).toBeUndefined();
      expect(await listenersOf(server)).toEqual(['http']);
      await daemon.settled();
    },
  );
});
