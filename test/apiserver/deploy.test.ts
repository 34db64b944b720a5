// deploy/ as an operator applies it, and the daemon with the rights that it gives.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { type EmbeddedOvn, startEmbeddedOvn } from '../../src/embedded/central.ts';
import { addNamespace } from '../support/api-objects.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { describeApiServer, describeKubectl } from '../support/api-server-programs.ts';
import { startProgram } from '../support/program.ts';

const folder = (name: string) => new URL(`../../deploy/${name}/`, import.meta.url).pathname;

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly template?: { readonly spec?: { readonly containers?: readonly Container[] } } };
}
interface Container {
  readonly args?: readonly string[];
}

describeApiServer('deploy', () => {
  let api: ApiServer;
  let ovn: EmbeddedOvn;
  beforeAll(async () => {
    [api, ovn] = await Promise.all([startApiServer(), startEmbeddedOvn()]);
  });
  afterAll(async () => {
    await Promise.all([api?.stop(), ovn?.stop()]);
  });

  describeKubectl('as a person', () => {
    test.each(['kubernetes', 'kubernetes-tls'])('%s is accepted as it stands', async (name) => {
      const { code, stderr } = await api.kubectl(['apply', '-k', folder(name)]);
      expect(stderr).toBe('');
      expect(code).toBe(0);
    });

    test.each(['kubernetes', 'kubernetes-tls'])(
      '%s starts the program with flags that it has',
      async (name) => {
        const { stdout } = await api.kubectl(['kustomize', folder(name)]);
        const manifests = parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
        const daemon = manifests.find(({ kind }) => kind === 'DaemonSet');
        const args = daemon?.spec?.template?.spec?.containers?.[0]?.args ?? [];
        const program = startProgram([...args, '--help']);
        expect(await program.ended).toMatchObject({ code: 0, stderr: '' });
      },
    );

    test('what docs/install.md says of images and patches works', async () => {
      const parent = mkdtempSync(join(tmpdir(), 'overlay-'));
      onTestFinished(() => rmSync(parent, { recursive: true }));
      const docs = readFileSync(new URL('../../docs/install.md', import.meta.url), 'utf8');
      const overlay = /# kustomization\.yaml\n([^]*?)```/.exec(docs)?.[1] ?? '';
      cpSync(folder('kubernetes'), join(parent, 'ovn-projector/deploy/kubernetes'), { recursive: true });
      mkdirSync(join(parent, 'ours'));
      writeFileSync(join(parent, 'ours/kustomization.yaml'), overlay);
      const { stdout, stderr } = await api.kubectl(['kustomize', join(parent, 'ours')]);
      expect(stderr).toBe('');
      expect(stdout).toContain('image: registry.example.com/ovn-projector:0.1.0');
      expect(stdout).toContain('OVN_NB_DB: tcp:192.0.2.1:6641,');
    });

    test('the daemon has every right that it needs, and says nothing of one that it lacks', async () => {
      const { code } = await api.kubectl(['apply', '-k', folder('kubernetes')]);
      expect(code).toBe(0);
      const answer = await api.request(
        'POST',
        '/api/v1/namespaces/kube-system/serviceaccounts/ovn-projector/token',
        { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } },
      );
      const { token } = (answer.body as { status: { token: string } }).status;
      await addNamespace(api, 'acme');
      const kubeconfig = await api.kubeconfigOf('daemon', token);
      const program = startProgram(['run', '--kubeconfig', kubeconfig, '--nb', ovn.nb, '--sb', ovn.sb]);
      onTestFinished(() => void program.process.kill('SIGKILL'));
      await expect.poll(() => program.stderr()).toContain('"in step"');
      const examples = new URL('../../examples/minimal/', import.meta.url).pathname;
      expect(await api.kubectl(['apply', '-R', '-f', examples])).toMatchObject({ code: 0 });
      await expect.poll(() => ovn.nbctl('show')).toContain('acme-first-default');
      program.process.kill('SIGTERM');
      const { stderr } = await program.ended;
      expect(stderr).not.toMatch(/KUBE_FORBIDDEN|forbidden/);
    });
  });
});

test('compose.yaml starts the program with flags that it has, on files that are there', async () => {
  const root = new URL('../../', import.meta.url).pathname;
  const { services } = parse(readFileSync(`${root}compose.yaml`, 'utf8')) as {
    services: Record<'ovn-projector', { command: string[]; volumes: string[] }>;
  };
  const { command, volumes } = services['ovn-projector'];
  const sources = volumes.map((volume) => (volume.split(':/')[0] ?? '').replace(/\$\{EXAMPLE:-(.*)\}/, '$1'));
  expect(sources.filter((source) => !existsSync(root + source))).toEqual([]);
  expect(sources).toHaveLength(2);
  const program = startProgram([...command, '--help']);
  expect(await program.ended).toMatchObject({ code: 0, stderr: '' });
});

test.each(['kubernetes', 'kubernetes-tls'])(
  '%s tells Prometheus to come where it can, and only there',
  async (name) => {
    const text = readFileSync(`${folder(name)}daemonset.yaml`, 'utf8');
    const isReachable = /--listen=:9476/.test(text);
    expect(/--listen=127\.0\.0\.1:9476/.test(text)).toBe(!isReachable);
    expect(text.includes('prometheus.io/scrape')).toBe(isReachable);
  },
);

/** Applied by itself, where routes of a shared Gateway are wanted. */
const furtherRights = 'rbac-gateway.yaml';

test('deploy/kubernetes/kustomization.yaml names every file beside it', () => {
  const text = readFileSync(`${folder('kubernetes')}kustomization.yaml`, 'utf8');
  const { resources } = parse(text) as { readonly resources: readonly string[] };
  const beside = readdirSync(folder('kubernetes')).filter(
    (name) => !['kustomization.yaml', furtherRights].includes(name),
  );
  expect(resources.toSorted()).toEqual(beside.toSorted());
});
