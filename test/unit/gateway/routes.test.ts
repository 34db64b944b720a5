// Routes of Services: which objects there are, in which order they come and go, and that their schemas take them.
import { describe, expect, test } from 'vitest';
import { GatewayWorld, gatewayKey } from '../../support/gateway-world.ts';
import { planGateway } from '../../../src/gateway/plan-gateway.ts';
import { schemaErrors, thirdPartyCrds } from '../../support/third-party-crds.ts';
import { project } from '../../support/scenario.ts';

const namespace = '{apiVersion: v1, kind: Namespace, metadata: {name: shalb-demo}}';
const key = 'Service/shalb-demo/web';
const open = (options: ConstructorParameters<typeof GatewayWorld>[0] = {}) =>
  new GatewayWorld({ ...options, config: { backendRef: 'service', ...options.config } })
    .read(namespace)
    .add('Issuer', 'shalb-demo', 'letsencrypt');

describe('an https route', () => {
  test('comes in order: Certificate, listener, route, and then its hostname', () => {
    const world = open().expose('web', { 'expose-route': 'https' });
    world.step();
    expect(world.writes.slice(0, 3)).toEqual([
      'apply Certificate/shalb-demo/web-tls',
      'apply ReferenceGrant/shalb-demo/allow-gateway-cert-web',
      `annotate ${key}`,
    ]);
    expect(world.annotations(key)['route-status']).toMatch(/^Pending: the Certificate web-tls is not ready/);
    world.step();
    expect(world.listeners()).toEqual([]);
    world.issue();
    world.writes.length = 0;
    world.settle();
    expect(world.writes).toEqual([
      'listeners https-web-shalb-demo',
      `annotate ${key}`,
      'apply HTTPRoute/shalb-demo/web-route',
      'apply HTTPRoute/shalb-demo/web-redirect',
      `annotate ${key}`,
    ]);
    expect(world.annotations(key)).toMatchObject({
      'route-hostname-status': 'web-shalb-demo.stage.kube-dc.com',
      'route-status': 'Ready',
    });
  });

  test('is made of what the architecture document says', () => {
    const world = open().expose('web', { 'expose-route': 'https' }).settle();
    expect(world.get('Certificate/shalb-demo/web-tls')).toMatchObject({
      apiVersion: 'cert-manager.io/v1',
      spec: {
        secretName: 'web-tls',
        dnsNames: ['web-shalb-demo.stage.kube-dc.com'],
        issuerRef: { kind: 'Issuer', name: 'letsencrypt' },
      },
    });
    expect(world.get(gatewayKey)).toMatchObject({
      spec: {
        listeners: [
          { name: 'http' },
          {
            name: 'https-web-shalb-demo',
            port: 443,
            protocol: 'HTTPS',
            hostname: 'web-shalb-demo.stage.kube-dc.com',
            tls: { mode: 'Terminate', certificateRefs: [{ name: 'web-tls', namespace: 'shalb-demo' }] },
            allowedRoutes: {
              namespaces: {
                from: 'Selector',
                selector: { matchLabels: { 'kubernetes.io/metadata.name': 'shalb-demo' } },
              },
            },
          },
        ],
      },
    });
    expect(world.get('HTTPRoute/shalb-demo/web-route')).toMatchObject({
      metadata: {
        labels: { 'kube-dc.com/managed-by': 'ovn-projector', 'kube-dc.com/source-service': 'web' },
        ownerReferences: [{ kind: 'Service', name: 'web' }],
      },
      spec: {
        parentRefs: [{ name: 'eg', namespace: 'envoy-gateway-system', sectionName: 'https-web-shalb-demo' }],
        hostnames: ['web-shalb-demo.stage.kube-dc.com'],
        rules: [{ backendRefs: [{ kind: 'Service', name: 'web', port: 80 }] }],
      },
    });
    expect(world.get('ReferenceGrant/shalb-demo/allow-gateway-cert-web')).toMatchObject({
      spec: {
        from: [{ kind: 'Gateway', namespace: 'envoy-gateway-system' }],
        to: [{ kind: 'Secret', name: 'web-tls' }],
      },
    });
    expect(world.get('HTTPRoute/shalb-demo/web-redirect')).toMatchObject({
      spec: {
        parentRefs: [{ sectionName: 'http' }],
        rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https' } }] }],
      },
    });
  });

  test('goes in reverse order, and the Certificate after the listener that needs it', () => {
    const world = open().expose('web', { 'expose-route': 'https' }).settle();
    world.writes.length = 0;
    world.expose('web', {}).drop(key).settle();
    expect(world.writes).toEqual([
      'delete HTTPRoute/shalb-demo/web-route',
      'delete HTTPRoute/shalb-demo/web-redirect',
      'listeners ',
      'delete ReferenceGrant/shalb-demo/allow-gateway-cert-web',
      'delete Certificate/shalb-demo/web-tls',
    ]);
    expect([world.made(), world.listeners()]).toEqual([[], []]);
  });

  test('goes when its annotation does, and says nothing any more', () => {
    const world = open().expose('web', { 'expose-route': 'https' }).settle();
    const told = world.annotations(key);
    world.expose('web', { ...told, 'expose-route': '' }).settle();
    expect([world.made(), world.listeners()]).toEqual([[], []]);
    expect(world.annotations(key)).toEqual({});
  });

  test('with a Secret of the tenant needs no Certificate', () => {
    const world = open().expose('web', { 'expose-route': 'https', 'tls-secret': 'mine' }).settle();
    expect(world.made()).not.toContain('Certificate/shalb-demo/web-tls');
    expect(world.get(gatewayKey)).toMatchObject({
      spec: { listeners: [{}, { tls: { certificateRefs: [{ name: 'mine' }] } }] },
    });
    expect(world.get('ReferenceGrant/shalb-demo/allow-gateway-cert-web')).toMatchObject({
      spec: { to: [{ name: 'mine' }] },
    });
  });

  test.each([
    ['tls-issuer', 'own', { kind: 'Issuer', name: 'own' }],
    ['tls-issuer', 'ClusterIssuer/le', { kind: 'ClusterIssuer', name: 'le' }],
  ])('%s %s', (annotation, value, issuerRef) => {
    const world = open()
      .add('Issuer', 'shalb-demo', 'own')
      .add('ClusterIssuer', '', 'le')
      .expose('web', { 'expose-route': 'https', [annotation]: value })
      .settle();
    expect(world.get('Certificate/shalb-demo/web-tls')).toMatchObject({ spec: { issuerRef } });
  });
});

describe('other routes', () => {
  test('http is on the listener that all share', () => {
    const world = open().expose(
      'web',
      { 'expose-route': 'http', 'route-port': '8080' },
      {
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 8080 },
        ],
      },
    );
    world.settle();
    expect(world.made()).toEqual(['HTTPRoute/shalb-demo/web-route']);
    expect(world.get('HTTPRoute/shalb-demo/web-route')).toMatchObject({
      spec: { parentRefs: [{ sectionName: 'http' }], rules: [{ backendRefs: [{ port: 8080 }] }] },
    });
    expect(world.annotations(key)['route-hostname-status']).toBe('web-shalb-demo.stage.kube-dc.com');
  });

  test('tls-passthrough uses a listener of the platform for its domain', () => {
    const shared = {
      name: 'tls-passthrough-wildcard',
      port: 443,
      protocol: 'TLS',
      hostname: '*.stage.kube-dc.com',
      tls: { mode: 'Passthrough' },
    };
    const world = open().addGateway([shared]).expose('web', { 'expose-route': 'tls-passthrough' }).settle();
    expect([world.made(), world.listeners()]).toEqual([['TLSRoute/shalb-demo/web-route'], []]);
    expect(world.get('TLSRoute/shalb-demo/web-route')).toMatchObject({
      spec: { parentRefs: [{ sectionName: 'tls-passthrough-wildcard' }] },
    });
  });

  test('tls-passthrough has its own listener where none covers its hostname', () => {
    const world = open()
      .expose('web', { 'expose-route': 'tls-passthrough', 'route-hostname': 'api.example.com' })
      .settle();
    expect(world.listeners()).toEqual(['tls-web-shalb-demo']);
    expect(world.get(gatewayKey)).toMatchObject({
      spec: {
        listeners: [{}, { protocol: 'TLS', tls: { mode: 'Passthrough' }, hostname: 'api.example.com' }],
      },
    });
  });

  test.each(['kubernetes.io/h2c', 'grpc'])('a port that speaks %s gets a GRPCRoute', (appProtocol) => {
    const spec = { ports: [{ port: 50051, appProtocol }] };
    const world = open().expose('web', { 'expose-route': 'https' }, spec).settle();
    expect(world.made()).toContain('GRPCRoute/shalb-demo/web-route');
    expect(world.made()).not.toContain('HTTPRoute/shalb-demo/web-route');
  });

  test('without redirect there is none', () => {
    const world = open({ config: { redirect: false } })
      .expose('web', { 'expose-route': 'https' })
      .settle();
    expect(world.made()).not.toContain('HTTPRoute/shalb-demo/web-redirect');
  });
});

describe('changes', () => {
  test('another type: the old objects go, the new ones come, and no listener stands in the way', () => {
    const world = open().expose('web', { 'expose-route': 'https' }).settle();
    world.expose('web', { 'expose-route': 'tls-passthrough' }).settle();
    expect([world.made(), world.listeners()]).toEqual([
      ['TLSRoute/shalb-demo/web-route'],
      ['tls-web-shalb-demo'],
    ]);
    world.expose('web', { 'expose-route': 'http' }).settle();
    expect([world.made(), world.listeners()]).toEqual([['HTTPRoute/shalb-demo/web-route'], []]);
  });

  test('another hostname is served when its certificate is there, the old one until then', () => {
    const world = open().expose('web', { 'expose-route': 'https' }).settle();
    const told = world.annotations(key);
    world.expose('web', { ...told, 'route-hostname': 'app.example.com' });
    world.setStatus('Certificate/shalb-demo/web-tls', { conditions: [{ type: 'Ready', status: 'False' }] });
    world.settle({ certificates: false });
    const hostname = () => world.cluster.get('HTTPRoute/shalb-demo/web-route')?.spec['hostnames'];
    expect(world.get('Certificate/shalb-demo/web-tls')).toMatchObject({
      spec: { dnsNames: ['app.example.com'] },
    });
    expect(hostname()).toEqual(['web-shalb-demo.stage.kube-dc.com']);
    world.settle();
    expect(hostname()).toEqual(['app.example.com']);
    expect(world.annotations(key)['route-hostname-status']).toBe('app.example.com');
  });

  test('another port or issuer leaves the listener alone', () => {
    const ports = {
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 81 },
      ],
    };
    const world = open()
      .add('Issuer', 'shalb-demo', 'own')
      .expose('web', { 'expose-route': 'https' }, ports)
      .settle();
    world.writes.length = 0;
    world
      .expose('web', { ...world.annotations(key), 'route-port': '81', 'tls-issuer': 'own' }, ports)
      .settle();
    expect(world.writes.filter((each) => !each.startsWith('annotate'))).toEqual([
      'apply Certificate/shalb-demo/web-tls',
      'apply HTTPRoute/shalb-demo/web-route',
    ]);
  });

  test('a mistake in the annotations leaves what is served as it is', () => {
    const world = open().expose('web', { 'expose-route': 'https' }).settle();
    const before = [world.made(), world.listeners()];
    for (const wrong of [
      { 'expose-route': 'htps' },
      { 'expose-route': 'https', 'route-port': '9' },
      { 'expose-route': 'https', 'route-hostname': '*.a.b' },
    ]) {
      world.expose('web', { ...world.annotations(key), ...wrong }).settle();
      expect([world.made(), world.listeners()]).toEqual(before);
      expect(world.annotations(key)['route-status']).toMatch(/^Invalid: /);
      expect(world.annotations(key)['route-hostname-status']).toBe('web-shalb-demo.stage.kube-dc.com');
    }
  });

  test('what a rejected Service made stays', () => {
    const world = open().expose('web', { 'expose-route': 'https' }).settle();
    const before = [world.made(), world.listeners()];
    world.services.apply([{ key, object: undefined, invalid: true }]);
    world.settle();
    expect([world.made(), world.listeners()]).toEqual(before);
  });
});

describe.skipIf(thirdPartyCrds === undefined)('shapes', () => {
  test.each([
    ['https', {}],
    ['https', { 'tls-secret': 'mine' }],
    ['http', {}],
    ['tls-passthrough', {}],
  ])('%s %o: the schemas take every object', (type, more) => {
    for (const backendRef of ['service', 'external', 'envoy-backend'])
      for (const appProtocol of [undefined, 'grpc']) {
        const world = new GatewayWorld({ config: { backendRef } }).read(namespace + `\n---${project}`);
        world.expose('web', { 'expose-route': type, ...more }, { ports: [{ port: 80, appProtocol }] });
        world.read(`
apiVersion: kube-dc.com/v1
kind: EIp
metadata: {name: slb-web, namespace: shalb-demo}
status: {ipAddress: "100.65.0.7,2001:db8::7"}
`);
        const { objects, listeners } = world.plan();
        const all = world.input;
        const final = { ...all, isFinal: true };
        expect(objects.length + listeners.length).toBeGreaterThan(0);
        const bodies = worldPlan(final);
        expect(bodies.length).toBeGreaterThan(0);
        for (const body of bodies) expect(schemaErrors(body)).toEqual([]);
      }
  });

  test('a checker that takes everything would be worse than none', () => {
    const body = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      spec: { hostnames: ['A b'], rules: 1, x: 1 },
    };
    expect(schemaErrors(body)).toHaveLength(3);
  });
});

function worldPlan(input: GatewayWorld['input']) {
  const { objects, listeners } = planGateway(input);
  return [
    ...objects.map(({ body }) => body),
    ...listeners.map(({ listeners: own }) => ({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      spec: { gatewayClassName: 'eg', listeners: own },
    })),
  ];
}
