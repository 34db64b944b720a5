// Services of projects with IPv6 on a real API server that knows IPv4 alone, and writes it into every Service.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedOvn, startEmbeddedOvn } from '../../src/embedded/central.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { describeApiServer } from '../support/api-server-programs.ts';
import { type KubeDaemon, startKubeDaemon } from '../support/kube-daemon.ts';
import { type KubeWorld, kubeWorld } from '../support/kube-world.ts';

const bindDefaultGateway = { 'service.nlb.kube-dc.com/bind-on-default-gw-eip': 'true' };
const alone = { 'service.nlb.kube-dc.com/ip-families': 'IPv4' };

describeApiServer('families', () => {
  let server: ApiServer;
  let ovn: EmbeddedOvn;
  let world: KubeWorld;
  let daemon: KubeDaemon;
  beforeAll(async () => {
    [server, ovn] = await Promise.all([startApiServer({ crds: true }), startEmbeddedOvn()]);
    world = kubeWorld(server);
    await world.addNamespace('shalb');
    await world.addNetwork('ext-cloud', 'cloud', '100.65.0.0/24', {
      cidr: '100.65.0.0/24,2001:db8:65::/64',
      gateway: '100.65.0.1,2001:db8:65::1',
    });
    daemon = await startKubeDaemon({ kubeconfig: server.kubeconfig, nb: ovn.nb, sb: ovn.sb });
  });
  afterAll(async () => {
    await daemon?.stop();
    await Promise.all([server?.stop(), ovn?.stop()]);
  });

  const ips = async (key: string): Promise<string[]> => {
    const status = await world.status(key);
    const { ingress = [] } = (status?.['loadBalancer'] ?? {}) as { ingress?: { ip: string }[] };
    return ingress.map(({ ip }) => ip);
  };
  const isReady = { conditions: [{ status: 'True' }, { status: 'True' }, { status: 'True' }] };

  test('the families outside are those of the project', async () => {
    await world.addProject('six', { cidrBlock: 'fd00:10::/64' });
    await world.addProject('both', { cidrBlock: '10.0.10.0/24,fd00:11::/64' });
    for (const name of ['six', 'both'])
      await expect.poll(() => world.status(`Project/shalb/${name}`)).toMatchObject({ ready: true });
    await world.addService('shalb-six', 'web', { annotations: bindDefaultGateway });
    await world.addService('shalb-six', 'own', {});
    await world.addService('shalb-both', 'web', {});
    await world.addService('shalb-both', 'old', { annotations: alone });
    expect(await world.get('Service/shalb-six/web')).toMatchObject({
      spec: { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' },
    });

    const four = expect.stringMatching(/^100\.65\.0\.\d+$/);
    const six = expect.stringMatching(/^2001:db8:65::\d+$/);
    await expect.poll(() => ips('Service/shalb-six/web')).toEqual([six]);
    await expect.poll(() => ips('Service/shalb-six/own')).toEqual([six]);
    await expect.poll(() => ips('Service/shalb-both/web')).toEqual([four, six]);
    await expect.poll(() => ips('Service/shalb-both/old')).toEqual([four]);
    for (const key of ['Service/shalb-six/web', 'Service/shalb-both/web', 'Service/shalb-both/old'])
      await expect.poll(() => world.status(key)).toMatchObject(isReady);
    expect(await world.get('EndpointSlice/shalb-six/web-ext-ipv6')).toMatchObject({ addressType: 'IPv6' });
    await expect
      .poll(() => world.events('shalb-six', 'web'))
      .toMatchObject([{ type: 'Normal', reason: 'AddressAssigned' }]);
  });
});
