// Policies of the platform on a real API server: kinds that come late, rules in every network, and statuses that say so.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addNamespace } from '../support/api-objects.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { describeApiServer } from '../support/api-server-programs.ts';
import { startKubeDaemon } from '../support/kube-daemon.ts';
import { type KubeWorld, kubeWorld } from '../support/kube-world.ts';
import { type OvnCentral, startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn, ovnVersions } from '../support/ovn-programs.ts';
import { hasPolicyCrds, installPlatformPolicies, removePlatformPolicies } from '../support/platform-crds.ts';

const version = ovnVersions.findLast(hasOvn) ?? '25.03';
const patient = { timeout: 20_000 };

const condition = (type: string, status: string, message: string): unknown =>
  expect.objectContaining({ type, status, message: expect.stringContaining(message) });
const conditions = (...wanted: readonly unknown[]): unknown => ({
  conditions: expect.arrayContaining(wanted.map((one): unknown => one)),
});
const spec = (action: string, to: object): object => ({
  tier: 'Admin',
  priority: 3,
  subject: { namespaces: {} },
  egress: [{ action, to: [to] }],
});

describeApiServer('Policies of the platform', () => {
  let server: ApiServer;
  let central: OvnCentral;
  let world: KubeWorld;
  beforeAll(async () => {
    [server, central] = await Promise.all([startApiServer({ crds: true }), startOvnCentral({ version })]);
    world = kubeWorld(server);
    await world.addNetwork('ext-cloud', 'cloud', '100.65.0.0/24');
    await world.addNamespace('shalb');
    await addNamespace(server, 'elsewhere');
    for (const [name, cidrBlock] of [
      ['one', '10.0.10.0/24'],
      ['two', '10.0.20.0/24'],
    ] as const)
      await world.addProject(name, { cidrBlock });
  });
  afterAll(async () => {
    await server?.stop();
    await central?.stop();
  });

  /** Units that have a rule of the policy. */
  const units = async (policy: string): Promise<string[]> => {
    const text = await central.nbctl(
      '--bare',
      '--columns=external_ids',
      'find',
      'ACL',
      `external_ids:"ovn-projector/source"="${policy}"`,
    );
    const found = [...text.matchAll(/ovn-projector\/unit=(\S+)/g)].map(([, unit = '']) => unit);
    return [...new Set(found)].toSorted();
  };

  test.skipIf(!hasPolicyCrds)('are followed when their kinds come, and go with them', async () => {
    await using daemon = await startKubeDaemon({
      kubeconfig: server.kubeconfig,
      nb: central.nb,
      sb: central.sb,
    });
    await expect.poll(() => world.status('Project/shalb/two'), patient).toMatchObject({ ready: true });

    await installPlatformPolicies(server);
    await world.add('ClusterNetworkPolicy/far', { spec: spec('Deny', { networks: ['192.0.2.0/24'] }) });
    await expect
      .poll(() => units('ClusterNetworkPolicy/far'), patient)
      .toEqual(['vpc/shalb-one', 'vpc/shalb-two']);
    await expect
      .poll(() => world.status('ClusterNetworkPolicy/far'), patient)
      .toEqual(conditions(condition('Accepted', 'True', ''), condition('Programmed', 'True', '')));

    // What cannot be carried out is said where it stands, and what means nobody with the network where it does.
    await world.patch('ClusterNetworkPolicy/far', {
      spec: spec('Accept', { domainNames: ['*.example.com'] }),
    });
    await expect
      .poll(() => world.status('ClusterNetworkPolicy/far'), patient)
      .toEqual(conditions(condition('Accepted', 'False', 'spec.egress[0].to[0].domainNames')));
    await expect.poll(() => units('ClusterNetworkPolicy/far'), patient).toEqual([]);
    const elsewhere = { namespaces: { matchLabels: { 'kubernetes.io/metadata.name': 'elsewhere' } } };
    await world.patch('ClusterNetworkPolicy/far', { spec: spec('Accept', elsewhere) });
    await world.addPod('shalb-one', 'web', {});
    await expect
      .poll(() => world.status('ClusterNetworkPolicy/far'), patient)
      .toEqual(conditions(condition('Accepted', 'True', 'in vpc/shalb-one it allows nothing')));

    await removePlatformPolicies(server);
    await expect.poll(() => units('ClusterNetworkPolicy/far'), patient).toEqual([]);
    await daemon.settled();
  });
});
