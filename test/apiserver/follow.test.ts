// Following a real API server: what is there, what changes, what is left out, and what is held when a kind goes.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kinds } from '../../src/api/kind.ts';
import { addNamespace, eipObject, oneOfEach, podObject } from '../support/api-objects.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { describeApiServer } from '../support/api-server-programs.ts';
import { followApi } from '../support/followed-api.ts';
import { installKubeVirt } from '../support/kubevirt.ts';
import { installPlatformPolicies } from '../support/platform-crds.ts';

const eips = '/apis/kube-dc.com/v1/namespaces/shalb-demo/eips';
const pods = '/api/v1/namespaces/shalb-demo/pods';
const merge = 'application/merge-patch+json';

describeApiServer('following', () => {
  let server: ApiServer;
  beforeAll(async () => {
    server = await startApiServer({ crds: true });
    await installKubeVirt(server);
    await installPlatformPolicies(server);
    await addNamespace(server, 'shalb-demo');
  });
  afterAll(() => server?.stop());

  test('every kind: what is there, what comes, changes and goes', async () => {
    expect(new Set(Object.keys(oneOfEach).map((key) => key.split('/')[0]))).toEqual(
      new Set(Object.keys(kinds)),
    );
    await using before = followApi({ kubeconfig: server.kubeconfig });
    await expect.poll(() => before.synced).toBe(1);
    for (const { collection, object } of Object.values(oneOfEach)) await server.create(collection, object);
    for (const key of Object.keys(oneOfEach))
      await expect.poll(() => [...before.objects.keys()]).toContain(key);
    await using after = followApi({ kubeconfig: server.kubeconfig });
    await expect.poll(() => after.synced).toBe(1);
    expect(Object.fromEntries(after.objects)).toEqual(Object.fromEntries(before.objects));

    for (const [key, { collection }] of Object.entries(oneOfEach)) {
      const labels = { metadata: { labels: { 'kube-dc.com/touched': 'true' } } };
      const path = `${collection}/${key.split('/').at(-1)}`;
      await server.request('PATCH', path, labels, merge);
      await expect.poll(() => before.objects.get(key)?.metadata.labels).toMatchObject(labels.metadata.labels);
      if (key.startsWith('Namespace/')) continue; // nobody is here who would end it
      await server.request('DELETE', `${path}?gracePeriodSeconds=0`);
      await expect.poll(() => before.objects.has(key)).toBe(false);
      await expect.poll(() => after.objects.has(key)).toBe(false);
    }
    expect(before.problems).toEqual([]);
    expect(before.isIncomplete).toBe(false);
    expect(before.synced).toBe(1);
  });

  test('only what is used is kept, and pods without a port are left out', async () => {
    const finished = async (name: string, phase: string): Promise<void> => {
      await server.create(pods, podObject(name));
      await server.request('PATCH', `${pods}/${name}/status`, { status: { phase } }, merge);
    };
    await server.create(pods, podObject('plain'));
    await server.create(pods, podObject('host', { hostNetwork: true }));
    await finished('done', 'Succeeded');
    await using api = followApi({ kubeconfig: server.kubeconfig });
    await expect.poll(() => api.synced).toBe(1);
    const podKeys = (): string[] =>
      [...api.objects.keys()].filter((key) => key.startsWith('Pod/')).toSorted();
    expect(podKeys()).toEqual(['Pod/shalb-demo/plain']);
    const kept = JSON.stringify(api.objects.get('Pod/shalb-demo/plain'));
    expect(kept).not.toMatch(/example\.org|managedFields|"env"/);
    expect(kept).toMatch(/"uid"/);

    await finished('ends', 'Running');
    await expect.poll(podKeys).toEqual(['Pod/shalb-demo/ends', 'Pod/shalb-demo/plain']);
    await server.request('PATCH', `${pods}/ends/status`, { status: { phase: 'Failed' } }, merge);
    await expect.poll(podKeys).toEqual(['Pod/shalb-demo/plain']);
  });

  test('an object that is ending is gone for us, a pod only when it is', async () => {
    const held = { finalizers: ['example.org/held'] };
    const withFinalizer = (object: object): object => ({
      ...object,
      metadata: { ...(object as { metadata: object }).metadata, ...held },
    });
    await server.create(eips, withFinalizer(eipObject('ending')));
    await server.create(pods, withFinalizer(podObject('ending')));
    await using api = followApi({ kubeconfig: server.kubeconfig });
    await expect.poll(() => api.synced).toBe(1);
    await server.request('DELETE', `${pods}/ending?gracePeriodSeconds=0`);
    await expect
      .poll(() => api.objects.get('Pod/shalb-demo/ending')?.metadata.deletionTimestamp)
      .toEqual(expect.any(String));
    await server.request('DELETE', `${eips}/ending`);
    await expect.poll(() => api.objects.has('EIp/shalb-demo/ending')).toBe(false);
    expect((await server.request('GET', `${eips}/ending`)).status).toBe(200);
    expect(api.held('EIp/shalb-demo/ending')).toMatchObject({ isEnding: true, object: { metadata: held } });
    // Who comes now does not see it at all.
    await using late = followApi({ kubeconfig: server.kubeconfig });
    await expect.poll(() => late.synced).toBe(1);
    expect(late.objects.has('EIp/shalb-demo/ending')).toBe(false);
    await server.request('PATCH', `${eips}/ending`, { metadata: { finalizers: null } }, merge);
    await server.request('PATCH', `${pods}/ending`, { metadata: { finalizers: null } }, merge);
    await expect.poll(() => api.objects.has('Pod/shalb-demo/ending')).toBe(false);
    expect(api.gone().toSorted()).toEqual(['EIp/shalb-demo/ending', 'Pod/shalb-demo/ending']);
  });

  test('an object that turns bad is told as rejected, with its problem, and is never gone', async () => {
    await using api = followApi({ kubeconfig: server.kubeconfig });
    await server.create(pods, podObject('turns'));
    await expect.poll(() => [...api.objects.keys()]).toContain('Pod/shalb-demo/turns');
    const ask = (address: string | null) => ({
      metadata: { annotations: { 'network.kube-dc.com/ip-address': address } },
    });
    await server.request('PATCH', `${pods}/turns`, ask('10.0.0'), merge);
    await expect.poll(() => [...api.invalid]).toEqual(['Pod/shalb-demo/turns']);
    expect(api.problems).toMatchObject([{ code: 'Invalid', object: 'Pod/shalb-demo/turns' }]);
    await server.request('PATCH', `${pods}/turns`, ask(null), merge);
    await expect.poll(() => api.objects.has('Pod/shalb-demo/turns')).toBe(true);
    await expect.poll(() => api.problems).toEqual([]);
    expect(api.gone()).toEqual([]);
  });

  test('a change that means nothing here is not told', async () => {
    await using api = followApi({ kubeconfig: server.kubeconfig });
    await server.create(eips, eipObject('quiet'));
    await server.create(eips, eipObject('marker'));
    await expect.poll(() => [...api.objects.keys()]).toContain('EIp/shalb-demo/marker');
    const annotate = (name: string, key: string) =>
      server.request('PATCH', `${eips}/${name}`, { metadata: { annotations: { [key]: 'x' } } }, merge);
    await annotate('quiet', 'example.org/note');
    await annotate('marker', 'network.kube-dc.com/note');
    await expect
      .poll(() => api.objects.get('EIp/shalb-demo/marker')?.metadata.annotations)
      .toMatchObject({ 'network.kube-dc.com/note': 'x' });
    const told = api.calls.flat().filter(({ key }) => key === 'EIp/shalb-demo/quiet');
    expect(told).toHaveLength(1);
  });

  test('what is deleted one by one is told one by one', async () => {
    for (const name of ['a', 'b', 'c']) await server.create(eips, eipObject(`many-${name}`));
    await using api = followApi({ kubeconfig: server.kubeconfig });
    await expect.poll(() => api.synced).toBe(1);
    await server.request('DELETE', eips);
    await expect.poll(() => api.gone().filter((key) => key.includes('many-')).length).toBe(3);
    const removing = api.calls.filter((changes) => changes.some(({ object }) => object === undefined));
    expect(removing.map((changes) => changes.length)).toEqual(removing.map(() => 1));
  });
});
