// One Gateway for all: hostnames and who has them, listeners of others, the limit, challenges, backends, refusals.
import { describe, expect, test } from 'vitest';
import { planGateway } from '../../../src/gateway/plan-gateway.ts';
import { GatewayWorld, gatewayKey } from '../../support/gateway-world.ts';
import { project } from '../../support/scenario.ts';

const https = { 'expose-route': 'https' };
const namespaces = ['shalb-demo', 'shalb-other', 'demo', 'b-c', 'c']
  .map((name) => `{apiVersion: v1, kind: Namespace, metadata: {name: ${name}}}`)
  .join('\n---\n');
const open = ({ config = {}, without = [] }: ConstructorParameters<typeof GatewayWorld>[0] = {}) => {
  const world = new GatewayWorld({ config: { backendRef: 'service', ...config }, without }).read(namespaces);
  return world.add('ClusterIssuer', '', 'le');
};
const issuer = { 'tls-issuer': 'ClusterIssuer/le' };
const status = (world: GatewayWorld, name = 'web', namespace = 'shalb-demo') =>
  world.annotations(`Service/${namespace}/${name}`)['route-status'] ?? '';

describe('hostnames', () => {
  test.each([
    ['app.example.com', 'Ready'],
    ['a.b.shalb-demo.stage.kube-dc.com', 'Ready'],
    ['api-shalb-demo.stage.kube-dc.com', 'Ready'],
    ['shalb-demo.stage.kube-dc.com', 'Forbidden'],
    ['api-shalb-other.stage.kube-dc.com', 'Forbidden'],
    ['www.stage.kube-dc.com', 'Forbidden'],
    ['stage.kube-dc.com', 'Forbidden'],
    ['*.example.com', 'Invalid'],
    ['APP.example.com', 'Invalid'],
    ['app.example.com.', 'Invalid'],
    ['app', 'Invalid'],
    ['10.0.0.1', 'Invalid'],
    ['::1', 'Invalid'],
    ['a..b.com', 'Invalid'],
    ['a.com/path', 'Invalid'],
    ['a.com\nx: y', 'Invalid'],
    ['"}]', 'Invalid'],
    ['exämple.com', 'Invalid'],
    [`${'a'.repeat(64)}.com`, 'Invalid'],
    [`${'a.'.repeat(130)}com`, 'Invalid'],
  ])('%j: %s', (hostname, expected) => {
    const world = open()
      .expose('web', { ...https, ...issuer, 'route-hostname': hostname })
      .settle();
    expect(status(world)).toMatch(new RegExp(`^${expected}`));
    expect(world.made().length > 0).toBe(expected === 'Ready');
  });

  test('a name that is too long for a label says so', () => {
    const world = open().expose('w'.repeat(60), { ...https, ...issuer });
    world.settle();
    expect(status(world, 'w'.repeat(60))).toMatch(/more than 63 characters/);
  });

  test('the first to claim a hostname keeps it, however old the other Service is', () => {
    const hostname = { 'route-hostname': 'app.example.com' };
    const world = open()
      .expose('old', { 'create-gateway-backend': 'true' }, {}, 'shalb-other')
      .expose('web', { ...https, ...issuer, ...hostname });
    world.settle();
    world.expose('old', { ...https, ...issuer, ...hostname }, {}, 'shalb-other').settle();
    expect(status(world)).toBe('Ready');
    expect(status(world, 'old', 'shalb-other')).toBe(
      'HostnameConflict: metadata.annotations[service.nlb.kube-dc.com/route-hostname]: app.example.com is held by Service/shalb-demo/web; use another hostname; the first Service to claim one keeps it',
    );
    world.drop('Service/shalb-demo/web').settle();
    expect(status(world, 'old', 'shalb-other')).toBe('Ready');
  });

  test('of two that ask at once the older one has it, whatever type of route they want', () => {
    const hostname = { 'route-hostname': 'app.example.com' };
    const world = open()
      .expose('web', { 'expose-route': 'http', ...hostname })
      .expose('late', { 'expose-route': 'tls-passthrough', ...hostname })
      .settle();
    expect([status(world), status(world, 'late')]).toEqual([
      'Ready',
      expect.stringMatching(/^HostnameConflict/),
    ]);
  });

  test('one that keeps what it has, since its wish is refused, keeps its hostname, too', () => {
    const world = open()
      .expose('web', { ...https, ...issuer })
      .settle();
    world.expose('web', { ...https, ...issuer, 'route-hostname': '*.x.y' }).settle();
    world
      .expose('thief', { ...https, ...issuer, 'route-hostname': 'web-shalb-demo.stage.kube-dc.com' })
      .settle();
    expect(status(world, 'thief')).toMatch(/^HostnameConflict/);
  });

  test('two Services that would be called the same have listeners of their own', () => {
    const world = open()
      .expose('a-b', { ...https, ...issuer, 'route-hostname': 'one.example.com' }, {}, 'c')
      .expose('a', { ...https, ...issuer, 'route-hostname': 'two.example.com' }, {}, 'b-c')
      .settle();
    expect(world.listeners()).toEqual(['https-a-b-c', 'https-a.b-c']);
    world.drop('Service/c/a-b').settle();
    world.writes.length = 0;
    world.settle();
    expect([world.listeners(), world.writes]).toEqual([['https-a.b-c'], []]);
  });

  test.each([
    [{ default: 'none' }, 'app.example.com', 'Forbidden'],
    [{ namespaces: [{ namespace: 'shalb-demo', domains: ['example.com'] }] }, 'app.example.com', 'Ready'],
    [{ namespaces: [{ namespace: 'shalb-demo', domains: ['example.com'] }] }, 'example.com', 'Ready'],
    [{ namespaces: [{ namespace: 'shalb-demo', domains: ['example.com'] }] }, 'badexample.com', 'Forbidden'],
    [{ namespaces: [{ namespace: 'shalb-demo', domains: [] }] }, 'app.example.com', 'Forbidden'],
    [{ default: 'none' }, '', 'Ready'],
  ])('%j: %s %s', (customHostnames, hostname, expected) => {
    const world = open({ config: { customHostnames } });
    world.expose('web', { ...https, ...issuer, 'route-hostname': hostname }).settle();
    expect(status(world)).toMatch(new RegExp(`^${expected}`));
  });
});

describe('listeners of others', () => {
  const foreign = {
    port: 443,
    protocol: 'HTTPS',
    tls: { mode: 'Terminate', certificateRefs: [{ name: 'x' }] },
  };

  test('stay when ours come and go', () => {
    const world = open().addGateway([{ name: 'theirs', hostname: 'x.example.com', ...foreign }]);
    world.expose('web', { ...https, ...issuer }).settle();
    world.drop('Service/shalb-demo/web').settle();
    expect(world.get(gatewayKey)).toMatchObject({
      spec: { listeners: [{ name: 'http' }, { name: 'theirs' }] },
    });
  });

  test.each([
    ['the hostname', { name: 'theirs', hostname: 'web-shalb-demo.stage.kube-dc.com', ...foreign }],
    ['the name', { name: 'https-web-shalb-demo', hostname: 'x.example.com', ...foreign }],
  ])('that have %s keep it, and nothing is written that would be refused', (_, listener) => {
    const world = open()
      .addGateway([listener])
      .expose('web', { ...https, ...issuer })
      .settle();
    expect(status(world)).toMatch(/^Conflict: Gateway.* has a listener/);
    expect(world.made()).toEqual([]);
  });
});

describe('the limit', () => {
  const fill = (world: GatewayWorld, count: number) => {
    for (let index = 0; index < count; index++) world.expose(`s${index}`, { ...https, ...issuer });
    return world.settle();
  };

  test('beyond it there are ListenerSets, where the Gateway allows them', () => {
    const world = open().addGateway([], { allowedListeners: { namespaces: { from: 'All' } } });
    fill(world, 70);
    const sets = world.made().filter((key) => key.startsWith('ListenerSet/'));
    expect([world.listeners().length, sets.length]).toEqual([63, 7]);
    expect(world.get('ListenerSet/shalb-demo/s69-listener')).toMatchObject({
      spec: {
        parentRef: { name: 'eg', namespace: 'envoy-gateway-system' },
        listeners: [{ name: 'https-s69-shalb-demo', allowedRoutes: { namespaces: { from: 'Same' } } }],
      },
    });
    expect(world.get('HTTPRoute/shalb-demo/s69-route')).toMatchObject({
      spec: {
        parentRefs: [{ kind: 'ListenerSet', name: 's69-listener', sectionName: 'https-s69-shalb-demo' }],
      },
    });
    expect(status(world, 's69')).toBe('Ready');
  });

  test('a place that gets free moves nobody', () => {
    const world = open().addGateway([], { allowedListeners: { namespaces: { from: 'All' } } });
    fill(world, 65);
    world.drop('Service/shalb-demo/s0').settle();
    expect(world.made()).toContain('ListenerSet/shalb-demo/s64-listener');
    world.expose('new', { ...https, ...issuer }).settle();
    expect(world.listeners()).toContain('https-new-shalb-demo');
  });

  test('without ListenerSets a further Gateway takes them', () => {
    const world = open({ config: { overflow: [{ name: 'eg2', namespace: 'envoy-gateway-system' }] } });
    fill(world.addGateway([], {}, 'eg2'), 65);
    expect(world.listeners('Gateway/envoy-gateway-system/eg2')).toEqual([
      'https-s63-shalb-demo',
      'https-s64-shalb-demo',
    ]);
    expect(world.get('HTTPRoute/shalb-demo/s64-route')).toMatchObject({
      spec: { parentRefs: [{ name: 'eg2' }] },
    });
  });

  test('else the Service is told, and the others go on', () => {
    const world = fill(open(), 64);
    expect(status(world, 's62')).toBe('Ready');
    expect(status(world, 's63')).toMatch(/^Exhausted: Gateway.* no more than 64/);
    world.drop('Service/shalb-demo/s0').settle();
    expect(status(world, 's63')).toBe('Ready');
  });

  test('listeners of others count, and a limit that sinks takes nothing away', () => {
    const world = fill(open({ config: { listenerLimit: 3 } }), 2);
    const others = world.get(gatewayKey)?.['spec'] as { listeners: object[] };
    expect(others.listeners).toHaveLength(3);
    const input = { ...world.input, config: { ...world.input.config, listenerLimit: 1 } };
    expect(planGateway(input).listeners[0]?.isInPlace).toBe(true);
    world.expose('more', { ...https, ...issuer }).settle();
    expect(status(world, 'more')).toMatch(/^Exhausted/);
  });
});

describe('backends', () => {
  const eip = (name: string) => `
apiVersion: kube-dc.com/v1
kind: EIp
metadata: {name: ${name}, namespace: shalb-demo}
status: {ipAddress: 100.65.0.7}
`;
  const slice = `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: web-ext-ipv4
  namespace: shalb-demo
  labels: {kube-dc.com/source-service: web, kube-dc.com/endpoint-type: external, kubernetes.io/service-name: web-ext}
addressType: IPv4
endpoints: [{addresses: [100.65.0.7]}]
`;
  const ref = (world: GatewayWorld) =>
    (
      world.get('HTTPRoute/shalb-demo/web-route')?.['spec'] as
        { rules: { backendRefs: object[] }[] } | undefined
    )?.rules[0]?.backendRefs[0];

  test('auto: {service}-ext of a project, when that leads somewhere', () => {
    const world = open({ config: { backendRef: 'auto' } }).read(project.trimStart());
    world.expose('web', { 'expose-route': 'http' }).settle();
    expect(status(world)).toMatch(/^Pending: web-ext needs an external address/);
    expect(ref(world)).toBeUndefined();
    world.read(slice).settle();
    expect(ref(world)).toEqual({ kind: 'Service', name: 'web-ext', port: 80 });
  });

  test.each([
    ['the Gateway is in its VPC', { vpc: 'shalb-demo' }],
    ['there is a route to its VPC', { routedVpcs: ['shalb-demo'] }],
  ])('auto: the Service itself when %s', (_, config) => {
    const world = open({ config: { backendRef: 'auto', ...config } }).read(project.trimStart());
    expect(ref(world.expose('web', { 'expose-route': 'http' }).settle())).toEqual({
      kind: 'Service',
      name: 'web',
      port: 80,
    });
  });

  test('auto: the Service itself where no VPC of ours is', () => {
    const world = open({ config: { backendRef: 'auto' } })
      .expose('web', { 'expose-route': 'http' })
      .settle();
    expect(ref(world)).toMatchObject({ name: 'web' });
  });

  test('auto: a Vpc that is not reached and has no addresses is told so', () => {
    const subnet = `
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Subnet
metadata: {name: apart}
spec: {vpc: apart, cidr: 10.0.10.0/24, namespaces: [shalb-demo]}
`;
    const world = open({ config: { backendRef: 'auto' } })
      .read(subnet)
      .expose('web', { 'expose-route': 'http' })
      .settle();
    expect(status(world)).toMatch(/^Unsupported: the Gateway does not reach the Vpc apart/);
  });

  test.each([
    ['configured', { backendRef: 'envoy-backend' }, { 'expose-route': 'http' }],
    ['asked for', {}, { 'expose-route': 'http', 'create-gateway-backend': 'true' }],
  ])('a Backend of Envoy Gateway, %s', (_, config, annotations) => {
    const world = open({ config }).expose('web', annotations).settle();
    expect(ref(world)).toBeUndefined();
    world.read(eip('slb-web')).settle();
    expect(ref(world)).toEqual({
      group: 'gateway.envoyproxy.io',
      kind: 'Backend',
      name: 'web-backend',
      port: 80,
    });
    expect(world.get('Backend/shalb-demo/web-backend')).toMatchObject({
      spec: { endpoints: [{ ip: { address: '100.65.0.7', port: 80 } }] },
    });
    world.drop('EIp/shalb-demo/slb-web').settle();
    expect(world.made()).toEqual(['Backend/shalb-demo/web-backend', 'HTTPRoute/shalb-demo/web-route']);
  });

  test('create-gateway-backend alone makes the Backend alone', () => {
    const world = open().expose('web', { 'create-gateway-backend': 'true' }).read(eip('slb-web')).settle();
    expect(world.made()).toEqual(['Backend/shalb-demo/web-backend']);
    expect(world.drop('Service/shalb-demo/web').settle().made()).toEqual([]);
  });
});

describe('HTTP-01 challenges', () => {
  const solver = (extra = '') => `
apiVersion: v1
kind: Service
metadata: {name: cm-acme-http-solver-x, namespace: shalb-demo, labels: {acme.cert-manager.io/http01-solver: "true"}}
spec: {type: NodePort, ports: [{port: 8089}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: cm-acme-http-solver-x-ext-ipv4
  namespace: shalb-demo
  labels: {kube-dc.com/source-service: cm-acme-http-solver-x, kube-dc.com/endpoint-type: external}
addressType: IPv4
endpoints: [{addresses: [100.65.0.9]}]
${extra}`;
  const path = { type: 'Exact', value: '/.well-known/acme-challenge/token' };
  const route = {
    metadata: {
      namespace: 'shalb-demo',
      name: 'cm-acme-http-solver-r',
      labels: { 'acme.cert-manager.io/http01-solver': 'true' },
    },
    spec: {
      parentRefs: [{ name: 'eg', namespace: 'envoy-gateway-system' }],
      hostnames: ['app.example.com'],
      rules: [{ matches: [{ path }], backendRefs: [{ name: 'cm-acme-http-solver-x', port: 8089 }] }],
    },
  };

  test('are led to the address of the solver by a route that is more exact', () => {
    const world = open({ config: { backendRef: 'auto' } })
      .read(project.trimStart())
      .read(solver());
    world.add('HTTPRoute', 'shalb-demo', 'cm-acme-http-solver-r', route).settle();
    expect(world.made()).toEqual(['HTTPRoute/shalb-demo/cm-acme-http-solver-x-route']);
    expect(world.get('HTTPRoute/shalb-demo/cm-acme-http-solver-x-route')).toMatchObject({
      spec: {
        parentRefs: route.spec.parentRefs,
        hostnames: ['app.example.com'],
        rules: [
          {
            matches: [{ path, method: 'GET' }],
            backendRefs: [{ name: 'cm-acme-http-solver-x-ext', port: 8089 }],
          },
        ],
      },
    });
    const made = world.get('HTTPRoute/shalb-demo/cm-acme-http-solver-x-route')?.['metadata'];
    expect(JSON.stringify(made)).not.toContain('acme.cert-manager.io');
    expect(world.drop('Service/shalb-demo/cm-acme-http-solver-x').settle().made()).toEqual([]);
  });

  test('need nothing where the Gateway reaches the solver itself', () => {
    const world = open()
      .read(solver())
      .add('HTTPRoute', 'shalb-demo', 'cm-acme-http-solver-r', route)
      .settle();
    expect(world.made()).toEqual([]);
  });
});

describe('what goes wrong is said', () => {
  test.each([
    [
      'no issuer',
      (world: GatewayWorld) => world.expose('web', https),
      /^NotFound: .*there is no Issuer letsencrypt in shalb-demo; create it/,
    ],
    [
      'no Gateway',
      (world: GatewayWorld) => (world.delete(gatewayKey), world.expose('web', { 'expose-route': 'http' })),
      /^NotFound: there is no Gateway\/envoy-gateway-system\/eg/,
    ],
    [
      'no listener for HTTP',
      (world: GatewayWorld) =>
        world
          .add('Gateway', 'envoy-gateway-system', 'eg', { spec: { listeners: [] } })
          .expose('web', { 'expose-route': 'http' }),
      /^NotFound: .* has no listener http/,
    ],
    [
      'no such port',
      (world: GatewayWorld) => world.expose('web', { ...https, 'route-port': '1' }),
      /^Invalid: .*write one of its TCP ports: 80/,
    ],
    [
      'UDP',
      (world: GatewayWorld) => world.expose('web', https, { ports: [{ port: 53, protocol: 'UDP' }] }),
      /^Invalid: /,
    ],
    [
      'a type that does not exist',
      (world: GatewayWorld) => world.expose('web', { 'expose-route': 'HTTPS' }),
      /^Invalid: .*write http, https, tls-passthrough/,
    ],
    [
      'an object of somebody else',
      (world: GatewayWorld) =>
        world.add('HTTPRoute', 'shalb-demo', 'web-route').expose('web', { 'expose-route': 'http' }),
      /^Conflict: there is a HTTPRoute web-route already/,
    ],
  ])('%s', (_, arrange, expected) => {
    const world = open();
    arrange(world);
    world.settle({ certificates: false });
    expect(status(world)).toMatch(expected);
  });

  test.each([
    ['HTTPRoute', { 'expose-route': 'http' }, 'Gateway API'],
    ['TLSRoute', { 'expose-route': 'tls-passthrough' }, 'Gateway API'],
    ['Certificate', https, 'cert-manager'],
  ] as const)('without the kind %s', (kind, annotations, project) => {
    const world = open({ without: [kind] })
      .expose('web', annotations)
      .settle();
    expect(status(world)).toMatch(
      new RegExp(`^Unsupported: the cluster does not serve ${kind}; .*${project}`),
    );
  });

  test('what the Gateway says of a listener or a route', () => {
    const world = open()
      .expose('web', { ...https, ...issuer })
      .settle();
    const no = (message: string) => ({
      conditions: [{ type: 'ResolvedRefs', status: 'False', reason: 'No', message }],
    });
    world.setStatus(gatewayKey, { listeners: [{ name: 'https-web-shalb-demo', ...no('bad secret') }] });
    world.step();
    expect(world.annotations('Service/shalb-demo/web')).toMatchObject({
      'route-status': expect.stringMatching(/^Refused: .*No: bad secret/),
    });
    expect(world.annotations('Service/shalb-demo/web')['route-hostname-status']).toBeUndefined();
  });

  test('what the API server refuses is not asked for again, until it is another thing', () => {
    const world = open().expose('web', { ...https, ...issuer });
    const [first] = world.plan().objects;
    world.cluster.refuse(first!.key, first!.body.spec, 'exceeded quota');
    world.settle();
    expect(status(world)).toMatch(/^Refused: the API server refuses the Certificate web-tls: exceeded quota/);
    expect(world.made()).toEqual([]);
    world.expose('web', { ...https, ...issuer, 'route-hostname': 'other.example.com' }).settle();
    expect(status(world)).toBe('Ready');
  });

  test('a challenge that is pending, in the words of cert-manager', () => {
    const world = open().expose('web', { ...https, ...issuer });
    world.step();
    world.issue({
      conditions: [{ type: 'Ready', status: 'False', reason: 'DoesNotExist', message: 'Issuing' }],
    });
    world.settle({ certificates: false });
    expect(status(world)).toMatch(
      /DoesNotExist: Issuing; look at it with kubectl describe certificate web-tls/,
    );
  });
});

test('the order in which objects come does not matter', () => {
  const read = (names: readonly string[]) => {
    const world = open();
    for (const name of names)
      world.read(
        `{apiVersion: v1, kind: Service, metadata: {name: ${name}, namespace: c, creationTimestamp: "2026-01-01T00:00:00Z", uid: u, annotations: {service.nlb.kube-dc.com/expose-route: https, service.nlb.kube-dc.com/route-hostname: "${name === 'd' ? 'a' : name}.example.com"}}, spec: {ports: [{port: 80}]}}`,
      );
    return world.plan();
  };
  expect(read(['a', 'b', 'd']).statuses).toEqual(read(['d', 'b', 'a']).statuses);
});
