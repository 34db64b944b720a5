// Virtual machines on a real API server: kinds that need not be there, and addresses that outlive what runs.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedOvn, startEmbeddedOvn } from '../../src/embedded/central.ts';
import { KubeClient } from '../../src/source/kubernetes/kube-client.ts';
import { loadObjects } from '../../src/source/kubernetes/load-objects.ts';
import { addNamespace, oneOfEach } from '../support/api-objects.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { describeApiServer } from '../support/api-server-programs.ts';
import { type FollowedApi, followApi } from '../support/followed-api.ts';
import { type KubeDaemon, startKubeDaemon } from '../support/kube-daemon.ts';
import { kubeWorld } from '../support/kube-world.ts';
import { installKubeVirt, removeKubeVirt } from '../support/kubevirt.ts';

const keys = ['VirtualMachine/shalb-demo/one', 'VirtualMachineInstance/shalb-demo/one'];

describeApiServer('KubeVirt', () => {
  let server: ApiServer;
  let ovn: EmbeddedOvn;
  beforeAll(async () => {
    [server, ovn] = await Promise.all([startApiServer({ crds: true }), startEmbeddedOvn()]);
    await addNamespace(server, 'shalb-demo');
  });
  afterAll(async () => {
    await Promise.all([server?.stop(), ovn?.stop()]);
  });

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
    await expect.poll(() => machinesOf(api)).toEqual(keys);
    expect(api.objects.get(keys[1]!)).toMatchObject({
      spec: { networks: [{ name: 'vpc_net_0', multus: { default: true } }] },
    });

    // The server comes back without an answer that could be taken for the end of KubeVirt.
    await server.restart();
    const { collection, object } = oneOfEach[keys[0]!]!;
    await server.create(collection, { ...object, metadata: { name: 'two' } });
    await expect.poll(() => machinesOf(api)).toEqual([keys[0], 'VirtualMachine/shalb-demo/two', keys[1]]);
    expect(api.gone()).toEqual([]);

    await removeKubeVirt(server);
    await expect.poll(() => machinesOf(api)).toEqual([]);
    expect(api).toMatchObject({ isIncomplete: false, problems: [] });

    await installKubeVirt(server);
    await createAll();
    await expect.poll(() => machinesOf(api)).toEqual(keys);
    expect(api).toMatchObject({ isIncomplete: false, problems: [], synced: 1 });
    await removeKubeVirt(server);
  });

  test('that is not there does not keep plan and apply from reading the rest', async () => {
    const client = new KubeClient({ kubeconfig: server.kubeconfig });
    try {
      const { complete, problems } = await loadObjects(client, AbortSignal.timeout(60_000));
      expect({ complete, problems }).toEqual({ complete: true, problems: [] });
    } finally {
      await client.close();
    }
  });

  test('a floating IP follows its machine, and a stopped machine has its address after a restart of ours', async () => {
    const world = kubeWorld(server);
    const start = (): Promise<KubeDaemon> =>
      startKubeDaemon({ kubeconfig: server.kubeconfig, nb: ovn.nb, sb: ovn.sb });
    const launch = (suffix: string): Promise<void> =>
      world.addPod('shalb-vms', `virt-launcher-vm-${suffix}`, { labels: { 'vm.kubevirt.io/name': 'vm' } });
    const addressOf = async (pod: string): Promise<string | undefined> =>
      (await world.annotations(`Pod/shalb-vms/${pod}`))?.['network.kube-dc.com/ip-address'];
    const target = (ipAddress: string) => ({
      resolvedTargetIP: ipAddress,
      targetVMInterface: {
        vmName: 'vm',
        interfaceName: 'vpc_net_0',
        ipAddress,
        mac: '02:00:00:00:00:01',
      },
      ready: true,
    });
    const report = (ipAddress: string): Promise<void> =>
      world.patch(
        instance,
        {
          status: {
            phase: 'Running',
            interfaces: [{ name: 'vpc_net_0', ipAddress, mac: '02:00:00:00:00:01' }],
          },
        },
        '/status',
      );
    const instance = 'VirtualMachineInstance/shalb-vms/vm';
    const networks = [{ name: 'vpc_net_0', multus: { default: true, networkName: 'shalb-vms/default' } }];
    {
      await using daemon = await start();
      await expect.poll(() => daemon.engine.isInStep).toBe(true);
      await installKubeVirt(server);
      await world.addNetwork('ext-cloud', 'cloud', '100.65.0.0/24');
      await world.addNamespace('shalb');
      await world.addProject('vms', { cidrBlock: '10.0.10.0/24' });
      await expect.poll(() => world.status('Project/shalb/vms')).toMatchObject({ ready: true });
      await world.add('VirtualMachine/shalb-vms/vm', { spec: { runStrategy: 'Always' } });
      await world.add(instance, { spec: { networks } });
      await world.add('FIp/shalb-vms/vm', { spec: { vmTarget: { vmName: 'vm' } } });
      await launch('aaaaa');
      await expect.poll(() => addressOf('virt-launcher-vm-aaaaa')).toBe('10.0.10.2');
      await report('10.0.10.2');
      await expect.poll(() => world.status('FIp/shalb-vms/vm')).toMatchObject(target('10.0.10.2'));
      await report('10.0.10.99');
      await expect.poll(() => world.status('FIp/shalb-vms/vm')).toMatchObject(target('10.0.10.99'));

      // It is stopped, and so are we.
      await world.delete('Pod/shalb-vms/virt-launcher-vm-aaaaa');
      await world.delete(instance);
      await expect
        .poll(() => world.status('FIp/shalb-vms/vm'))
        .toMatchObject({
          ready: false,
          conditions: expect.arrayContaining([
            expect.objectContaining({
              message: expect.stringContaining('no running pod of virtual machine vm is known'),
            }),
          ]),
        });
      await daemon.settled();
    }
    await world.addPod('shalb-vms', 'other', {});
    {
      await using daemon = await start();
      await expect.poll(() => addressOf('other')).toBe('10.0.10.3');
      await launch('bbbbb');
      await expect.poll(() => addressOf('virt-launcher-vm-bbbbb')).toBe('10.0.10.2');
      // Deleted, it holds nothing; with nobody who says that there is such a machine, the next one is given its address.
      await world.delete('Pod/shalb-vms/virt-launcher-vm-bbbbb');
      await world.delete('VirtualMachine/shalb-vms/vm');
      await daemon.settled();
    }
    await using _ = await start();
    await world.addPod('shalb-vms', 'next', {});
    await expect.poll(() => addressOf('next')).toBe('10.0.10.2');
  });
});
