// Virtual machines on a real API server: kinds that need not be there, come later, and go again.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KubeClient } from '../../src/source/kubernetes/kube-client.ts';
import { loadObjects } from '../../src/source/kubernetes/load-objects.ts';
import { addNamespace, oneOfEach } from '../support/api-objects.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { describeApiServer } from '../support/api-server-programs.ts';
import { type FollowedApi, followApi } from '../support/followed-api.ts';
import { installKubeVirt, removeKubeVirt } from '../support/kubevirt.ts';

const keys = ['VirtualMachine/shalb-demo/one', 'VirtualMachineInstance/shalb-demo/one'];

describeApiServer('KubeVirt', () => {
  let server: ApiServer;
  beforeAll(async () => {
    server = await startApiServer({ crds: true });
    await addNamespace(server, 'shalb-demo');
  });
  afterAll(() => server?.stop());

  const machinesOf = (api: FollowedApi): string[] =>
    [...api.objects.keys()].filter((key) => key.startsWith('VirtualMachine')).toSorted();
  const createAll = async (): Promise<void> => {
    for (const key of keys) {
      const { collection, object } = oneOfEach[key]!;
      await server.create(collection, object);
    }
  };

  test('that is not there is missed by nobody; that comes and goes is followed', async () => {
    await using api = followApi({ kubeconfig: server.kubeconfig });
    await expect.poll(() => api.synced).toBe(1);
    expect(api).toMatchObject({ isIncomplete: false, problems: [] });

    await installKubeVirt(server);
    await createAll();
    await expect.poll(() => machinesOf(api), { timeout: 15_000 }).toEqual(keys);
    expect(api.objects.get(keys[1]!)).toMatchObject({
      spec: { networks: [{ name: 'vpc_net_0', multus: { default: true } }] },
    });

    // The server comes back without an answer that could be taken for the end of KubeVirt.
    await server.restart();
    const { collection, object } = oneOfEach[keys[0]!]!;
    await server.create(collection, { ...object, metadata: { name: 'two' } });
    await expect
      .poll(() => machinesOf(api), { timeout: 15_000 })
      .toEqual([keys[0], 'VirtualMachine/shalb-demo/two', keys[1]]);
    expect(api.gone()).toEqual([]);

    await removeKubeVirt(server);
    await expect.poll(() => machinesOf(api), { timeout: 15_000 }).toEqual([]);
    expect(api).toMatchObject({ isIncomplete: false, problems: [] });

    await installKubeVirt(server);
    await createAll();
    await expect.poll(() => machinesOf(api), { timeout: 15_000 }).toEqual(keys);
    expect(api).toMatchObject({ isIncomplete: false, problems: [], synced: 1 });
    await removeKubeVirt(server);
  });

  test('that is not there does not keep plan and apply from reading the rest', async () => {
    const client = new KubeClient({ kubeconfig: server.kubeconfig });
    try {
      const { complete, problems } = await loadObjects(client, AbortSignal.timeout(20_000));
      expect({ complete, problems }).toEqual({ complete: true, problems: [] });
    } finally {
      await client.close();
    }
  });
});
