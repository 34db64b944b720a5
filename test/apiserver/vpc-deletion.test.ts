// A Vpc that is deleted while it is used: it waits and says for whom, works on, and goes with its last user.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { describeApiServer } from '../support/api-server-programs.ts';
import { startKubeDaemon } from '../support/kube-daemon.ts';
import { type KubeWorld, kubeWorld } from '../support/kube-world.ts';
import { type OvnCentral, startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn, ovnVersions } from '../support/ovn-programs.ts';

const version = ovnVersions.findLast(hasOvn) ?? '25.03';
const finalizer = 'vpc.kube-dc.com/finalizer';
const entry = (vpc: string, local: string, remote: string) => ({
  vpc,
  localPrefixes: [local],
  remotePrefixes: [remote],
});

describeApiServer('a Vpc that is deleted', () => {
  let server: ApiServer;
  let central: OvnCentral;
  let world: KubeWorld;
  beforeAll(async () => {
    [server, central] = await Promise.all([startApiServer({ crds: true }), startOvnCentral({ version })]);
    world = kubeWorld(server);
    await world.add('Vpc/shop', { spec: { peerings: [entry('bank', '10.1.0.0/24', '10.2.0.0/24')] } });
    await world.add('Subnet/shop-web', { spec: { vpc: 'shop', cidr: '10.1.0.0/24' } });
    await world.add('Vpc/bank', { spec: { peerings: [entry('shop', '10.2.0.0/24', '10.1.0.0/24')] } });
    await world.add('Subnet/bank-core', { spec: { vpc: 'bank', cidr: '10.2.0.0/24' } });
  });
  afterAll(async () => {
    await server?.stop();
    await central?.stop();
  });
  const list = (table: string) => central.nbctl('--bare', '--columns=name', 'list', table);
  const waits = (users: string) => ({
    ready: false,
    conditions: expect.arrayContaining([
      expect.objectContaining({
        type: 'Programmed',
        status: 'False',
        reason: 'Pending',
        message: expect.stringContaining(`still used by ${users}`),
      }),
    ]),
  });

  test('waits for its Subnets and peers, says so, and goes with the last of them', async () => {
    await using _ = await startKubeDaemon({ kubeconfig: server.kubeconfig, nb: central.nb });
    await expect.poll(() => list('Logical_Router_Port')).toContain('bank.peer.shop');
    await expect.poll(async () => (await world.get('Vpc/bank'))?.metadata.finalizers).toEqual([finalizer]);
    await world.delete('Vpc/bank');
    await expect.poll(() => world.status('Vpc/bank')).toMatchObject(waits('Subnet/bank-core, Vpc/shop'));
    await expect.poll(() => world.events('default', 'bank')).not.toEqual([]);
    // It works on, for those who are in it and those who come.
    await world.add('Subnet/bank-late', { spec: { vpc: 'bank', cidr: '10.4.0.0/24' } });
    await expect.poll(() => list('Logical_Switch')).toContain('bank-late');
    await world.delete('Subnet/bank-late');
    await expect.poll(() => list('Logical_Switch')).not.toContain('bank-late');
    expect(await list('Logical_Router_Port')).toContain('bank.peer.shop');

    await world.patch('Vpc/shop', { spec: { peerings: [] } });
    await expect.poll(() => list('Logical_Router_Port')).not.toContain('bank.peer.shop');
    await expect.poll(() => world.status('Vpc/bank')).toMatchObject(waits('Subnet/bank-core'));
    expect(await list('Logical_Router')).toContain('bank');
    await world.delete('Subnet/bank-core');
    await expect.poll(() => world.get('Vpc/bank')).toBeUndefined();
    expect(await list('Logical_Router')).not.toContain('bank');
    expect(await list('Logical_Router')).toContain('shop');
  });

  test('that nobody uses goes at once, also when nobody was running at the time', async () => {
    await world.add('Vpc/lone', { spec: {} });
    {
      await using _ = await startKubeDaemon({ kubeconfig: server.kubeconfig, nb: central.nb });
      await expect.poll(() => list('Logical_Router')).toContain('lone');
      await expect.poll(async () => (await world.get('Vpc/lone'))?.metadata.finalizers).toEqual([finalizer]);
    }
    await world.delete('Vpc/lone');
    expect((await world.get('Vpc/lone'))?.metadata.deletionTimestamp).toBeDefined();
    await using _ = await startKubeDaemon({ kubeconfig: server.kubeconfig, nb: central.nb });
    await expect.poll(() => world.get('Vpc/lone')).toBeUndefined();
    expect(await list('Logical_Router')).not.toContain('lone');
  });
});
