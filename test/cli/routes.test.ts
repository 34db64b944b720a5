// `plan` and `apply` with routes: the Kubernetes objects as text, as JSON and as files.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type EmbeddedOvn, startEmbeddedOvn } from '../../src/embedded/central.ts';
import { runProgram } from '../support/program.ts';
import { schemaErrors } from '../support/third-party-crds.ts';
import { configuration, network } from './manifests.ts';
import { scratchFolder } from './scratch.ts';

let ovn: EmbeddedOvn;
beforeEach(async () => {
  ovn = await startEmbeddedOvn();
});
afterEach(() => ovn.stop());

const config = `${configuration}\ngateway: { baseDomain: stage.example.com, backendRef: envoy-backend }\n`;
const routed = (type: string) => `apiVersion: v1
kind: Service
metadata: { name: web, namespace: shalb-demo, annotations: { service.nlb.kube-dc.com/expose-route: ${type} } }
spec: { selector: { app: nginx }, ports: [{ name: http, port: 80, targetPort: 8080 }] }
`;
const files = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .toSorted();

test('objects of routes are shown, and written; what is wanted no more is removed, and nothing else', async () => {
  const folder = scratchFolder({ 'network.yaml': network, 'web.yaml': routed('https') });
  const out = scratchFolder({ 'theirs.yaml': 'kind: ConfigMap\n' });
  const settings = join(scratchFolder({ 'config.yaml': config }), 'config.yaml');
  const run = (command: string, ...args: readonly string[]) =>
    runProgram([command, '-f', folder, '--nb', ovn.nb, '--config', settings, ...args]);

  const planned = await run('plan');
  expect(planned).toMatchObject({ code: 2, stderr: '' });
  expect(planned.stdout).toContain('  Certificate/shalb-demo/web-tls\n  Gateway/envoy-gateway-system/eg\n');
  const json = JSON.parse((await run('plan', '-o', 'json')).stdout) as { objects: Record<string, unknown>[] };
  expect(json.objects.map(({ kind }) => kind)).toContain('Backend');

  expect(await run('apply', '--objects-out', out)).toMatchObject({ code: 0 });
  expect(files(out)).toEqual([
    'envoy-gateway-system/gateway-eg.yaml',
    'shalb-demo/backend-web-backend.yaml',
    'shalb-demo/certificate-web-tls.yaml',
    'shalb-demo/httproute-web-redirect.yaml',
    'shalb-demo/httproute-web-route.yaml',
    'shalb-demo/referencegrant-allow-gateway-cert-web.yaml',
    'theirs.yaml',
  ]);
  for (const path of files(out).filter((each) => each !== 'theirs.yaml')) {
    const object = parse(readFileSync(join(out, path), 'utf8')) as Record<string, unknown>;
    const spec =
      object['kind'] === 'Gateway' ? { spec: { ...(object['spec'] as object), gatewayClassName: 'eg' } } : {};
    expect(schemaErrors({ ...object, ...spec })).toEqual([]);
  }
  const backend = parse(readFileSync(join(out, 'shalb-demo/backend-web-backend.yaml'), 'utf8')) as object;
  expect(backend).toMatchObject({ spec: { endpoints: [{ ip: { port: 80 } }] } });

  writeFileSync(join(folder, 'web.yaml'), routed('http'));
  await run('apply', '--objects-out', out);
  expect(files(out)).toEqual([
    'shalb-demo/backend-web-backend.yaml',
    'shalb-demo/httproute-web-route.yaml',
    'theirs.yaml',
  ]);
});

test('what is wrong with a route is told with its remedy', async () => {
  const folder = scratchFolder({ 'network.yaml': network, 'web.yaml': routed('htps') });
  const settings = join(scratchFolder({ 'config.yaml': config }), 'config.yaml');
  const planned = await runProgram(['plan', '-f', folder, '--nb', ovn.nb, '--config', settings]);
  expect(planned.stderr).toContain(
    'Service/shalb-demo/web: metadata.annotations[service.nlb.kube-dc.com/expose-route]',
  );
  expect(planned.stdout).not.toContain('HTTPRoute');
});
