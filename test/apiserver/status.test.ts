// What the daemon writes back to a real API server, from a Project to its deletion.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { describeApiServer } from '../support/api-server-programs.ts';
import { type KubeDaemon, startKubeDaemon } from '../support/kube-daemon.ts';
import { type KubeWorld, kubeWorld } from '../support/kube-world.ts';
import { finalizeNamespace } from '../support/namespace-controller.ts';
import { type OvnCentral, startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn, ovnVersions } from '../support/ovn-programs.ts';

const version = ovnVersions.findLast(hasOvn) ?? '25.03';

const condition = (type: string, reason = type, status = 'True', generation = 1) => ({
  type,
  status,
  reason,
  observedGeneration: generation,
  lastTransitionTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  message: expect.any(String),
});
/** Nobody counts the generations of a Service. */
const ofService = (conditions: readonly object[]) =>
  conditions.map((each) =>
    Object.fromEntries(Object.entries(each).filter(([member]) => member !== 'observedGeneration')),
  );
const ready = [condition('Accepted'), condition('Programmed'), condition('Ready')];
describeApiServer('writing back', () => {
  let server: ApiServer;
  let central: OvnCentral;
  let world: KubeWorld;
  beforeAll(async () => {
    [server, central] = await Promise.all([startApiServer({ crds: true }), startOvnCentral({ version })]);
    world = kubeWorld(server);
    await world.addNetwork('ext-cloud', 'cloud', '100.65.0.0/24');
    await world.addNetwork('ext-public', 'public', '198.51.100.0/29', { vlan: 300 });
    await world.addNamespace('shalb');
  });
  afterAll(async () => {
    await server?.stop();
    await central?.stop();
  });
  const start = (more: object = {}): Promise<KubeDaemon> =>
    startKubeDaemon({ kubeconfig: server.kubeconfig, nb: central.nb, ...more });
  const routers = () => central.nbctl('--bare', '--columns=name', 'list', 'Logical_Router');

  test('a Project alone gets its namespace, the EIp that it leaves by, and is Ready', async () => {
    await world.addProject('demo', { cidrBlock: '10.0.10.0/24' });
    await using daemon = await start();
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
    await expect
      .poll(() => world.status('ExternalNetwork/ext-cloud'))
      .toEqual({ capacity: 253, allocated: 1, ready: true, conditions: ready });
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

  test('Pods, EIps, FIps and Services say what they have', async () => {
    await using daemon = await start();
    await expect.poll(() => daemon.engine.isInStep).toBe(true);
    await world.addPod('shalb-demo', 'nginx-0', { labels: { app: 'nginx' } });
    await world.add('EIp/shalb-demo/ssh-arti', { spec: {} });
    await world.add('FIp/shalb-demo/fedora-arti', { spec: { ipAddress: '10.0.10.171', eip: 'ssh-arti' } });
    await world.add('FIp/shalb-demo/ubuntu', {
      spec: { vmTarget: { vmName: 'ubuntu' }, externalNetworkType: 'public' },
    });
    await world.addService('shalb-demo', 'nginx', { annotations: bindDefaultGateway });
    await world.addService('shalb-demo', 'own', {});

    await expect
      .poll(() => world.annotations('Pod/shalb-demo/nginx-0'))
      .toEqual({
        'network.kube-dc.com/ip-address': '10.0.10.2',
        'network.kube-dc.com/mac-address': '0a:58:0a:00:0a:02',
        'network.kube-dc.com/gateway': '10.0.10.1',
        'network.kube-dc.com/mtu': '1400',
        'network.kube-dc.com/port': 'nginx-0.shalb-demo',
      });
    await expect
      .poll(() => world.status('EIp/shalb-demo/ssh-arti'))
      .toEqual({
        ipAddress: expect.stringMatching(/^100\.65\.0\.\d+$/),
        ovnEIpRef: 'shalb-demo-ssh-arti',
        ownershipType: 'Exclusive',
        owners: [{ type: 'FIp', ownerRef: 'fedora-arti' }],
        deleteReleased: false,
        ready: true,
        conditions: ready,
      });
    const { ipAddress: external } = (await world.status('EIp/shalb-demo/ssh-arti'))!;
    await expect
      .poll(() => world.status('FIp/shalb-demo/fedora-arti'))
      .toEqual({
        eip: 'ssh-arti',
        externalIP: external,
        ovnFip: 'shalb-demo-fedora-arti',
        resolvedTargetIP: '10.0.10.171',
        ready: true,
        conditions: ready,
      });
    // The virtual machine is not there yet; the address waits for it.
    await expect
      .poll(() => world.status('FIp/shalb-demo/ubuntu'))
      .toMatchObject({
        eip: 'fip-ubuntu',
        externalIP: '198.51.100.2',
        ovnFip: '',
        ready: false,
        conditions: [{ type: 'Accepted', status: 'True' }, { reason: 'Pending' }, { reason: 'Pending' }],
      });
    await expect
      .poll(() => world.get('EIp/shalb-demo/fip-ubuntu'))
      .toMatchObject({
        spec: { externalNetworkType: 'public' },
        metadata: { ownerReferences: [{ kind: 'FIp', name: 'ubuntu', controller: true }] },
        status: { deleteReleased: true, ownershipType: 'Released' },
      });
    await expect
      .poll(() => world.status('Service/shalb-demo/nginx'))
      .toEqual({
        loadBalancer: { ingress: [{ ip: '100.65.0.2', ipMode: 'VIP' }] },
        conditions: ofService(ready),
      });
    await expect
      .poll(() => world.status('EIp/shalb-demo/slb-own'))
      .toMatchObject({
        owners: [{ type: 'ServiceLb', ownerRef: 'own' }],
        conditions: ready,
      });
    await expect
      .poll(() => world.get('Service/shalb-demo/nginx'))
      .toMatchObject({
        metadata: { finalizers: ['service.kube-dc.com/finalizer'] },
      });
    await world.addPod('shalb-demo', 'ubuntu', { labels: { 'vm.kubevirt.io/name': 'ubuntu' } });
    await expect
      .poll(() => world.status('FIp/shalb-demo/ubuntu'))
      .toMatchObject({
        resolvedTargetIP: '10.0.10.3',
        targetVMInterface: {
          vmName: 'ubuntu',
          interfaceName: 'default',
          ipAddress: '10.0.10.3',
          mac: '0a:58:0a:00:0a:03',
        },
        ready: true,
      });
    await daemon.settled();
  });

  test('each Service has a headless twin on its external address, kept in step', async () => {
    const labels = {
      'kube-dc.com/managed-by': 'service-lb-controller',
      'kube-dc.com/source-service': 'nginx',
      'kube-dc.com/endpoint-type': 'external',
    };
    await using daemon = await start();
    await expect
      .poll(() => world.get('EndpointSlice/shalb-demo/nginx-ext-ipv4'))
      .toMatchObject({
        metadata: {
          labels: { ...labels, 'kubernetes.io/service-name': 'nginx-ext' },
          ownerReferences: [{ kind: 'Service', name: 'nginx-ext' }],
        },
        addressType: 'IPv4',
        endpoints: [{ addresses: ['100.65.0.2'] }],
        ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
      });
    expect(await world.get('Service/shalb-demo/nginx-ext')).toMatchObject({
      metadata: { labels, ownerReferences: [{ kind: 'Service', name: 'nginx' }] },
      spec: { clusterIP: 'None', ports: [{ name: 'http', port: 80 }] },
    });
    const port = { name: 'http', port: 8080, protocol: 'TCP' };
    await world.patch('Service/shalb-demo/nginx', { spec: { ports: [port] } });
    await expect
      .poll(() => world.get('EndpointSlice/shalb-demo/nginx-ext-ipv4'))
      .toMatchObject({ ports: [{ name: 'http', port: 8080 }] });
    await expect
      .poll(() => world.get('Service/shalb-demo/nginx-ext'))
      .toMatchObject({ spec: { ports: [{ port: 8080 }] } });
    await expect
      .poll(() => world.status('Service/shalb-demo/nginx'))
      .toMatchObject({ conditions: ofService(ready) });
    // Deleted by hand, it comes back.
    await world.delete('Service/shalb-demo/nginx-ext');
    await world.delete('EndpointSlice/shalb-demo/nginx-ext-ipv4');
    await expect.poll(() => world.get('EndpointSlice/shalb-demo/nginx-ext-ipv4')).toBeDefined();
    await daemon.settled();
  });

  test('when all is said nothing is written any more', async () => {
    await using daemon = await start();
    await expect.poll(() => daemon.engine.isInStep).toBe(true);
    await daemon.settled();
    expect(daemon.writes).toEqual([]);
    const before = await world.versions();
    await world.patch('Project/shalb/demo', { metadata: { annotations: { 'example.org/note': 'x' } } });
    await daemon.settled();
    const after = await world.versions();
    expect({ ...after, 'Project/shalb/demo': '' }).toEqual({ ...before, 'Project/shalb/demo': '' });
  });

  test('of two Services on one port the younger is told, once', async () => {
    await using daemon = await start();
    await world.addService('shalb-demo', 'late', { annotations: bindDefaultGateway }, 8080);
    await expect
      .poll(() => world.status('Service/shalb-demo/late'))
      .toMatchObject({
        loadBalancer: {},
        conditions: ofService([
          condition('Accepted', 'Conflict', 'False'),
          condition('Programmed', 'Conflict', 'False'),
          condition('Ready', 'Conflict', 'False'),
        ]),
      });
    const events = () => world.events('shalb-demo', 'late');
    await expect
      .poll(events)
      .toMatchObject([{ type: 'Warning', reason: 'Conflict', regarding: { kind: 'Service', name: 'late' } }]);
    await world.patch('Service/shalb-demo/late', { metadata: { labels: { touched: 'yes' } } });
    await daemon.settled();
    expect(await events()).toHaveLength(1);
    await daemon.stop();
    await using again = await start();
    await expect.poll(() => again.engine.isInStep).toBe(true);
    await again.settled();
    expect(again.writes).toEqual([]);
    await world.delete('Service/shalb-demo/late');
    await expect.poll(() => world.get('Service/shalb-demo/late')).toBeUndefined();
  });

  test('a Service that goes takes its EIp and its twin along, also while the daemon is away', async () => {
    await world.delete('Service/shalb-demo/own');
    expect(await world.get('Service/shalb-demo/own')).toBeDefined();
    const { ipAddress } = (await world.status('EIp/shalb-demo/slb-own'))!;
    expect(await central.nbctl('list', 'Load_Balancer')).toContain(String(ipAddress));
    await using daemon = await start();
    for (const key of ['Service/shalb-demo/own', 'Service/shalb-demo/own-ext', 'EIp/shalb-demo/slb-own'])
      await expect.poll(() => world.get(key)).toBeUndefined();
    await expect.poll(() => world.get('EndpointSlice/shalb-demo/own-ext-ipv4')).toBeUndefined();
    expect(await central.nbctl('list', 'Load_Balancer')).not.toContain(String(ipAddress));
    await daemon.settled();
  });

  test('what is rejected says why, and keeps what it has', async () => {
    await using daemon = await start();
    await expect.poll(() => daemon.engine.isInStep).toBe(true);
    const before = (await world.status('Service/shalb-demo/nginx'))!;
    const bind = (name: string | null) => ({
      metadata: { annotations: { 'service.nlb.kube-dc.com/bind-on-eip': name } },
    });
    await world.patch('Service/shalb-demo/nginx', bind('ssh-arti'));
    await expect
      .poll(() => world.status('Service/shalb-demo/nginx'))
      .toMatchObject({
        loadBalancer: before['loadBalancer'],
        conditions: [{ type: 'Accepted', status: 'False' }, {}, {}],
      });
    await expect
      .poll(() => world.events('shalb-demo', 'nginx'))
      .toEqual(expect.arrayContaining([expect.objectContaining({ type: 'Warning', reason: 'Invalid' })]));
    await world.patch('Service/shalb-demo/nginx', bind(null));
    await expect
      .poll(() => world.status('Service/shalb-demo/nginx'))
      .toMatchObject({ conditions: [{ status: 'True' }, { status: 'True' }, { status: 'True' }] });
    await daemon.settled();
  });

  test('an object whose rows cannot be deleted yet stays until they are', async () => {
    await using daemon = await start();
    await expect.poll(() => daemon.engine.isInStep).toBe(true);
    const key = 'FIp/shalb-demo/fedora-arti';
    await central.stopNb();
    await world.delete(key);
    // Something that is said after it, so that it has been looked at.
    await world.patch('Service/shalb-demo/nginx', { spec: { ports: [{ name: 'http', port: 8081 }] } });
    await daemon.settled();
    expect(await world.get(key)).toMatchObject({ metadata: { deletionTimestamp: expect.any(String) } });
    await central.restartNb();
    await expect.poll(() => world.get(key)).toBeUndefined();
    expect(await central.nbctl('list', 'NAT')).not.toContain('10.0.10.171');
    await daemon.settled();
  });

  test('two Projects with one namespace: the younger is told, and leaves without harm', async () => {
    await world.addNamespace('shalb-a');
    await world.addProjectOf('shalb-a', 'b', { cidrBlock: '10.1.0.0/24' });
    await using daemon = await start();
    await expect.poll(() => world.status('Project/shalb-a/b')).toMatchObject({ ready: true });
    await world.addProjectOf('shalb', 'a-b', { cidrBlock: '10.2.0.0/24' });
    await expect
      .poll(() => world.status('Project/shalb/a-b'))
      .toMatchObject({
        ready: false,
        conditions: [{ type: 'Accepted', reason: 'Conflict', status: 'False' }, {}, {}],
      });
    await world.delete('Project/shalb/a-b');
    await expect.poll(() => world.get('Project/shalb/a-b')).toBeUndefined();
    await daemon.settled();
    expect(await world.status('Project/shalb-a/b')).toMatchObject({ ready: true });
    expect(await world.get('Namespace/shalb-a-b')).not.toMatchObject({
      metadata: { deletionTimestamp: expect.any(String) },
    });
  });

  test('a namespace that others made, and an EIp of theirs, stay theirs', async () => {
    await world.addNamespace('shalb-theirs');
    await world.add('EIp/shalb-theirs/default-gw', { spec: { externalNetworkType: 'cloud' } });
    await world.add('Service/shalb-theirs/web-ext', { spec: { ports: [{ port: 1 }] } });
    await world.addProject('theirs', { cidrBlock: '10.3.0.0/24' });
    await world.addService('shalb-theirs', 'web', { annotations: bindDefaultGateway });
    await using daemon = await start();
    await expect
      .poll(() => world.status('Service/shalb-theirs/web'))
      .toMatchObject({
        conditions: ofService(ready),
        loadBalancer: { ingress: [{}] },
      });
    await daemon.settled();
    expect((await world.get('Service/shalb-theirs/web-ext'))?.metadata.labels).toBeUndefined();
    expect((await world.get('EIp/shalb-theirs/default-gw'))?.metadata.labels).toBeUndefined();
    await world.delete('Project/shalb/theirs');
    await expect.poll(() => world.get('Project/shalb/theirs')).toBeUndefined();
    expect((await world.get('Namespace/shalb-theirs'))?.metadata.deletionTimestamp).toBeUndefined();
    expect(await world.get('EIp/shalb-theirs/default-gw')).toBeDefined();
    expect(await world.get('Service/shalb-theirs/web-ext')).toBeDefined();
    await daemon.settled();
  });

  test('a Project that goes: rows first, then what is in its namespace, the namespace, itself', async () => {
    const seen: string[] = [];
    await using daemon = await start({
      onWrite: async ({ method, path, body }: { method?: string; path: string; body?: unknown }) => {
        const isRelease = JSON.stringify(body ?? {}).includes('finalizers');
        if (method === 'DELETE' ? !path.includes('/eips/') : !isRelease) return;
        const hasRows = (await routers()).split('\n').includes('shalb-demo');
        seen.push(`${hasRows ? 'rows' : 'none'} ${path.split('/').slice(-2).join('/')}`);
      },
    });
    await expect.poll(() => daemon.engine.isInStep).toBe(true);
    await world.delete('Project/shalb/demo');
    await expect
      .poll(async () => (await world.get('Namespace/shalb-demo'))?.metadata.deletionTimestamp)
      .toBeDefined();
    expect(await world.get('Project/shalb/demo')).toBeDefined();
    // Whoever asks why it is there still is told.
    await expect
      .poll(() => world.status('Project/shalb/demo'))
      .toMatchObject({
        namespace: 'shalb-demo',
        cidrBlock: '10.0.10.0/24',
        ready: false,
        conditions: ['Accepted', 'Programmed', 'Ready'].map((type) => ({ type, reason: 'Deleting' })),
      });
    const end = AbortSignal.timeout(60_000);
    await finalizeNamespace(server, 'shalb-demo', end);
    await expect.poll(() => world.get('Project/shalb/demo')).toBeUndefined();
    expect(seen.at(-1)).toBe('none projects/demo');
    const released = seen.filter((line) => !line.endsWith('namespaces/shalb-demo'));
    expect(released.filter((line) => line.startsWith('rows'))).toEqual([]);
    expect(released.length).toBeGreaterThan(5);
    expect((await routers()).split('\n')).not.toContain('shalb-demo');
    await expect.poll(() => world.status('ExternalNetwork/ext-cloud')).toMatchObject({ allocated: 1 });
    await daemon.settled();
  });

  test('the API server dies in the middle of a change', async () => {
    await using daemon = await start();
    await expect.poll(() => daemon.engine.isInStep).toBe(true);
    await world.addProject('restless', { cidrBlock: '10.4.0.0/24' });
    await server.kill('SIGKILL');
    await server.restart();
    await expect.poll(() => world.status('Project/shalb/restless')).toMatchObject({ ready: true });
    await expect
      .poll(() => world.status('EIp/shalb-restless/default-gw'))
      .toMatchObject({ ready: true, ipAddress: expect.any(String) });
    await daemon.settled();
  });
});

const bindDefaultGateway = { 'service.nlb.kube-dc.com/bind-on-default-gw-eip': 'true' };
