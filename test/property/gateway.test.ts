// Routes under whatever happens: Services that come, change and go, listeners of others, answers that come or do not, and
// stops between any two plans.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GatewayWorld, gatewayKey } from '../support/gateway-world.ts';

const hostnames = ['', 'a.example.com', 'b.example.com', '*.bad'];
const types = ['http', 'https', 'tls-passthrough', 'nonsense', ''];

type Happening = (world: GatewayWorld) => void;

const service = fc.constantFrom('a', 'a-b', 'c');
const namespace = fc.constantFrom('b-c', 'c', 'd');
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        service,
        namespace,
        type: fc.constantFrom(...types),
        hostname: fc.constantFrom(...hostnames),
      })
      .map((each): Happening => (world) => {
        const annotations = {
          'expose-route': each.type,
          'route-hostname': each.hostname,
          'tls-issuer': 'ClusterIssuer/le',
        };
        const told = world.annotations(`Service/${each.namespace}/${each.service}`);
        world.expose(each.service, { ...told, ...annotations }, {}, each.namespace);
      }),
  },
  fc.tuple(service, namespace).map(
    ([name, space]): Happening =>
      (world) =>
        void world.drop(`Service/${space}/${name}`),
  ),
  fc.constantFrom<Happening>(
    (world) => world.issue(),
    (world) => world.issue({ conditions: [{ type: 'Ready', status: 'False' }] }),
    (world) => world.serveRoutes(),
  ),
  { weight: 4, arbitrary: fc.constant<Happening>((world) => void world.step()) },
);

const theirs = {
  name: 'theirs',
  port: 443,
  protocol: 'HTTPS',
  hostname: 'b.example.com',
  tls: { certificateRefs: [{ name: 'x' }] },
};

interface Standing {
  readonly name: string;
  readonly port: number;
  readonly hostname?: string;
  readonly tls?: {
    readonly certificateRefs?: readonly { readonly name: string; readonly namespace: string }[];
  };
}

/** What holds at every moment, whoever is looked at. */
function check(world: GatewayWorld): void {
  const standing = world.cluster.get(gatewayKey)?.spec['listeners'] as readonly Standing[];
  const names = standing.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['http', 'theirs']));
  const places = standing.map(({ port, hostname }) => `${port} ${hostname}`);
  expect(new Set(places).size).toBe(places.length);
  expect(standing.length).toBeLessThanOrEqual(4);
  for (const kind of ['HTTPRoute', 'TLSRoute'] as const)
    for (const { spec } of world.cluster.ofKind(kind))
      for (const { sectionName } of spec['parentRefs'] as readonly { sectionName: string }[])
        expect(names).toContain(sectionName);
  for (const { tls } of standing)
    for (const { name, namespace: space } of (tls?.certificateRefs ?? []).filter(
      (ref) => ref.namespace !== undefined,
    ))
      expect(world.cluster.get(`Certificate/${space}/${name}`)).toBeDefined();
}

test('routes converge from wherever they are, and nothing is broken on the way', () => {
  const happenings = fc.array(happening, { minLength: 5, maxLength: 40 });
  fc.assert(
    fc.property(happenings, (all) => {
      const world = new GatewayWorld({
        config: { backendRef: 'service', listenerLimit: 4, listenerSets: false },
      });
      for (const name of ['b-c', 'c', 'd'])
        world.read(`{apiVersion: v1, kind: Namespace, metadata: {name: ${name}}}`);
      world.add('ClusterIssuer', '', 'le').addGateway([theirs]);
      for (const happen of all) {
        happen(world);
        check(world);
      }
      world.settle();
      check(world);
      const ready = world.services
        .all()
        .filter(({ metadata }) => metadata.annotations['service.nlb.kube-dc.com/route-status'] === 'Ready');
      const held = ready.map(
        ({ metadata }) => metadata.annotations['service.nlb.kube-dc.com/route-hostname-status'],
      );
      expect(new Set(held).size).toBe(held.length);
      for (const name of ['a', 'a-b', 'c'])
        for (const space of ['b-c', 'c', 'd']) world.drop(`Service/${space}/${name}`);
      world.settle();
      expect([world.made(), world.listeners()]).toEqual([[], []]);
    }),
    { numRuns: 150 },
  );
});
