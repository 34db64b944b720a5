// Routes of Services on a real API server with the definitions of Gateway API, cert-manager and Envoy Gateway. Who would
// issue certificates and serve routes is a stand-in, which says yes to everything.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import {
  applyAs,
  createGateway,
  describeRoutes,
  gatewayPath,
  installThirdParty,
  listenersOf,
  madeIn,
  wholeListeners,
  startGatewayDaemon,
  startStandIns,
  type StandIns,
} from '../support/gateway-daemon.ts';
import { type KubeWorld, kubeWorld } from '../support/kube-world.ts';

const prefix = 'service.nlb.kube-dc.com/';
const whole = [
  'Certificate/web-tls',
  'HTTPRoute/web-redirect',
  'HTTPRoute/web-route',
  'ReferenceGrant/allow-gateway-cert-web',
];

describeRoutes('routes', (crds) => {
  let server: ApiServer;
  let world: KubeWorld;
  let standIns: StandIns;
  beforeAll(async () => {
    server = await startApiServer({ crds: true });
    world = kubeWorld(server);
    await installThirdParty(server, crds);
    await world.addNamespace('envoy-gateway-system');
    await createGateway(server, { allowedListeners: { namespaces: { from: 'All' } } });
    await server.create('/apis/cert-manager.io/v1/clusterissuers', {
      apiVersion: 'cert-manager.io/v1',
      kind: 'ClusterIssuer',
      metadata: { name: 'le' },
      spec: { selfSigned: {} },
    });
    standIns = startStandIns(server);
  });
  afterAll(async () => {
    await standIns?.stop();
    await server?.stop();
  });

  const start = (more: object = {}) => {
    const config = { issuer: { kind: 'ClusterIssuer', name: 'le' } };
    return startGatewayDaemon({ kubeconfig: server.kubeconfig, config, ...more });
  };
  const expose = (
    namespace: string,
    name: string,
    annotations: Record<string, string>,
    ports: object[] = [{ port: 80 }],
  ) =>
    world.add(`Service/${namespace}/${name}`, {
      metadata: {
        annotations: Object.fromEntries(
          Object.entries(annotations).map(([key, value]) => [prefix + key, value]),
        ),
      },
      spec: { ports },
    });
  const annotate = (key: string, annotations: Record<string, string | null>) =>
    world.patch(key, {
      metadata: {
        annotations: Object.fromEntries(
          Object.entries(annotations).map(([name, value]) => [prefix + name, value]),
        ),
      },
    });
  const told = async (key: string) => (await world.annotations(key)) ?? {};

  test('https, from the Service to the status: every object is taken, and nothing is written twice', async () => {
    await world.addNamespace('one');
    await using daemon = start();
    await expose('one', 'web', { 'expose-route': 'https' });
    await expect
      .poll(() => told('Service/one/web'))
      .toMatchObject({
        [`${prefix}route-hostname-status`]: 'web-one.stage.kube-dc.com',
        [`${prefix}route-status`]: 'Ready',
      });
    expect(await madeIn(server, 'one')).toEqual(whole);
    expect(await listenersOf(server)).toEqual(['http', 'https-web-one']);
    await daemon.settled();
    const many = daemon.writes.length;
    await world.patch('Service/one/web', { metadata: { labels: { touched: 'yes' } } });
    await daemon.settled();
    expect(daemon.writes.slice(many)).toEqual([]);
    expect(daemon.refused).toEqual([]);
    expect(await world.events('one', 'web')).toContainEqual(expect.objectContaining({ reason: 'Pending' }));
  });

  test('other types, changed into one another, leave nothing behind', async () => {
    await world.addNamespace('two');
    await using daemon = start();
    await expose('two', 'web', { 'expose-route': 'http' }, [
      { name: 'a', port: 80 },
      { name: 'b', port: 443 },
    ]);
    await daemon.settled();
    expect(await madeIn(server, 'two')).toEqual(['HTTPRoute/web-route']);
    await annotate('Service/two/web', { 'expose-route': 'tls-passthrough', 'route-port': '443' });
    await daemon.settled();
    expect(await madeIn(server, 'two')).toEqual(['TLSRoute/web-route']);
    expect(await listenersOf(server)).toContain('tls-web-two');
    await annotate('Service/two/web', { 'expose-route': 'https', 'route-hostname': 'app.example.com' });
    await daemon.settled();
    expect(await madeIn(server, 'two')).toEqual(whole);
    expect(await told('Service/two/web')).toMatchObject({
      [`${prefix}route-hostname-status`]: 'app.example.com',
    });
    await annotate('Service/two/web', { 'expose-route': null });
    await daemon.settled();
    expect(await madeIn(server, 'two')).toEqual([]);
    expect(await listenersOf(server)).not.toContain('https-web-two');
    expect(await told('Service/two/web')).not.toHaveProperty(`${prefix}route-status`);
    expect(daemon.refused).toEqual([]);
  });

  test('gRPC and a Backend are taken as well', async () => {
    await world.addNamespace('three');
    await world.add('EIp/three/slb-web', {});
    await world.patch('EIp/three/slb-web', { status: { ipAddress: '100.65.0.7' } }, '/status');
    await using daemon = start();
    await expose('three', 'web', { 'expose-route': 'https', 'create-gateway-backend': 'true' }, [
      { port: 50051, appProtocol: 'kubernetes.io/h2c' },
    ]);
    await daemon.settled();
    expect(await madeIn(server, 'three')).toEqual([
      'Backend/web-backend',
      'Certificate/web-tls',
      'GRPCRoute/web-route',
      'HTTPRoute/web-redirect',
      'ReferenceGrant/allow-gateway-cert-web',
    ]);
    expect(await told('Service/three/web')).toMatchObject({ [`${prefix}route-status`]: 'Ready' });
    expect(daemon.refused).toEqual([]);
  });

  test('listeners of another field manager come and go beside ours, and ours go alone', async () => {
    await world.addNamespace('four');
    const theirs = (names: readonly string[]) => ({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: 'eg', namespace: 'envoy-gateway-system' },
      spec: {
        listeners: names.map((name) => ({
          name,
          port: 443,
          protocol: 'HTTPS',
          hostname: `${name}.example.com`,
          tls: { certificateRefs: [{ name }] },
        })),
      },
    });
    await using daemon = start();
    await expose('four', 'a', { 'expose-route': 'https' });
    expect(await applyAs(server, 'gitops', gatewayPath(), theirs(['x', 'y']))).toBe(200);
    await expose('four', 'b', { 'expose-route': 'https' });
    await daemon.settled();
    expect(await applyAs(server, 'gitops', gatewayPath(), theirs(['y', 'z']))).toBe(200);
    await world.delete('Service/four/a');
    await daemon.settled();
    const listeners = await listenersOf(server);
    expect(listeners).toEqual(expect.arrayContaining(['http', 'y', 'z', 'https-b-four']));
    expect(listeners).not.toContain('x');
    expect(listeners).not.toContain('https-a-four');
    await world.delete('Service/four/b');
    await daemon.settled();
    expect(await applyAs(server, 'gitops', gatewayPath(), theirs([]))).toBe(200);
    expect(await listenersOf(server)).not.toContain('https-b-four');
  });

  test('what somebody changes or deletes by hand is put back', async () => {
    await world.addNamespace('five');
    await using daemon = start();
    await expose('five', 'web', { 'expose-route': 'https' });
    await daemon.settled();
    await server.request('DELETE', '/apis/gateway.networking.k8s.io/v1/namespaces/five/httproutes/web-route');
    const changed = await wholeListeners(server);
    for (const each of changed) if (each.name === 'https-web-five') each.hostname = 'evil.example.com';
    const patch = { spec: { listeners: changed } };
    await server.request(
      'PATCH',
      `${gatewayPath()}?fieldManager=someone`,
      patch,
      'application/merge-patch+json',
    );
    await daemon.settled();
    expect(await madeIn(server, 'five')).toEqual(whole);
    expect(await wholeListeners(server)).toContainEqual(
      expect.objectContaining({ name: 'https-web-five', hostname: 'web-five.stage.kube-dc.com' }),
    );
  });

  test('a Service that vanished while nobody looked leaves nothing, and others go on', async () => {
    await world.addNamespace('six');
    const first = start();
    await expose('six', 'gone', { 'expose-route': 'https' });
    await expose('six', 'web', { 'expose-route': 'https' });
    await first.settled();
    await first.stop();
    await world.delete('Service/six/gone');
    await using daemon = start();
    await daemon.settled();
    expect(await madeIn(server, 'six')).toEqual(whole);
    const listeners = await listenersOf(server);
    expect([listeners.includes('https-gone-six'), listeners.includes('https-web-six')]).toEqual([
      false,
      true,
    ]);
  });

  test('a crash before any of the writes is made up for, on the way there and on the way back', async () => {
    await world.addNamespace('seven');
    const crashing = async (at: number): Promise<boolean> => {
      let [count, hasCrashed] = [0, false];
      const onWrite = (): void => {
        if (++count > at) {
          hasCrashed = true;
          throw new Error('crashed');
        }
      };
      const daemon = start({ onWrite });
      if (at < 100) await expect.poll(() => hasCrashed).toBe(true);
      await daemon.stop();
      return hasCrashed;
    };
    for (let at = 0; at < 6; at++) {
      await expose('seven', 'web', { 'expose-route': 'https' });
      await crashing(at);
      const daemon = start();
      await daemon.settled();
      expect(await madeIn(server, 'seven')).toEqual(whole);
      expect(await told('Service/seven/web')).toMatchObject({ [`${prefix}route-status`]: 'Ready' });
      await daemon.stop();
      await world.delete('Service/seven/web');
      if (at < 5) await crashing(at);
      await using last = start();
      await last.settled();
      expect(await madeIn(server, 'seven')).toEqual([]);
      expect(await listenersOf(server)).not.toContain('https-web-seven');
    }
  });

  test('hundreds of Services: the 64th listener is the last, the others have ListenerSets, nothing is refused', async () => {
    await world.addNamespace('eight');
    const stays = await listenersOf(server);
    await using daemon = start();
    const names = Array.from({ length: 200 }, (_, index) => `s${index}`);
    for (let at = 0; at < names.length; at += 20)
      await Promise.all(
        names.slice(at, at + 20).map((name) => expose('eight', name, { 'expose-route': 'https' })),
      );
    const ready = async (): Promise<number> => {
      const { body } = await server.request('GET', '/api/v1/namespaces/eight/services');
      const { items } = body as { items: { metadata: { annotations: Record<string, string> } }[] };
      return items.filter(({ metadata }) => metadata.annotations[`${prefix}route-status`] === 'Ready').length;
    };
    await expect.poll(ready, { timeout: 300_000, interval: 1000 }).toBe(200);
    expect(await listenersOf(server)).toHaveLength(64);
    const sets = (await madeIn(server, 'eight')).filter((key) => key.startsWith('ListenerSet/'));
    expect(sets).toHaveLength(200 - (64 - stays.length));
    expect(daemon.refused).toEqual([]);
    await server.request('DELETE', '/api/v1/namespaces/eight/services');
    await daemon.settled();
    await expect.poll(() => madeIn(server, 'eight'), { timeout: 120_000, interval: 500 }).toEqual([]);
    expect(await listenersOf(server)).toEqual(stays);
  }, 600_000);

  test('a deletion that is refused is left for a while', async () => {
    await world.addNamespace('ten');
    const root = '/apis/admissionregistration.k8s.io/v1';
    const rule = { apiGroups: ['gateway.networking.k8s.io'], apiVersions: ['*'], resources: ['tlsroutes'] };
    await server.create(`${root}/validatingadmissionpolicies`, {
      metadata: { name: 'keep' },
      spec: {
        matchConstraints: { resourceRules: [{ ...rule, operations: ['DELETE'] }] },
        validations: [{ expression: 'false', message: 'routes stay' }],
      },
    });
    await server.create(`${root}/validatingadmissionpolicybindings`, {
      metadata: { name: 'keep' },
      spec: { policyName: 'keep', validationActions: ['Deny'] },
    });
    await using daemon = start();
    await expose('ten', 'web', { 'expose-route': 'tls-passthrough' });
    await daemon.settled();
    const route = '/apis/gateway.networking.k8s.io/v1/namespaces/ten/tlsroutes/web-route';
    await expect.poll(async () => (await server.request('DELETE', `${route}?dryRun=All`)).status).toBe(422);
    await world.delete('Service/ten/web');
    await daemon.settled();
    expect(daemon.writes.filter((write) => write === `DELETE ${route}`)).toHaveLength(1);
    expect(await listenersOf(server)).toContain('tls-web-ten');
    await server.request('DELETE', `${root}/validatingadmissionpolicybindings/keep`);
    await server.request('DELETE', `${root}/validatingadmissionpolicies/keep`);
  });

  test('a listener and a Certificate that a policy refuses keep nobody else out', async () => {
    await world.addNamespace('nine');
    const policy = (name: string, group: string, resource: string, expression: string) => [
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicy',
        metadata: { name },
        spec: {
          matchConstraints: {
            resourceRules: [
              {
                apiGroups: [group],
                apiVersions: ['*'],
                operations: ['CREATE', 'UPDATE'],
                resources: [resource],
              },
            ],
          },
          validations: [{ expression, message: `exceeded quota: ${name}` }],
        },
      },
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata: { name },
        spec: { policyName: name, validationActions: ['Deny'] },
      },
    ];
    const root = '/apis/admissionregistration.k8s.io/v1';
    const noBad = "!object.spec.listeners.exists(l, has(l.hostname) && l.hostname.startsWith('bad'))";
    const noMuch = "!object.spec.dnsNames.exists(n, n.startsWith('much'))";
    for (const [one, two] of [
      policy('listeners', 'gateway.networking.k8s.io', 'gateways', noBad),
      policy('certificates', 'cert-manager.io', 'certificates', noMuch),
    ]) {
      await server.create(`${root}/validatingadmissionpolicies`, one!);
      await server.create(`${root}/validatingadmissionpolicybindings`, two!);
    }
    await expect
      .poll(async () => {
        const bad = {
          spec: { listeners: [{ name: 'probe', hostname: 'bad', port: 9, protocol: 'HTTP' }] },
        };
        return (
          await server.request('PATCH', `${gatewayPath()}?dryRun=All`, bad, 'application/merge-patch+json')
        ).status;
      })
      .toBe(422);
    await using daemon = start();
    await Promise.all(
      ['bad', 'much', 'good'].map((name) => expose('nine', name, { 'expose-route': 'https' })),
    );
    const status = async (name: string) => (await told(`Service/nine/${name}`))[`${prefix}route-status`];
    await expect.poll(() => status('good')).toBe('Ready');
    await expect.poll(() => status('bad')).toMatch(/^Refused: .*listener: .*exceeded quota: listeners/);
    await expect.poll(() => status('much')).toMatch(/^Refused: .*Certificate much-tls: .*exceeded quota/);
    await daemon.settled();
    const many = daemon.writes.length;
    await world.patch('Service/nine/good', { metadata: { labels: { touched: 'yes' } } });
    await daemon.settled();
    expect(daemon.writes.slice(many)).toEqual([]);
    expect(await world.events('nine', 'much')).toContainEqual(expect.objectContaining({ reason: 'Refused' }));
  });
});
