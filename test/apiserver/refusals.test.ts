// What a real API server refuses: it is said once and with its remedy, everything else goes on, and no network suffers.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Logger } from '../../src/base/logger.ts';
import { resources } from '../../src/source/kubernetes/resources.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { describeApiServer } from '../support/api-server-programs.ts';
import { type KubeDaemon, startKubeDaemon } from '../support/kube-daemon.ts';
import { type KubeWorld, kubeWorld } from '../support/kube-world.ts';
import { type OvnCentral, startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn, ovnVersions } from '../support/ovn-programs.ts';

const version = ovnVersions.findLast(hasOvn) ?? '25.03';
const rbac = '/apis/rbac.authorization.k8s.io/v1';
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const rightsBut = (...missing: readonly string[]) => ({
  metadata: { name: 'limited' },
  rules: resources
    .map(({ name }) => name.split('.')[0] ?? '')
    .flatMap((plural) => [plural, `${plural}/status`])
    .concat('events', 'customresourcedefinitions')
    .filter((plural) => !missing.includes(plural))
    .map((plural) => ({ apiGroups: ['*'], resources: [plural], verbs: ['*'] })),
});
const binding = {
  metadata: { name: 'limited' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'limited' },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'limited' }],
};

/** Keeps `level` and the rest of every line. */
function listening() {
  const lines: (readonly [level: keyof Logger, fields: object, message: string])[] = [];
  const keep = (level: keyof Logger) => (fields: object, message: string) =>
    void lines.push([level, fields, message]);
  const logger: Logger = {
    debug: keep('debug'),
    info: keep('info'),
    warn: keep('warn'),
    error: keep('error'),
  };
  const saying = (text: string) => lines.filter((line) => JSON.stringify(line).includes(text));
  return { logger, saying };
}

describeApiServer('what the API server refuses', () => {
  let server: ApiServer;
  let central: OvnCentral;
  let world: KubeWorld;
  beforeAll(async () => {
    [server, central] = await Promise.all([
      startApiServer({ crds: true, users: ['limited'] }),
      startOvnCentral({ version }),
    ]);
    world = kubeWorld(server);
    await world.addNetwork('ext-cloud', 'cloud', '100.65.0.0/24');
    await world.addNamespace('shalb');
    await world.addProject('demo', { cidrBlock: '10.0.10.0/24' });
    await server.create(`${rbac}/clusterrolebindings`, binding);
  });
  afterAll(async () => {
    await server?.stop();
    await central?.stop();
  });

  const start = (logger: Logger, kubeconfig = server.kubeconfig, more: object = {}): Promise<KubeDaemon> =>
    startKubeDaemon({ kubeconfig, nb: central.nb, logger, ...more });

  test('a write without the right to it (403): the network is made, and the log says what to do', async () => {
    await server.create(`${rbac}/clusterroles`, rightsBut('fips/status'));
    const { logger, saying } = listening();
    await using daemon = await start(logger, await server.kubeconfigOf('limited'));
    await expect.poll(() => world.status('Project/shalb/demo')).toMatchObject({ ready: true });
    await world.add('FIp/shalb-demo/f', { spec: { ipAddress: '10.0.10.9' } });
    await expect.poll(() => central.nbctl('list', 'NAT')).toContain('10.0.10.9');
    await expect.poll(() => saying('the status of FIp/shalb-demo/f')).toHaveLength(1);
    await daemon.settled();
    expect(saying('the status of FIp/shalb-demo/f')).toMatchObject([
      ['error', { code: 'KUBE_FORBIDDEN', hint: expect.stringContaining('rbac.yaml') }, expect.any(String)],
    ]);
    const toStatus = () => daemon.writes.filter((write) => write.endsWith('/fips/f/status')).length;
    const sent = toStatus();
    expect(sent).toBeLessThan(4);
    // Whatever else happens in the VPC, the same is not sent again.
    await world.add('EIp/shalb-demo/other', { spec: { externalNetworkType: 'cloud' } });
    await expect.poll(() => world.status('EIp/shalb-demo/other')).toMatchObject({ ready: true });
    await daemon.settled();
    expect(toStatus()).toBe(sent);
    await server.request('PUT', `${rbac}/clusterroles/limited`, rightsBut());
    await world.patch('FIp/shalb-demo/f', { spec: { ipAddress: '10.0.10.10' } });
    await expect.poll(() => world.status('FIp/shalb-demo/f')).toMatchObject({ ready: true });
  });

  test('a claim that is refused (403): the rows are made, and NB alone remembers the address until it may be written', async () => {
    const mayNot = ['eips/status'];
    await server.request('PUT', `${rbac}/clusterroles/limited`, rightsBut(...mayNot));
    const limited = await server.kubeconfigOf('limited');
    const vips = async (): Promise<string> =>
      (
        await central.nbctl('--bare', '--columns=vips', 'list', 'Load_Balancer', 'shalb-demo-silent-tcp')
      ).trim();
    const recorded = async () => (await world.status('EIp/shalb-demo/silent'))?.['ipAddress'];
    const { logger, saying } = listening();
    let before = '';
    {
      await using daemon = await start(logger, limited);
      await world.add('EIp/shalb-demo/silent', { spec: { externalNetworkType: 'cloud' } });
      await world.addService('shalb-demo', 'silent', {
        annotations: { 'service.nlb.kube-dc.com/bind-on-eip': 'silent' },
      });
      await expect.poll(() => vips().catch(() => '')).toContain('100.65.0.');
      await daemon.settled();
      before = await vips();
      expect(await recorded()).toBeUndefined();
      expect(saying('the status of EIp/shalb-demo/silent')).toMatchObject([
        ['error', { code: 'KUBE_FORBIDDEN', hint: expect.stringContaining('rbac.yaml') }, expect.any(String)],
      ]);
    }
    {
      // One that comes later, and is listed before it.
      await world.add('EIp/shalb-demo/eager', { spec: { externalNetworkType: 'cloud' } });
      await using daemon = await start(listening().logger, limited);
      await expect.poll(() => daemon.engine.isInStep).toBe(true);
      await daemon.settled();
      expect(await vips()).toBe(before);
    }
    await server.request('PUT', `${rbac}/clusterroles/limited`, rightsBut());
    await using _ = await start(listening().logger, limited);
    await expect.poll(recorded).toEqual(expect.any(String));
    expect(before).toContain(`${String(await recorded())}:80`);
    expect(await vips()).toBe(before);
    for (const key of ['Service/shalb-demo/silent', 'EIp/shalb-demo/silent', 'EIp/shalb-demo/eager']) {
      await world.delete(key);
      await expect.poll(() => world.get(key)).toBeUndefined();
    }
  });

  test('a status that does not fit an older definition (422): the log says which to apply', async () => {
    const path = `${definitions}/fips.kube-dc.com`;
    // Of a field that does not change the server does not mind.
    const field = '/spec/versions/0/schema/openAPIV3Schema/properties/status/properties/resolvedTargetIP';
    const patch = (op: object) =>
      server.request('PATCH', path, [{ path: `${field}/maxLength`, ...op }], 'application/json-patch+json');
    expect((await patch({ op: 'add', value: 1 })).status).toBe(200);
    const { logger, saying } = listening();
    await using daemon = await start(logger);
    // It is served a moment after it was taken.
    for (let number = 20; saying('KUBE_INVALID').length === 0 && number < 250; number++) {
      const ipAddress = `10.0.10.${number}`;
      await world.patch('FIp/shalb-demo/f', { spec: { ipAddress } });
      const isWritten = async () =>
        (await world.status('FIp/shalb-demo/f'))?.['resolvedTargetIP'] === ipAddress;
      await expect.poll(async () => saying('KUBE_INVALID').length > 0 || (await isWritten())).toBe(true);
    }
    await daemon.settled();
    expect(saying('KUBE_INVALID')).toMatchObject([
      [
        'error',
        { what: 'the status of FIp/shalb-demo/f', hint: expect.stringContaining('ovn-projector crd') },
        expect.any(String),
      ],
    ]);
    expect((await patch({ op: 'remove' })).status).toBe(200);
  });

  test('an event about an object without a namespace is found where people look for it', async () => {
    const { logger } = listening();
    await using daemon = await start(logger);
    await world.addNetwork('ext-twin', 'public', '100.65.0.0/24', { vlan: 77 });
    await expect
      .poll(() => world.events('default', 'ext-twin'))
      .toMatchObject([{ type: 'Warning', regarding: { kind: 'ExternalNetwork', name: 'ext-twin' } }]);
    const { stdout } = await server.kubectl(['describe', 'externalnetwork', 'ext-twin']);
    expect(stdout).toMatch(/Warning {2}Overlap/);
    await world.delete('ExternalNetwork/ext-twin');
    await daemon.settled();
  });

  test('in a namespace that is being deleted nothing is made, and nobody is told of that', async () => {
    await world.addService('shalb-demo', 'web', {
      annotations: { 'service.nlb.kube-dc.com/bind-on-default-gw-eip': 'true' },
    });
    const { logger, saying } = listening();
    await using daemon = await start(logger);
    await expect.poll(() => world.status('Service/shalb-demo/web')).toHaveProperty('conditions');
    await daemon.settled();
    await world.delete('Namespace/shalb-demo');
    const bind = (values: object) =>
      world.patch('Service/shalb-demo/web', { metadata: { annotations: values } });
    // A problem, so an event; then an EIp of its own.
    await bind({
      'service.nlb.kube-dc.com/bind-on-default-gw-eip': null,
      'service.nlb.kube-dc.com/bind-on-eip': 'nobody',
    });
    await expect
      .poll(() => saying('an event was refused'))
      .toMatchObject([['debug', {}, expect.any(String)]]);
    await bind({ 'service.nlb.kube-dc.com/bind-on-eip': null });
    await daemon.settled();
    expect(saying('refuse').filter(([level]) => level !== 'debug')).toEqual([]);
  });
});
