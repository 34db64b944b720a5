// The rights in deploy/kubernetes/rbac-gateway.yaml are those that routes need, no more and no less: seen from the audit log.
import { expect, onTestFinished, test } from 'vitest';
import { startEmbeddedOvn } from '../../src/embedded/central.ts';
import { startApiServer } from '../support/api-server.ts';
import { auditedUse } from '../support/audit-log.ts';
import { daemonUser, deployedRights, deployRights } from '../support/deployed-rights.ts';
import {
  createGateway,
  describeRoutes,
  installThirdParty,
  madeIn,
  startStandIns,
} from '../support/gateway-daemon.ts';
import { kubeWorld } from '../support/kube-world.ts';
import { startProgram } from '../support/program.ts';
import type { ThirdPartyCrd } from '../support/third-party-crds.ts';
import { scratchFolder } from '../cli/scratch.ts';

const prefix = 'service.nlb.kube-dc.com/';

/** ListenerSet under the name that it had before it was standard. */
function experimental(crds: readonly ThirdPartyCrd[]): ThirdPartyCrd {
  const group = 'gateway.networking.x-k8s.io';
  const standard = crds.find(({ spec }) => spec.names.kind === 'ListenerSet')!;
  const names = {
    kind: 'XListenerSet',
    listKind: 'XListenerSetList',
    plural: 'xlistenersets',
    singular: 'xlistenerset',
  };
  const versions = standard.spec.versions.map((version) =>
    Object.assign(structuredClone(version), { name: 'v1alpha1' }),
  );
  return Object.assign(structuredClone(standard), {
    metadata: {
      name: `xlistenersets.${group}`,
      annotations: { 'api-approved.kubernetes.io': 'unapproved, a copy for a test' },
    },
    spec: { group, names, scope: 'Namespaced', versions },
  });
}

describeRoutes('rights for routes', (crds) => {
  test('each is used, and none is missing', async () => {
    await using server = await startApiServer({ crds: true, audit: true });
    const ovn = await startEmbeddedOvn();
    onTestFinished(() => ovn.stop());
    const kubeconfig = await deployRights(server, 'rbac.yaml', 'rbac-gateway.yaml');
    await installThirdParty(server, [
      ...crds.filter(({ spec }) => spec.names.kind !== 'ListenerSet'),
      experimental(crds),
    ]);
    const world = kubeWorld(server);
    for (const name of ['envoy-gateway-system', 'shalb']) await world.addNamespace(name);
    await createGateway(server, { allowedListeners: { namespaces: { from: 'All' } } });
    await server.create('/apis/cert-manager.io/v1/clusterissuers', {
      apiVersion: 'cert-manager.io/v1',
      kind: 'ClusterIssuer',
      metadata: { name: 'le' },
      spec: { selfSigned: {} },
    });
    await world.addNetwork('ext-cloud', 'cloud', '100.65.0.0/24');
    await world.addProject('demo', { cidrBlock: '10.0.10.0/24' });
    const config = `gateway: { baseDomain: a.example, listenerLimit: 2, issuer: { kind: ClusterIssuer, name: le } }\n`;
    const file = `${scratchFolder({ 'config.yaml': config })}/config.yaml`;
    const args = ['run', '--kubeconfig', kubeconfig, '--nb', ovn.nb, '--sb', ovn.sb, '--config', file];
    const program = startProgram(args);
    onTestFinished(() => void program.process.kill('SIGKILL'));
    await using _standIns = startStandIns(server);
    await expect.poll(() => world.get('Namespace/shalb-demo')).toBeDefined();

    const expose = (name: string, type: string, appProtocol?: string) =>
      world.add(`Service/shalb-demo/${name}`, {
        metadata: {
          annotations: { [`${prefix}expose-route`]: type, [`${prefix}create-gateway-backend`]: 'true' },
        },
        spec: { ports: [{ port: 80, appProtocol }] },
      });
    const made = async (): Promise<string> => (await madeIn(server, 'shalb-demo')).join(' ');
    await expose('web', 'https');
    await expect.poll(made).toContain('HTTPRoute/web-route');
    await expose('rpc', 'http', 'grpc');
    await expect.poll(made).toContain('GRPCRoute/rpc-route');
    await expose('api', 'tls-passthrough');
    const sets =
      '/apis/gateway.networking.x-k8s.io/v1alpha1/namespaces/shalb-demo/xlistenersets/api-listener';
    const set = async (): Promise<number> => (await server.request('GET', sets)).status;
    await expect.poll(set).toBe(200);
    await expect.poll(made).toContain('TLSRoute/api-route');
    for (const name of ['web', 'rpc', 'api']) await world.delete(`Service/shalb-demo/${name}`);
    await expect.poll(made).toBe('');
    await expect.poll(set).toBe(404);
    program.process.kill('SIGTERM');
    expect(await program.ended).toMatchObject({ code: 0 });

    const { used, refused } = auditedUse(server.auditFile, daemonUser);
    expect(refused, 'what it could not do').toEqual([]);
    const standard = / listenersets\./;
    const rights = deployedRights('rbac-gateway.yaml').filter((right) => !standard.test(right));
    expect(rights.length).toBeGreaterThan(30);
    expect(rights.filter((right) => !used.includes(right))).toEqual([]);
  });
});
