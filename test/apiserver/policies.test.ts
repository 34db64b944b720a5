// NetworkPolicies of a real API server: followed, carried out, and told of as events, since they have no status.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { describeApiServer } from '../support/api-server-programs.ts';
import { startKubeDaemon } from '../support/kube-daemon.ts';
import { type KubeWorld, kubeWorld } from '../support/kube-world.ts';
import { type OvnCentral, startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn, ovnVersions } from '../support/ovn-programs.ts';

const version = ovnVersions.findLast(hasOvn) ?? '25.03';

describeApiServer('NetworkPolicies', () => {
  let server: ApiServer;
  let central: OvnCentral;
  let world: KubeWorld;
  beforeAll(async () => {
    [server, central] = await Promise.all([startApiServer({ crds: true }), startOvnCentral({ version })]);
    world = kubeWorld(server);
    await world.addNetwork('ext-cloud', 'cloud', '100.65.0.0/24');
    await world.addNamespace('shalb');
    await world.addProject('demo', { cidrBlock: '10.0.10.0/24' });
  });
  afterAll(async () => {
    await server?.stop();
    await central?.stop();
  });
  const from = (team: string): object => ({
    podSelector: {},
    ingress: [{ from: [{ namespaceSelector: { matchLabels: { team } } }] }],
  });
  /** What the rules of the policy `one` say. */
  const rules = async (): Promise<string[]> => {
    const text = await central.nbctl(
      '--bare',
      '--columns=match',
      'find',
      'ACL',
      'action=allow-related',
      'priority=2001',
    );
    return text.split('\n').filter((line) => line !== '');
  };
  const addresses = (): Promise<string> =>
    central.nbctl(
      '--bare',
      '--columns=addresses',
      'find',
      'Address_Set',
      'external_ids:"ovn-projector/source"="NetworkPolicy/*"',
    );

  test('follow labels of pods and namespaces, and go with their object', async () => {
    await using daemon = await startKubeDaemon({ kubeconfig: server.kubeconfig, nb: central.nb });
    await expect.poll(() => world.get('Namespace/shalb-demo')).toBeDefined();
    await world.add('NetworkPolicy/shalb-demo/one', { spec: from('a') });
    await expect.poll(rules).toHaveLength(1);
    await world.addPod('shalb-demo', 'web', {
      annotations: { 'network.kube-dc.com/ip-address': '10.0.10.9' },
    });
    await world.patch('Namespace/shalb-demo', { metadata: { labels: { team: 'a' } } });
    await expect.poll(addresses).toContain('10.0.10.9');
    await world.patch('Namespace/shalb-demo', { metadata: { labels: { team: 'b' } } });
    await expect.poll(addresses).not.toContain('10.0.10.9');
    await world.delete('NetworkPolicy/shalb-demo/one');
    await expect.poll(rules).toEqual([]);
    await daemon.settled();
  });

  test('are told when they can mean nobody here', async () => {
    await using daemon = await startKubeDaemon({ kubeconfig: server.kubeconfig, nb: central.nb });
    await world.patch('Namespace/shalb', { metadata: { labels: { team: 'c' } } });
    await world.add('NetworkPolicy/shalb-demo/lost', { spec: from('c') });
    const events = () => world.events('shalb-demo', 'lost');
    await expect.poll(events).toMatchObject([{ reason: 'NotFound', regarding: { kind: 'NetworkPolicy' } }]);
    await daemon.settled();
    expect(await events()).toHaveLength(1);
  });
});
