// The rights in deploy/ are those that the daemon uses, no more and no less: seen from the API server's audit log.
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type EmbeddedOvn, startEmbeddedOvn } from '../../src/embedded/central.ts';
import { oneOfEach } from '../support/api-objects.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { describeApiServer } from '../support/api-server-programs.ts';
import { auditedUse } from '../support/audit-log.ts';
import { daemonUser, deployedRights, deployRights } from '../support/deployed-rights.ts';
import { startKubeDaemon } from '../support/kube-daemon.ts';
import { type KubeWorld, kubeWorld } from '../support/kube-world.ts';
import { installKubeVirt } from '../support/kubevirt.ts';
import { finalizeNamespace } from '../support/namespace-controller.ts';
import { installPlatformPolicies } from '../support/platform-crds.ts';
import { startProgram } from '../support/program.ts';

const isTrue = (type: string) => ({
  conditions: expect.arrayContaining([expect.objectContaining({ type, status: 'True' })]),
});

/** What people do, and what is seen of the daemon's answer. A new right of it comes with a step that needs it. */
const steps: readonly [what: string, (world: KubeWorld, server: ApiServer) => Promise<void>][] = [
  [
    'networks of the platform: their statuses',
    async (world) => {
      await world.addNetwork('ext-cloud', 'cloud', '100.65.0.0/24');
      await world.add('Vpc/office', { spec: { externalNetworks: [{ name: 'ext-cloud' }] } });
      await world.add('Subnet/desks', { spec: { vpc: 'office', cidr: '10.9.0.0/24' } });
      for (const key of ['ExternalNetwork/ext-cloud', 'Vpc/office', 'Subnet/desks'])
        await expect.poll(() => world.status(key)).toMatchObject(isTrue('Programmed'));
    },
  ],
  [
    'a Project: its finalizer and status, its Namespace, default-gw',
    async (world) => {
      await world.addNamespace('shalb');
      await world.addProject('demo', { cidrBlock: '10.0.10.0/24' });
      await expect.poll(() => world.status('Project/shalb/demo')).toMatchObject({ ready: true });
      await expect.poll(() => world.status('EIp/shalb-demo/default-gw')).toMatchObject({ ready: true });
    },
  ],
  [
    'workloads and ways in: annotations of Pods, EIps made for others, {service}-ext',
    async (world) => {
      await world.addPod('shalb-demo', 'web-0', { labels: { app: 'web' } });
      await world.addService('shalb-demo', 'web', {});
      await world.add('FIp/shalb-demo/vm', { spec: { ipAddress: '10.0.10.171' } });
      await expect.poll(() => world.status('FIp/shalb-demo/vm')).toMatchObject({ ready: true });
      await expect.poll(() => world.get('EndpointSlice/shalb-demo/web-ext-ipv4')).toBeDefined();
      await expect.poll(() => world.annotations('Pod/shalb-demo/web-0')).toBeDefined();
    },
  ],
  [
    'policies of the platform: their statuses',
    async (world, server) => {
      const written = Object.entries(oneOfEach).filter(([key]) =>
        /^[A-Za-z]*NetworkPolicy\/[^/]+$/.test(key),
      );
      expect(written).toHaveLength(3);
      for (const [key, { collection, object }] of written) {
        await server.create(collection, object);
        await expect.poll(() => world.status(key)).toMatchObject(isTrue('Programmed'));
      }
    },
  ],
  [
    'a mistake: an event',
    async (world) => {
      await world.add('FIp/shalb-demo/lost', { spec: { ipAddress: '10.0.10.172', eip: 'nowhere' } });
      await expect.poll(() => world.events('shalb-demo', 'lost')).toHaveLength(1);
    },
  ],
  [
    'a Service that goes takes what was made for it along',
    async (world) => {
      await world.delete('Service/shalb-demo/web');
      for (const key of ['Service/shalb-demo/web', 'EIp/shalb-demo/slb-web', 'Service/shalb-demo/web-ext'])
        await expect.poll(() => world.get(key)).toBeUndefined();
      await expect.poll(() => world.get('EndpointSlice/shalb-demo/web-ext-ipv4')).toBeUndefined();
    },
  ],
  [
    'a Project that goes takes its Namespace along',
    async (world, server) => {
      const ending = async () => (await world.get('Namespace/shalb-demo'))?.metadata.deletionTimestamp;
      await world.delete('Project/shalb/demo');
      await expect.poll(ending).toBeDefined();
      await finalizeNamespace(server, 'shalb-demo', AbortSignal.timeout(60_000));
      await expect.poll(() => world.get('Project/shalb/demo')).toBeUndefined();
    },
  ],
];

describeApiServer('rights', () => {
  let server: ApiServer;
  let ovn: EmbeddedOvn;
  let kubeconfig: string;
  beforeAll(async () => {
    [server, ovn] = await Promise.all([startApiServer({ crds: true, audit: true }), startEmbeddedOvn()]);
    await installKubeVirt(server);
    await installPlatformPolicies(server);
    kubeconfig = await deployRights(server, 'rbac.yaml');
  });
  afterAll(async () => {
    await Promise.all([server?.stop(), ovn?.stop()]);
  });

  test('each is used, and none is missing', async () => {
    const program = startProgram(['run', '--kubeconfig', kubeconfig, '--nb', ovn.nb, '--sb', ovn.sb]);
    onTestFinished(() => void program.process.kill('SIGKILL'));
    await expect.poll(() => program.stderr()).toContain('"in step"');
    const world = kubeWorld(server);
    for (const [what, step] of steps)
      await step(world, server).catch((error: unknown) => {
        const { refused } = auditedUse(server.auditFile, daemonUser);
        throw new Error(`${what}; refused were: ${refused.join(', ') || 'none'}`, { cause: error });
      });
    program.process.kill('SIGTERM');
    expect(await program.ended).toMatchObject({ code: 0 });

    await endpointsOfAnOlderServer(world);

    const deployed = deployedRights('rbac.yaml');
    expect(deployed.filter((right, index) => deployed[index - 1] === right)).toEqual([]);
    const { used, refused } = auditedUse(server.auditFile, daemonUser);
    expect(refused, 'what it could not do').toEqual([]);
    expect(
      deployed.filter((right) => !used.includes(right)),
      'rights in deploy/kubernetes/rbac.yaml that nothing uses',
    ).toEqual([]);
  });

  /** Servers from 1.33 on complain about Endpoints, so none are written there; this one is told to be older. */
  async function endpointsOfAnOlderServer(world: KubeWorld): Promise<void> {
    await using daemon = await startKubeDaemon({ kubeconfig, nb: ovn.nb, sb: ovn.sb, serverMinor: '32' });
    await expect.poll(() => daemon.engine.isInStep).toBe(true);
    await world.addProject('old', { cidrBlock: '10.0.11.0/24' });
    await expect.poll(() => world.status('Project/shalb/old')).toMatchObject({ ready: true });
    await world.addService('shalb-old', 'web', {});
    const endpoints = '/api/v1/namespaces/shalb-old/endpoints/web-ext';
    await expect.poll(async () => (await server.request('GET', endpoints)).status).toBe(200);
    await daemon.settled();
  }
});
