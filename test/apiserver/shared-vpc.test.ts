// Projects that share a Vpc, on a real API server: each is told of its own, and goes by itself.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { describeApiServer } from '../support/api-server-programs.ts';
import { type KubeDaemon, startKubeDaemon } from '../support/kube-daemon.ts';
import { type KubeWorld, kubeWorld } from '../support/kube-world.ts';
import { finalizeNamespace } from '../support/namespace-controller.ts';
import { type OvnCentral, startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn, ovnVersions } from '../support/ovn-programs.ts';

const version = ovnVersions.findLast(hasOvn) ?? '25.03';

describeApiServer('projects in one Vpc', () => {
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
  const start = (): Promise<KubeDaemon> => startKubeDaemon({ kubeconfig: server.kubeconfig, nb: central.nb });
  const rowsOf = async (project: string): Promise<string[]> => {
    const sources = await Promise.all(
      ['Logical_Switch', 'NAT', 'Load_Balancer', 'ACL'].map((table) =>
        central.nbctl('--bare', '--columns=external_ids', 'list', table),
      ),
    );
    return (
      sources
        .flatMap((text) => text.split('\n'))
        .filter((line) => line.includes(`Project/shalb/${project} `) || line.includes(`/shalb-${project}/`))
        // The wall is there for as long as somebody is beyond it.
        .filter((line) => !line.includes('/neighbours/'))
        .toSorted()
    );
  };

  test('each waits for the Vpc, and has a namespace, default-gw and status of its own then', async () => {
    await world.addProject('a', { vpc: 'platform', cidrBlock: '10.0.1.0/24' });
    await world.addProject('b', { vpc: 'platform', cidrBlock: '10.0.2.0/24' });
    await using daemon = await start();
    await expect
      .poll(() => world.status('Project/shalb/a'))
      .toMatchObject({ ready: false, conditions: [{ type: 'Accepted', reason: 'NotFound' }, {}, {}] });
    await world.add('Vpc/platform', {
      spec: { externalNetworks: [{ name: 'ext-cloud' }], organizations: ['shalb'] },
    });
    for (const name of ['a', 'b']) {
      await expect
        .poll(() => world.status(`Project/shalb/${name}`))
        .toMatchObject({ namespace: `shalb-${name}`, ready: true });
      await expect
        .poll(() => world.status(`EIp/shalb-${name}/default-gw`))
        .toMatchObject({ ovnEIpRef: `shalb-${name}-ext-cloud`, ready: true });
      expect(await world.get(`Project/shalb/${name}`)).toMatchObject({
        metadata: { finalizers: ['project.kube-dc.com/finalizer'] },
      });
    }
    await world.addService('shalb-b', 'web', {});
    await expect
      .poll(() => world.status('Service/shalb-b/web'))
      .toMatchObject({ loadBalancer: { ingress: [{}] } });
    expect(await world.get('EIp/shalb-b/slb-web')).toMatchObject({
      metadata: { finalizers: ['eip.kube-dc.com/finalizer'] },
    });
    await daemon.settled();
    expect(daemon.engine.isInStep).toBe(true);
  });

  test('its Vpc is written once: it cannot move', async () => {
    await expect(world.patch('Project/shalb/a', { spec: { vpc: 'other' } })).rejects.toThrow('immutable');
    await expect(world.patch('Project/shalb/a', { spec: { vpc: null } })).rejects.toThrow('immutable');
  });

  test('one that goes takes its own along, in order, and nothing else', async () => {
    await using daemon = await start();
    await expect.poll(() => daemon.engine.isInStep).toBe(true);
    const before = await rowsOf('a');
    expect(await rowsOf('b')).not.toEqual([]);
    await world.delete('Project/shalb/b');
    await expect
      .poll(() => world.get('Namespace/shalb-b'))
      .toMatchObject({ metadata: { deletionTimestamp: expect.any(String) } });
    expect(await world.get('Project/shalb/b')).toBeDefined();
    await finalizeNamespace(server, 'shalb-b', AbortSignal.timeout(60_000));
    await expect.poll(() => world.get('Project/shalb/b')).toBeUndefined();
    expect(await rowsOf('b')).toEqual([]);
    expect(await rowsOf('a')).toEqual(before);
    expect(await world.status('Project/shalb/a')).toMatchObject({ ready: true });
    await daemon.settled();
  });
});
