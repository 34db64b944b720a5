// What is deleted and made anew before its old self is gone: nothing hangs half deleted, and all say the same address.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { errorOfStatus } from '../../src/source/kubernetes/kube-error.ts';
import type { KubeRequest } from '../../src/source/kubernetes/kube-client.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { describeApiServer } from '../support/api-server-programs.ts';
import { startKubeDaemon } from '../support/kube-daemon.ts';
import { type KubeWorld, kubeWorld } from '../support/kube-world.ts';
import { type OvnCentral, startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn, ovnVersions } from '../support/ovn-programs.ts';

const version = ovnVersions.findLast(hasOvn) ?? '25.03';

describeApiServer('made anew', () => {
  let server: ApiServer;
  let central: OvnCentral;
  let world: KubeWorld;
  beforeAll(async () => {
    [server, central] = await Promise.all([startApiServer({ crds: true }), startOvnCentral({ version })]);
    world = kubeWorld(server);
    await world.addNetwork('ext-cloud', 'cloud', '100.65.0.0/24');
    for (const name of ['shalb', 'shalb-demo']) await world.addNamespace(name);
    await world.addProject('demo', { cidrBlock: '10.0.10.0/24' });
  });
  afterAll(async () => {
    await server?.stop();
    await central?.stop();
  });

  /** A daemon whose requests to take the finalizer off an object fail while `isHeld`. */
  const startHolding = (path: string, isHeld = true) => {
    const state = { isHeld, tried: 0 };
    const onWrite = (request: KubeRequest): void => {
      const { finalizers } =
        (request.body as { metadata?: { finalizers?: readonly string[] } }).metadata ?? {};
      if (!request.path.endsWith(path) || finalizers?.length !== 0) return;
      state.tried += 1;
      if (state.isHeld) throw errorOfStatus('PATCH', { message: 'held back' }, 503);
    };
    return { state, daemon: startKubeDaemon({ kubeconfig: server.kubeconfig, nb: central.nb, onWrite }) };
  };
  const addressOf = async (key: string) => (await world.status(key))?.['ipAddress'];
  const isEnding = async (key: string) => (await world.get(key))?.metadata.deletionTimestamp !== undefined;

  test('a Service that comes back before its EIp is gone', async () => {
    const { state, daemon: starting } = startHolding('/eips/slb-web');
    await using daemon = await starting;
    const balancers = () => central.nbctl('--bare', '--columns=vips', 'list', 'Load_Balancer');
    await world.addService('shalb-demo', 'web', {});
    await expect.poll(() => world.status('EIp/shalb-demo/slb-web')).toMatchObject({ ready: true });
    const uid = (await world.get('EIp/shalb-demo/slb-web'))?.metadata.uid;
    await world.delete('Service/shalb-demo/web');
    await expect.poll(() => state.tried).toBeGreaterThan(0);
    expect(await isEnding('EIp/shalb-demo/slb-web')).toBe(true);
    await expect.poll(() => world.get('Service/shalb-demo/web')).toBeUndefined();
    await world.addService('shalb-demo', 'web', {});
    const finalizers = async () => (await world.get('Service/shalb-demo/web'))?.metadata.finalizers;
    await expect.poll(finalizers).toEqual(['service.kube-dc.com/finalizer']);
    const tried = state.tried;
    await expect.poll(() => state.tried).toBeGreaterThan(tried);
    state.isHeld = false;
    await expect.poll(balancers).toContain('100.65.0.');
    const uidNow = async () => (await world.get('EIp/shalb-demo/slb-web'))?.metadata.uid ?? uid;
    await expect.poll(uidNow).not.toBe(uid);
    await expect.poll(() => world.status('EIp/shalb-demo/slb-web')).toMatchObject({ ready: true });
    const address = await addressOf('EIp/shalb-demo/slb-web');
    expect(await balancers()).toContain(`${String(address)}:80`);
    await expect
      .poll(() => world.status('Service/shalb-demo/web'))
      .toMatchObject({ loadBalancer: { ingress: [{ ip: address }] } });
    await daemon.settled();
  });

  test('a Service whose EIp somebody else holds back with a finalizer of theirs', async () => {
    const { daemon: starting } = startHolding('', false);
    await using daemon = await starting;
    const eip = 'EIp/shalb-demo/slb-held';
    const isGone = async (key: string) => (await world.get(key)) === undefined;
    await world.addService('shalb-demo', 'held', {});
    await expect.poll(() => world.status(eip)).toMatchObject({ ready: true });
    const finalizers = (await world.get(eip))?.metadata.finalizers ?? [];
    await world.patch(eip, { metadata: { finalizers: [...finalizers, 'example.org/held'] } });
    await world.delete('Service/shalb-demo/held');
    await expect.poll(() => isGone('Service/shalb-demo/held')).toBe(true);
    await expect.poll(async () => (await world.get(eip))?.metadata.finalizers).toEqual(['example.org/held']);
    await world.addService('shalb-demo', 'held', {});
    // What it had is free since it was gone; what it has now it keeps.
    const served = async () => (await world.status('Service/shalb-demo/held'))?.['loadBalancer'];
    await expect.poll(served).toMatchObject({ ingress: [{ ip: expect.any(String) }] });
    await daemon.settled();
    expect(await isEnding(eip)).toBe(true);
    const before = (await served()) as { ingress: [{ ip: string }] };
    const uid = (await world.get(eip))?.metadata.uid;
    await world.patch(eip, { metadata: { finalizers: null } });
    await expect
      .poll(() => world.status(eip))
      .toMatchObject({ ready: true, ipAddress: before.ingress[0].ip });
    expect((await world.get(eip))?.metadata.uid).not.toBe(uid);
    expect(await served()).toEqual(before);
    await world.delete('Service/shalb-demo/held');
    await expect.poll(() => isGone(eip)).toBe(true);
  });

  test.each(['default-gw', 'slb-web'])('EIp %s, which somebody deletes while it is used', async (name) => {
    const { daemon: starting } = startHolding('', false);
    await using daemon = await starting;
    const key = `EIp/shalb-demo/${name}`;
    await expect.poll(() => daemon.engine.isInStep).toBe(true);
    await daemon.settled();
    const [before, address] = [await world.get(key), await addressOf(key)];
    const { transactions } = daemon.engine.counters;
    await world.delete(key);
    const uid = async () => (await world.get(key))?.metadata.uid ?? before?.metadata.uid;
    await expect.poll(uid).not.toBe(before?.metadata.uid);
    await expect.poll(() => world.status(key)).toMatchObject({ ready: true, ipAddress: address });
    expect(await isEnding(key)).toBe(false);
    await daemon.settled();
    expect(daemon.engine.counters.transactions).toBe(transactions);
  });
});
