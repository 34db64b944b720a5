// What a real API server lets us see: credentials that expire, rights that come and go, definitions that come and go.
import { mkdirSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { KubeClient } from '../../src/source/kubernetes/kube-client.ts';
import { resources } from '../../src/source/kubernetes/resources.ts';
import { addNamespace, eipObject } from '../support/api-objects.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { describeApiServer } from '../support/api-server-programs.ts';
import { type FollowedApi, followApi } from '../support/followed-api.ts';

const eips = '/apis/kube-dc.com/v1/namespaces/shalb-demo/eips';
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const roles = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
const bindings = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';
const serviceAccounts = '/api/v1/namespaces/shalb-demo/serviceaccounts';

/** All that following takes: a test would fail if it took more. */
const readAll = {
  metadata: { name: 'reader' },
  rules: resources.map(({ name, apiVersion }) => ({
    apiGroups: [apiVersion.includes('/') ? apiVersion.split('/')[0] : ''],
    resources: [name.split('.')[0]],
    verbs: ['list', 'watch'],
  })),
};
const bindTo = (subject: object) => ({
  metadata: { name: 'reader' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reader' },
  subjects: [subject],
});
const reader = { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'reader' };

describeApiServer('access', () => {
  let server: ApiServer;
  beforeAll(async () => {
    server = await startApiServer({ users: ['reader'] });
    await addNamespace(server, 'shalb-demo');
  });
  afterAll(() => server?.stop());

  const synced = async (api: FollowedApi): Promise<void> => {
    await expect.poll(() => api.synced).toBe(1);
  };
  const hasEIp = async (api: FollowedApi): Promise<void> => {
    await expect.poll(() => api.objects.has('EIp/shalb-demo/kept')).toBe(true);
  };
  const troubled = (api: FollowedApi): string[] => api.problems.map(({ object }) => object);

  test('without the definitions it says which to apply, and waits for them', async () => {
    await using api = followApi({ kubeconfig: server.kubeconfig });
    await expect
      .poll(() => troubled(api))
      .toEqual([
        'CustomResourceDefinition/eips.kube-dc.com',
        'CustomResourceDefinition/externalnetworks.ovn.kube-dc.com',
        'CustomResourceDefinition/fips.kube-dc.com',
        'CustomResourceDefinition/projects.kube-dc.com',
        'CustomResourceDefinition/subnets.ovn.kube-dc.com',
        'CustomResourceDefinition/vpcs.ovn.kube-dc.com',
      ]);
    expect(api.problems[0]).toMatchObject({
      code: 'Unreadable',
      message: 'the API server does not serve eips.kube-dc.com',
      hint: 'apply the definitions: ovn-projector crd | kubectl apply -f -',
    });
    expect(api).toMatchObject({ isIncomplete: true, synced: 0 });
    await server.installCrds();
    await synced(api);
    expect(api).toMatchObject({ isIncomplete: false, problems: [] });
    await server.create(eips, eipObject('kept'));
    await hasEIp(api);
  });

  test('without rights it names them, and goes on when it has them: list and watch', async () => {
    await using api = followApi({ kubeconfig: await server.kubeconfigOf('reader') });
    await expect.poll(() => api.problems).toHaveLength(resources.length);
    expect(api.problems.map(({ hint }) => hint)).toContain(
      'let ovn-projector list and watch endpointslices.discovery.k8s.io in the whole cluster',
    );
    expect(api.synced).toBe(0);
    await server.create(roles, readAll);
    await server.create(bindings, bindTo(reader));
    await synced(api);
    await hasEIp(api);
    expect(api).toMatchObject({ isIncomplete: false, problems: [] });

    // A right that is taken away is felt when the watch begins anew.
    const withoutEIps = readAll.rules.filter((rule) => !rule.resources.includes('eips'));
    await server.request('PUT', `${roles}/reader`, { ...readAll, rules: withoutEIps });
    await server.restart();
    await expect.poll(() => troubled(api)).toEqual(['CustomResourceDefinition/eips.kube-dc.com']);
    expect(api.isIncomplete).toBe(true);
    expect(api.objects.has('EIp/shalb-demo/kept')).toBe(true);
    await server.request('PUT', `${roles}/reader`, readAll);
    await expect.poll(() => api.isIncomplete).toBe(false);
    expect(api.problems).toEqual([]);
    expect(api.gone()).toEqual([]);
    await server.request('DELETE', `${bindings}/reader`);
  });

  test('a kind that stays hidden is missing after a while: the others are told, and it when it comes', async () => {
    const withoutEIps = readAll.rules.filter((rule) => !rule.resources.includes('eips'));
    await server.request('PUT', `${roles}/reader`, { ...readAll, rules: withoutEIps });
    await server.create(bindings, bindTo(reader));
    await using api = followApi({ kubeconfig: await server.kubeconfigOf('reader') }, { graceMs: 100 });
    await synced(api);
    await expect.poll(() => [...api.missing]).toEqual([['EIp', 'hidden']]);
    expect(api.log).toContain('some kinds cannot be listed; started without');
    expect(api.isIncomplete).toBe(true);
    expect(troubled(api)).toEqual(['CustomResourceDefinition/eips.kube-dc.com']);
    expect(api.objects.has('Namespace/shalb-demo')).toBe(true);
    await server.request('PUT', `${roles}/reader`, readAll);
    await hasEIp(api);
    expect(api).toMatchObject({ isIncomplete: false, problems: [], missing: new Map(), synced: 1 });
    await server.request('DELETE', `${bindings}/reader`);
  });

  test('a token that is not valid any more is read again', async () => {
    const podRoot = join(server.directory, 'pod');
    const secrets = join(podRoot, 'var/run/secrets/kubernetes.io/serviceaccount');
    mkdirSync(secrets, { recursive: true });
    await copyFile(server.caFile, join(secrets, 'ca.crt'));
    const newToken = async (): Promise<void> => {
      await server.request('DELETE', `${serviceAccounts}/daemon`);
      await server.create(serviceAccounts, { metadata: { name: 'daemon' } });
      const answer = await server.create(`${serviceAccounts}/daemon/token`, { spec: {} });
      writeFileSync(join(secrets, 'token'), (answer as { status: { token: string } }).status.token);
    };
    await newToken();
    await server.create(
      bindings,
      bindTo({ kind: 'ServiceAccount', name: 'daemon', namespace: 'shalb-demo' }),
    );
    const [host, port] = new URL(server.url).host.split(':');
    Object.assign(process.env, { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port });
    onTestFinished(() => {
      delete process.env['KUBERNETES_SERVICE_HOST'];
      delete process.env['KUBERNETES_SERVICE_PORT'];
    });
    const environment = { KUBERNETES_SERVICE_HOST: host };
    await using api = followApi({ podRoot, environment });
    await synced(api);
    await hasEIp(api);
    const client = new KubeClient({ podRoot, environment });
    onTestFinished(() => client.close());
    await client.request({ path: '/api/v1/pods' });

    // The account is another one now, and so the old token nobody's.
    await newToken();
    await server.restart();
    await server.create(eips, eipObject('after'));
    await expect.poll(() => api.objects.has('EIp/shalb-demo/after')).toBe(true);
    await client.request({ path: '/api/v1/pods' });
    expect(api.gone()).toEqual([]);
  });

  test('a wrong token is said to be one', async () => {
    await using api = followApi({ kubeconfig: await server.kubeconfigOf('reader', 'wrong') });
    await expect.poll(() => api.problems).toHaveLength(resources.length);
    expect(api.problems[0]?.hint).toBe('renew the token or certificate that ovn-projector is known by');
    await server.kubeconfigOf('reader', 'admin-token');
    await synced(api);
  });

  test('a definition that is deleted takes no network with it', async () => {
    await using api = followApi({ kubeconfig: server.kubeconfig });
    await synced(api);
    await hasEIp(api);
    await server.request('DELETE', `${definitions}/eips.kube-dc.com`);
    await expect
      .poll(async () => (await server.request('GET', `${definitions}/eips.kube-dc.com`)).status)
      .toBe(404);
    await expect.poll(() => api.isIncomplete).toBe(true);
    expect(troubled(api)).toEqual(['CustomResourceDefinition/eips.kube-dc.com']);
    expect(api.objects.has('EIp/shalb-demo/kept')).toBe(true);
    expect(api.gone()).toEqual([]);
  });
});
