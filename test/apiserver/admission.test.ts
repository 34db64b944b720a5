// What deploy/kubernetes/admission.yaml has a real API server refuse, in which words, and what it leaves alone.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { bindingRules } from '../../src/api/annotation-rules.ts';
import { decodeObject } from '../../src/api/decode.ts';
import { type ApiAnswer, type ApiServer, startApiServer } from '../support/api-server.ts';
import { describeApiServer } from '../support/api-server-programs.ts';

interface Written {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly validations?: readonly object[] };
}

const file = new URL('../../deploy/kubernetes/admission.yaml', import.meta.url);
const objects = parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as Written);
const rbac = '/apis/rbac.authorization.k8s.io/v1';
const policies = '/apis/admissionregistration.k8s.io/v1';
const collections: Readonly<Record<string, string>> = {
  ValidatingAdmissionPolicy: `${policies}/validatingadmissionpolicies`,
  ValidatingAdmissionPolicyBinding: `${policies}/validatingadmissionpolicybindings`,
  ClusterRole: `${rbac}/clusterroles`,
};

const nlb = 'service.nlb.kube-dc.com';
const network = 'network.kube-dc.com';
const type = `${network}/external-network-type`;
const allowlist = `${network}/egress-allowlist`;
const services = '/api/v1/namespaces/shalb-demo/services';
const pods = '/api/v1/namespaces/shalb-demo/pods';
const projects = '/apis/kube-dc.com/v1/namespaces/shalb/projects';
const merge = 'application/merge-patch+json';

let serial = 0;
const nameOf = (): string => `x${serial++}`;
const service = (annotations: Record<string, string>, spec: object = {}, name = nameOf()) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shalb-demo', annotations },
  spec: { type: 'LoadBalancer', ports: [{ port: 80 }], ...spec },
});
const pod = (annotations: Record<string, string>, name = nameOf()) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shalb-demo', annotations },
  spec: { containers: [{ name: 'app', image: 'nginx' }] },
});
const project = (annotations: Record<string, string>, name = nameOf()) => ({
  apiVersion: 'kube-dc.com/v1',
  kind: 'Project',
  metadata: { name, namespace: 'shalb', annotations },
  spec: {},
});
const annotate = (annotations: Record<string, string | null>): object => ({ metadata: { annotations } });

/** Annotations of a Service, and what is said to them. */
const refusedServices: readonly [Record<string, string>, string][] = [
  [
    { [`${nlb}/bind-on-epi`]: 'web' },
    `there is no ${nlb}/bind-on-epi; there are: bind-on-default-gw-eip, bind`,
  ],
  [{ [`${nlb}/bind-on-default-gw-eip`]: 'yes' }, '"yes" is neither "true" nor "false": write "true"'],
  [{ [`${nlb}/bind-on-eip`]: 'Web' }, '"Web" is not a name of an EIp: write the name of an EIp'],
  [{ [`${nlb}/ip-families`]: 'IPv4,IPv4' }, '"IPv4,IPv4" is not a list of families: write IPv4, IPv6 or'],
  [
    { [`${nlb}/expose-route`]: 'tcp' },
    '"tcp" is no way to expose a route: write http, https or tls-passthrough',
  ],
  [{ [`${nlb}/route-hostname`]: 'a_b' }, '"a_b" is not a name of a host'],
  [{ [`${nlb}/route-port`]: '65536' }, '"65536" is not the number of a port'],
  [{ [`${nlb}/route-port`]: 'http' }, '"http" is not the number of a port'],
  [{ [`${nlb}/tls-issuer`]: '-' }, '"-" is not a name of an Issuer'],
  [{ [`${nlb}/tls-secret`]: 'A' }, '"A" is not a name of a Secret'],
  [{ [`${nlb}/create-gateway-backend`]: '1' }, 'create-gateway-backend]: "1" is neither'],
  [{ [`${nlb}/autodelete`]: '1' }, 'autodelete]: "1" is neither'],
  [{ [type]: 'Public' }, '"Public" is not a type of network'],
  [
    { [`${nlb}/bind-on-default-gw-eip`]: 'true', [`${nlb}/bind-on-eip`]: 'web' },
    'it asks for an EIp by name and for default-gw at the same time',
  ],
];

const refusedPods: readonly [Record<string, string>, string][] = [
  [{ [`${network}/ip-address`]: '10.0.0' }, '"10.0.0" is not an IP address, or one of each family'],
  [{ [`${network}/ip-address`]: '10.0.0.1,10.0.0.2' }, 'is not an IP address, or one of each family'],
  [
    { [`${network}/mac-address`]: '0b:58:0a:00:0a:04' },
    'is not a MAC address that a single interface can have',
  ],
  [{ [`${network}/subnet`]: 'a.b' }, '"a.b" is not the name of a Subnet'],
];

describeApiServer('admission', () => {
  let server: ApiServer;
  const post = (collection: string, object: object, user?: string): Promise<ApiAnswer> =>
    server.request('POST', collection, object, undefined, user);
  const metadataAt = async (path: string) =>
    ((await server.request('GET', path)).body as { metadata: { resourceVersion: string } }).metadata;
  const messageOf = ({ body }: ApiAnswer): string => String((body as { message?: string }).message);

  beforeAll(async () => {
    server = await startApiServer({ crds: true, users: ['tenant', 'operator'] });
    const labels = { 'kube-dc.com/project': '' };
    await server.create('/api/v1/namespaces', { metadata: { name: 'shalb' } });
    await server.create('/api/v1/namespaces', { metadata: { name: 'shalb-demo', labels } });
    await server.create('/api/v1/namespaces', { metadata: { name: 'other' } });
    // From the time before the policies.
    await server.create(
      services,
      service({ [`${nlb}/bind-on-epi`]: 'x', [`${nlb}/autodelete`]: '1' }, {}, 'old'),
    );
    await server.create(projects, project({ [allowlist]: '192.0.2.0/24' }, 'old'));
    for (const object of objects) await server.create(collections[object.kind] ?? object.kind, object);
    await grant('tenant', ['create', 'get', 'update', 'patch', 'delete']);
    await grant('operator', ['create', 'get', 'update', 'patch', 'delete', 'allowlist']);
    for (const [collection, object] of [
      [services, service({ [`${nlb}/autodelete`]: '1' })],
      [pods, pod({ [`${network}/subnet`]: 'a.b' })],
      [projects, project({ [allowlist]: 'a' })],
    ] as const)
      await refusedBy(collection, object);
  });
  afterAll(() => server?.stop());

  /** Resolves when the policy is in force. */
  async function refusedBy(collection: string, object: object): Promise<void> {
    const isRefused = async () => (await post(`${collection}?dryRun=All`, object)).status === 422;
    await vi.waitUntil(isRefused, { timeout: 60_000, interval: 100 });
  }

  async function grant(user: string, verbs: readonly string[]): Promise<void> {
    const rules = [{ apiGroups: ['kube-dc.com'], resources: ['projects'], verbs }];
    await server.create(`${rbac}/clusterroles`, { metadata: { name: user }, rules });
    await server.create(`${rbac}/clusterrolebindings`, {
      metadata: { name: user },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: user },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
    });
  }

  describe('of a Service', () => {
    test.each(refusedServices)('%j is refused', async (annotations, message) => {
      const answer = await post(services, service(annotations));
      expect(messageOf(answer)).toContain(message);
      expect(answer.status).toBe(422);
      // Also when it comes with an update, and when the Service was no load balancer before.
      const { metadata } = (await server.create(services, service({}))) as Written;
      const changed = await server.request(
        'PATCH',
        `${services}/${metadata.name}`,
        annotate(annotations),
        merge,
      );
      expect(messageOf(changed)).toContain(message);
      const plain = service(annotations, { type: 'ClusterIP' });
      await server.create(services, plain);
      const turn = { spec: { type: 'LoadBalancer' } };
      const turned = await server.request('PATCH', `${services}/${plain.metadata.name}`, turn, merge);
      expect(messageOf(turned)).toContain(message);
    });

    test('what is refused here because of a binding is rejected by the daemon, and the other way round', () => {
      const keys = new Set(bindingRules.map(({ key }) => key));
      const bound = refusedServices.filter(([annotations]) =>
        Object.keys(annotations).every((key) => keys.has(key)),
      );
      expect(bound.length).toBeGreaterThan(keys.size);
      for (const [annotations] of bound) expect(decodeObject(service(annotations)).ok).toBe(false);
    });

    test.each<Record<string, string>>([
      {},
      { [`${nlb}/bind-on-default-gw-eip`]: 'true', [`${nlb}/bind-on-eip`]: 'default-gw' },
      {
        [`${nlb}/bind-on-default-gw-eip`]: 'false',
        [`${nlb}/bind-on-eip`]: 'web.a',
        [`${nlb}/autodelete`]: '',
      },
      { [`${nlb}/ip-families`]: 'IPv6, IPv4', [type]: 'public', 'metallb.io/address-pool': 'x' },
      {
        [`${nlb}/expose-route`]: 'https',
        [`${nlb}/route-hostname`]: 'web.example.org',
        [`${nlb}/route-port`]: '443',
        [`${nlb}/route-hostname-status`]: 'web.example.org',
        [`${nlb}/tls-issuer`]: 'letsencrypt',
        [`${nlb}/tls-secret`]: 'web',
        [`${nlb}/create-gateway-backend`]: 'true',
      },
    ])('%j is taken, and accepted by the daemon', async (annotations) => {
      const object = service(annotations);
      expect(await post(services, object)).toMatchObject({ status: 201 });
      expect(decodeObject(object).ok).toBe(true);
    });

    test('one of another class, type or namespace is left alone', async () => {
      const wrong = { [`${nlb}/bind-on-epi`]: 'x', [`${nlb}/autodelete`]: '1', [type]: 'A' };
      const metallb = service(wrong, { loadBalancerClass: 'metallb.io/metallb' });
      for (const object of [metallb, service(wrong, { type: 'ClusterIP' })])
        expect(await post(services, object)).toMatchObject({ status: 201 });
      const elsewhere = { ...service(wrong), metadata: { name: 'x', annotations: wrong } };
      expect(await post('/api/v1/namespaces/other/services', elsewhere)).toMatchObject({ status: 201 });
      const ours = service(wrong, { loadBalancerClass: 'kube-dc.com/ovn-projector' });
      expect(await post(services, ours)).toMatchObject({ status: 422 });
    });

    test('one that was there before can be changed, as long as it says nothing new that is wrong', async () => {
      const path = `${services}/old`;
      const labels = { metadata: { labels: { a: 'b' }, finalizers: ['example.org/a'] } };
      expect(await server.request('PATCH', path, labels, merge)).toMatchObject({ status: 200 });
      const worse = annotate({ [`${nlb}/autodelete`]: '2' });
      expect(await server.request('PATCH', path, worse, merge)).toMatchObject({ status: 422 });
      await server.request('DELETE', path);
      expect(await server.request('PATCH', path, { metadata: { finalizers: [] } }, merge)).toMatchObject({
        status: 200,
      });
    });

    test('its type of network cannot be changed while it has an address of its own', async () => {
      const path = `${services}/held`;
      await server.create(services, service({ [type]: 'cloud' }, {}, 'held'));
      const change = (value: string | null, more = {}) =>
        server.request('PATCH', path, annotate({ [type]: value, ...more }), merge);
      expect(await change('public')).toMatchObject({ status: 200 });
      const status = { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } };
      await server.request('PATCH', `${path}/status`, { status }, merge);
      const refused = await change('cloud');
      expect(messageOf(refused)).toContain(
        'it was public and cannot be changed while the Service has an address',
      );
      expect(refused.status).toBe(422);
      expect(await change('cloud', { [`${nlb}/bind-on-eip`]: 'web' })).toMatchObject({ status: 200 });
      expect(await change(null)).toMatchObject({ status: 200 });
    });
  });

  describe('of a Pod', () => {
    test.each(refusedPods)('%j is refused', async (annotations, message) => {
      const object = pod(annotations);
      const answer = await post(pods, object);
      expect(messageOf(answer)).toContain(message);
      expect(answer.status).toBe(422);
      expect(decodeObject(object).ok).toBe(false);
    });

    test.each<Record<string, string>>([
      {},
      { 'example.org/ip-address': 'x' },
      { [`${network}/ip-address`]: 'fd00::1, 10.0.0.1', [`${network}/mac-address`]: '0A-58-0a-00-0a-04' },
      { [`${network}/subnet`]: 'racks', [`${network}/ip-address`]: '' },
    ])('%j is taken', async (annotations) => {
      expect(await post(pods, pod(annotations))).toMatchObject({ status: 201 });
    });
  });

  describe('of a Project', () => {
    const said = 'may not set network.kube-dc.com/egress-allowlist or network.kube-dc.com/ingress-allowlist';
    test.each(['egress-allowlist', 'ingress-allowlist'])(
      '%s needs a right of its own, to set, change and remove',
      async (name) => {
        const key = `${network}/${name}`;
        const list = { [key]: '203.0.113.9, 2001:db8::/32' };
        const forbidden = await post(projects, project(list), 'tenant');
        expect(messageOf(forbidden)).toContain(said);
        expect(messageOf(forbidden)).toContain('ClusterRole ovn-projector-allowlists');
        expect(forbidden.status).toBe(403);
        const mine = project(list);
        expect(await post(projects, mine, 'operator')).toMatchObject({ status: 201 });
        const path = `${projects}/${mine.metadata.name}`;
        for (const value of ['0.0.0.0/0', '', null]) {
          const change = annotate({ [key]: value });
          expect(await server.request('PATCH', path, change, merge, 'tenant')).toMatchObject({ status: 403 });
          const { resourceVersion } = await metadataAt(path);
          const metadata = {
            ...mine.metadata,
            resourceVersion,
            annotations: value === null ? {} : { [key]: value },
          };
          const whole = await server.request('PUT', path, { ...mine, metadata }, undefined, 'tenant');
          expect(whole).toMatchObject({ status: 403 });
        }
        expect(
          await server.request('PATCH', path, annotate({ [key]: null }), merge, 'operator'),
        ).toMatchObject({
          status: 200,
        });
        const plain = project({});
        expect(await post(projects, plain, 'tenant')).toMatchObject({ status: 201 });
        const late = `${projects}/${plain.metadata.name}`;
        expect(await server.request('PATCH', late, annotate(list), merge, 'tenant')).toMatchObject({
          status: 403,
        });
      },
    );

    test('a tenant may change everything else of one that has a list', async () => {
      const change = { metadata: { labels: { a: 'b' }, annotations: { 'example.org/note': 'x' } } };
      expect(await server.request('PATCH', `${projects}/old`, change, merge, 'tenant')).toMatchObject({
        status: 200,
      });
    });

    test('a list that cannot be read is refused', async () => {
      const answer = await post(
        projects,
        project({ [allowlist]: '203.0.113.9;198.51.100.0/24' }),
        'operator',
      );
      expect(messageOf(answer)).toContain(
        'is not a list of addresses and ranges: write 203.0.113.9,198.51.100.0/24',
      );
      expect(answer.status).toBe(422);
    });

    test('one whose namespace would have too long a name is refused', async () => {
      const answer = await post(projects, project({}, 'a'.repeat(58)), 'tenant');
      expect(messageOf(answer)).toContain('would have more than 63 characters');
      expect(await post(projects, project({}, 'a'.repeat(57)), 'tenant')).toMatchObject({ status: 201 });
    });
  });

  test('every rule is tried above', () => {
    const count = objects.flatMap(({ spec }) => spec?.validations ?? []).length;
    // Of each Service and Pod rule there is a row; two allowlists, who may set them, and the long name; the held type.
    const rows = refusedServices.length - 1 + refusedPods.length - 1;
    expect(count).toBe(rows + 4 + 1);
  });
});
