// What the daemon writes back to a real API server, from a Project to its deletion.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { describeApiServer } from '../support/api-server-programs.ts';
import { type KubeDaemon, startKubeDaemon } from '../support/kube-daemon.ts';
import { type KubeWorld, kubeWorld } from '../support/kube-world.ts';
import { type OvnCentral, startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn, ovnVersions } from '../support/ovn-programs.ts';

const version = ovnVersions.findLast(hasOvn) ?? '25.03';

describeApiServer('writing back', () => {
  let server: ApiServer;
  let central: OvnCentral;
  let world: KubeWorld;
  beforeAll(async () => {
    [server, central] = await Promise.all([startApiServer({ crds: true }), startOvnCentral({ version })]);
    world = kubeWorld(server);
    await world.addNetwork('ext-cloud', 'cloud', '100.65.0.0/24');
    await world.addNamespace('shalb');
  });
  afterAll(async () => {
    await server?.stop();
    await central?.stop();
  });
  const start = (): Promise<KubeDaemon> =>
    startKubeDaemon({ kubeconfig: server.kubeconfig, nb: central.nb, sb: central.sb });

  test('a Project alone gets its namespace, the EIp that it leaves by, and is Ready', async () => {
    await world.addProject('demo', { cidrBlock: '10.0.10.0/24' });
    await using daemon = await start();
    const condition = (type: string, reason = type) => ({
      type,
      status: 'True',
      reason,
      observedGeneration: 1,
      lastTransitionTime: expect.any(String),
      message: expect.any(String),
    });
    const ready = [condition('Accepted'), condition('Programmed'), condition('Ready')];
    await expect
      .poll(() => world.status('Project/shalb/demo'))
      .toEqual({ namespace: 'shalb-demo', cidrBlock: '10.0.10.0/24', ready: true, conditions: ready });
    await expect
      .poll(() => world.status('EIp/shalb-demo/default-gw'))
      .toEqual({
        ipAddress: '100.65.0.2',
        ovnEIpRef: 'shalb-demo-ext-cloud',
        ownershipType: 'Shared',
        owners: [{ type: 'Snat', ownerRef: 'shalb-demo' }],
        deleteReleased: false,
        ready: true,
        conditions: ready,
      });
    expect(await world.get('Namespace/shalb-demo')).toMatchObject({
      metadata: { labels: { 'kube-dc.com/project': '', 'kube-dc.com/organization': 'shalb' } },
    });
    expect(await world.get('Project/shalb/demo')).toMatchObject({
      metadata: { finalizers: ['project.kube-dc.com/finalizer'] },
    });
    expect(await world.get('EIp/shalb-demo/default-gw')).toMatchObject({
      spec: { childRef: 'shalb-demo-ext-cloud' },
      metadata: { finalizers: ['eip.kube-dc.com/finalizer'] },
    });
    expect(await world.status('ExternalNetwork/ext-cloud')).toMatchObject({
      capacity: 253,
      conditions: [{ status: 'True' }, { status: 'True' }, { reason: 'NoGatewayChassis' }],
    });
    await daemon.settled();
  });

  test('a second start writes nothing, neither to the API server nor to NB', async () => {
    const before = await world.versions();
    const rows = await central.nbctl('--bare', '--columns=nb_cfg', 'list', 'NB_Global');
    await using daemon = await start();
    await expect.poll(() => daemon.engine.isInStep).toBe(true);
    await daemon.settled();
    expect(daemon.writes).toEqual([]);
    expect(daemon.engine.counters).toMatchObject({ transactions: 0 });
    expect(await world.versions()).toEqual(before);
    expect(await central.nbctl('--bare', '--columns=nb_cfg', 'list', 'NB_Global')).toBe(rows);
  });
});
