// Several daemons on one real API server and one real NB: one writes, the others follow it at once when it goes.
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { type EmbeddedOvn, startEmbeddedOvn } from '../../src/embedded/central.ts';
import { addNamespace } from '../support/api-objects.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { describeApiServer } from '../support/api-server-programs.ts';
import { dumpNorthbound } from '../support/database-dump.ts';
import { type RunningProgram, startProgram } from '../support/program.ts';

const network = {
  apiVersion: 'ovn.kube-dc.com/v1alpha1',
  kind: 'ExternalNetwork',
  metadata: { name: 'ext-cloud' },
  spec: {
    type: 'cloud',
    cidr: '100.65.0.0/16',
    gateway: '100.65.0.1',
    vlan: 4013,
    physicalNetwork: 'ext-cloud',
  },
};
const project = (name: string) => ({
  apiVersion: 'kube-dc.com/v1',
  kind: 'Project',
  metadata: { namespace: 'shalb', name },
  spec: { cidrBlock: '10.0.10.0/24', egressNetworkType: 'cloud' },
});
const projects = '/apis/kube-dc.com/v1/namespaces/shalb/projects';

describeApiServer('leadership', () => {
  let api: ApiServer;
  let ovn: EmbeddedOvn;
  beforeAll(async () => {
    [api, ovn] = await Promise.all([startApiServer({ crds: true }), startEmbeddedOvn()]);
    await addNamespace(api, 'shalb');
    await api.create('/apis/ovn.kube-dc.com/v1alpha1/externalnetworks', network);
  });
  afterAll(async () => {
    await Promise.all([api?.stop(), ovn?.stop()]);
  });
  beforeEach(async () => {
    await api.request('DELETE', '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/ovn-projector');
  });

  function start(more: readonly string[] = []): RunningProgram {
    const args = ['run', '--kubeconfig', api.kubeconfig, '--nb', ovn.nb, '--sb', ovn.sb, ...more];
    const program = startProgram(args);
    onTestFinished(async () => {
      if (program.process.exitCode !== null || program.process.signalCode !== null) return;
      program.process.kill('SIGCONT');
      program.process.kill('SIGKILL');
      await once(program.process, 'exit');
    });
    return program;
  }
  const says = async (program: RunningProgram, text: string): Promise<void> => {
    await expect.poll(() => program.stderr(), { interval: 50 }).toContain(text);
  };
  const dump = () => dumpNorthbound('23.03', ovn.nb);
  const routers = () => ovn.nbctl('--bare', '--columns=name', 'list', 'Logical_Router');
  /** Whether all that comes of it is done. */
  const isReady = async (name: string): Promise<boolean | undefined> => {
    const { body } = await api.request('GET', `${projects}/${name}`);
    return (body as { status?: { ready?: boolean } }).status?.ready;
  };

  test('one writes, the other stands by, ready, and takes over when it is told to go', async () => {
    const first = start();
    await says(first, '"in step"');
    const second = start(['--listen', '127.0.0.1:0']);
    await says(second, '"listening"');
    const address = /"address":"([^"]+)"/.exec(second.stderr())?.[1] ?? '';
    await expect.poll(async () => (await fetch(`http://${address}/readyz`)).status).toBe(200);
    expect(await (await fetch(`http://${address}/metrics`)).text()).toContain('ovn_projector_leading 0');
    expect(second.stderr()).not.toContain('"leading"');
    const before = await dump();
    first.process.kill('SIGTERM');
    expect(await first.ended).toMatchObject({ code: 0 });
    await says(second, '"in step"');
    expect(await dump()).toEqual(before);
    await api.create(projects, project('first'));
    await expect.poll(routers).toContain('shalb-first');
    await expect.poll(() => isReady('first')).toBe(true);
  });

  test('one that is killed is followed within seconds', async () => {
    const first = start();
    await says(first, '"in step"');
    const second = start();
    await says(second, 'following the API server');
    first.process.kill('SIGKILL');
    const begin = Date.now();
    await says(second, '"in step"');
    console.info(`followed a killed leader after ${((Date.now() - begin) / 1000).toFixed(1)} s`);
    await api.create(projects, project('second'));
    await expect.poll(routers).toContain('shalb-second');
    await expect.poll(() => isReady('second')).toBe(true);
  });

  test('one that is paused across a takeover writes nothing when it wakes up', async () => {
    const first = start();
    await says(first, '"in step"');
    const second = start();
    await says(second, 'following the API server');
    first.process.kill('SIGSTOP');
    await says(second, '"in step"');
    await api.create(projects, project('third'));
    await expect.poll(routers).toContain('shalb-third');
    await expect.poll(() => isReady('third')).toBe(true);
    const after = await dump();
    await api.request('DELETE', `${projects}/nobody`);
    first.process.kill('SIGCONT');
    const { code, stderr } = await first.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/KUBE_LEASE_LOST|TARGET_FENCED/);
    expect(await dump()).toEqual(after);
  });
});
