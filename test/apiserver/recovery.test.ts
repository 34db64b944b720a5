// What comes between us and a real API server: nothing is missed, and nothing is taken for gone that is not.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeClient } from '../../src/source/kubernetes/kube-client.ts';
import { addNamespace, eipObject } from '../support/api-objects.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { describeApiServer } from '../support/api-server-programs.ts';
import { type FollowedApi, followApi } from '../support/followed-api.ts';
import { startTcpRelay } from '../support/tcp-relay.ts';

const eips = '/apis/kube-dc.com/v1/namespaces/shalb-demo/eips';
const keyOf = (name: string): string => `EIp/shalb-demo/${name}`;
const eipsOf = (api: FollowedApi): string[] =>
  [...api.objects.keys()]
    .filter((key) => key.startsWith('EIp/'))
    .map((key) => key.split('/')[2] ?? '')
    .toSorted();

describeApiServer('recovery', () => {
  let server: ApiServer;
  beforeAll(async () => {
    server = await startApiServer({ crds: true });
    await addNamespace(server, 'shalb-demo');
  });
  afterAll(() => server?.stop());

  const add = (name: string): Promise<unknown> => server.create(eips, eipObject(name));
  const remove = (name: string) => server.request('DELETE', `${eips}/${name}`);
  const replaceAll = async (...names: readonly string[]): Promise<void> => {
    await server.request('DELETE', eips);
    for (const name of names) await add(name);
  };
  /** A kubeconfig that leads through a relay. */
  const relayed = async () => {
    const relay = await startTcpRelay(Number(new URL(server.url).port));
    return {
      relay,
      kubeconfig: await server.kubeconfigOf('admin', 'admin-token', `https://127.0.0.1:${relay.port}`),
    };
  };
  const synced = async (api: FollowedApi): Promise<void> => {
    await expect.poll(() => api.synced).toBe(1);
  };

  test('a list comes in pages, whole', async () => {
    const names = Array.from({ length: 7 }, (_, index) => `page-${index}`);
    await replaceAll(...names);
    const pages: unknown[] = [];
    const wrap = (client: KubeClient) => ({
      watch: client.watch.bind(client),
      request: (...[request, signal]: Parameters<KubeClient['request']>) => {
        if (request.path.endsWith('/eips')) pages.push(request.query);
        return client.request(request, signal);
      },
    });
    await using api = followApi({ kubeconfig: server.kubeconfig }, { wrap, timing: { pageLimit: 2 } });
    await synced(api);
    expect(eipsOf(api)).toEqual(names);
    expect(pages).toHaveLength(4);
    expect(pages[3]).toEqual({ limit: 2, continue: expect.any(String) });
  });

  test('a list whose pages expire on the way is begun again, and is never half a list', async () => {
    await replaceAll('a', 'b', 'c', 'd', 'e');
    let pages = 0;
    const wrap = (client: KubeClient) => ({
      watch: client.watch.bind(client),
      request: async (...[request, signal]: Parameters<KubeClient['request']>) => {
        const answer = await client.request(request, signal);
        if (request.path.endsWith('/eips') && ++pages === 1) {
          await remove('e');
          await server.compact();
          // It has snapshots in its memory, too.
          await server.restart();
        }
        return answer;
      },
    });
    await using api = followApi({ kubeconfig: server.kubeconfig }, { wrap, timing: { pageLimit: 2 } });
    await synced(api);
    expect(eipsOf(api)).toEqual(['a', 'b', 'c', 'd']);
    expect(api.log).toContain('too old; listed again');
    expect(api.gone()).toEqual([]);
  });

  test('a page that breaks off is no page', async () => {
    await replaceAll('a', 'b', 'c');
    let isBroken = true;
    const wrap = (client: KubeClient) => ({
      watch: client.watch.bind(client),
      request: async (...[request, signal]: Parameters<KubeClient['request']>) => {
        const answer = await client.request(request, signal);
        if (!request.path.endsWith('/eips') || !isBroken || request.query?.['continue'] === undefined)
          return answer;
        isBroken = false;
        return { kind: 'EIpList', metadata: {} };
      },
    });
    await using api = followApi({ kubeconfig: server.kubeconfig }, { wrap, timing: { pageLimit: 2 } });
    await synced(api);
    expect(eipsOf(api)).toEqual(['a', 'b', 'c']);
    expect(isBroken).toBe(false);
    expect(api.calls.filter((changes) => changes.some(({ key }) => key.startsWith('EIp/')))).toHaveLength(1);
  });

  test('connections that break: what happened meanwhile is seen', async () => {
    await replaceAll('stays', 'goes', 'changes');
    const { relay, kubeconfig } = await relayed();
    await using _ = relay;
    await using api = followApi({ kubeconfig });
    await synced(api);
    relay.cut();
    await remove('goes');
    await add('comes');
    relay.mend();
    await expect.poll(() => eipsOf(api)).toEqual(['changes', 'comes', 'stays']);
    expect(api.gone()).toEqual([keyOf('goes')]);
    // They went on where they were.
    expect(api.log).not.toContain('too old; listed again');
  });

  test('a connection that falls silent is left for another one', async () => {
    await replaceAll('stays', 'goes');
    const { relay, kubeconfig } = await relayed();
    await using _ = relay;
    await using api = followApi({ kubeconfig }, { timing: { inactivityMs: 1500 } });
    await synced(api);
    relay.silence();
    const before = relay.accepted;
    await remove('goes');
    await expect.poll(() => relay.accepted).toBeGreaterThan(before);
    expect(eipsOf(api)).toEqual(['goes', 'stays']);
    relay.mend();
    await expect.poll(() => eipsOf(api)).toEqual(['stays']);
  });

  test('watches that the server ends go on without a gap', async () => {
    await replaceAll('stays');
    await using api = followApi({ kubeconfig: server.kubeconfig }, { timing: { watchMs: 500 } });
    await synced(api);
    for (let index = 0; index < 20; index++) {
      await add(`wave-${index}`);
      await expect.poll(() => eipsOf(api)).toContain(`wave-${index}`);
      await remove(`wave-${index}`);
    }
    await expect.poll(() => eipsOf(api)).toEqual(['stays']);
    expect(api.gone()).toHaveLength(20);
  });

  test('the API server is killed and comes back: followed on, exactly what is missing is gone (410)', async () => {
    await replaceAll('stays', 'goes', 'is-made-anew');
    const { relay, kubeconfig } = await relayed();
    await using _ = relay;
    await using api = followApi({ kubeconfig });
    await synced(api);
    const uid = api.objects.get(keyOf('is-made-anew'))?.metadata.uid;
    relay.cut();
    await remove('goes');
    await remove('is-made-anew');
    await add('is-made-anew');
    await add('comes');
    // Its memory of events begins anew with it.
    await server.restart();
    relay.mend();
    await expect.poll(() => eipsOf(api)).toEqual(['comes', 'is-made-anew', 'stays']);
    await expect.poll(() => api.objects.get(keyOf('is-made-anew'))?.metadata.uid).not.toBe(uid);
    expect(api.log).toContain('too old; listed again');
    expect(api.gone()).toEqual([keyOf('goes')]);
    expect(api.isIncomplete).toBe(false);
    expect(api.synced).toBe(1);
    await add('later');
    await expect.poll(() => eipsOf(api)).toContain('later');
  });

  test('the API server is paused for a while', async () => {
    await replaceAll('stays');
    await using api = followApi({ kubeconfig: server.kubeconfig }, { timing: { inactivityMs: 1000 } });
    await synced(api);
    await server.kill('SIGSTOP');
    await expect.poll(() => api.log).toContain('a watch fell silent; opened again');
    await server.kill('SIGCONT');
    await add('later');
    await expect.poll(() => eipsOf(api)).toEqual(['later', 'stays']);
    expect(api.gone()).toEqual([]);
  });
});
