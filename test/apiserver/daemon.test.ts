// The program on a real API server and a real NB: the same rows as from files, and what it says when it cannot.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { isKind } from '../../src/api/kind.ts';
import { resourceOf } from '../../src/source/kubernetes/resources.ts';
import { eipObject } from '../support/api-objects.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { describeApiServer } from '../support/api-server-programs.ts';
import { dumpNorthbound } from '../support/database-dump.ts';
import { type OvnCentral, startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn, ovnVersions } from '../support/ovn-programs.ts';
import { type RunningProgram, runProgram, startProgram } from '../support/program.ts';

const version = ovnVersions.findLast(hasOvn) ?? '25.03';
const folder = 'examples/architecture';
const files = [
  'external-networks.yaml',
  'management.yaml',
  'project-a.yaml',
  'project-b.yaml',
  'shalb-demo/floating-ip.yaml',
  'shalb-demo/project.yaml',
  'shalb-demo/services.yaml',
  'shalb-demo/workloads.yaml',
];

interface Written {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: object;
}

const written = (): Written[] =>
  files.flatMap((file) =>
    parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((document) => document.toJS() as Written),
  );

function collectionOf({ kind, metadata: { namespace } }: Written): string {
  if (!isKind(kind)) throw new Error(`no kind of ours: ${kind}`);
  const { path } = resourceOf(kind);
  const at = path.lastIndexOf('/');
  return namespace === undefined ? path : `${path.slice(0, at)}/namespaces/${namespace}${path.slice(at)}`;
}

/** Without what only an API server brings: the question how far hypervisors are, and the names of `{service}-ext`. */
async function rowsOf(nb: string): Promise<Readonly<Record<string, readonly object[]>>> {
  const { NB_Global: _, ...tables } = await dumpNorthbound(version, nb);
  const text = JSON.stringify(tables, (__, value: unknown) =>
    Array.isArray(value)
      ? value.filter((item) => !(typeof item === 'string' && item.includes('-ext.')))
      : value,
  );
  return JSON.parse(text) as Readonly<Record<string, readonly object[]>>;
}

describeApiServer('the program', () => {
  let server: ApiServer;
  let central: OvnCentral;
  let environment: Record<string, string>;
  beforeAll(async () => {
    [server, central] = await Promise.all([startApiServer(), startOvnCentral({ version, northd: false })]);
    environment = { HOME: server.directory, KUBECONFIG: server.kubeconfig };
  });
  afterAll(async () => {
    await server?.stop();
    await central?.stop();
  });

  const follow = (): RunningProgram => {
    const program = startProgram(['run', '--nb', central.nb], { env: environment });
    onTestFinished(() => void program.process.kill('SIGKILL'));
    return program;
  };
  /** Creates the examples, and returns them as a person would have written them who knows the server's choices. */
  const createAll = async (): Promise<string> => {
    const objects = written();
    for (const name of new Set(objects.map(({ metadata }) => metadata.namespace ?? 'default')))
      await server.request('POST', '/api/v1/namespaces', { metadata: { name } });
    const documents = [];
    for (const object of objects) {
      const created = (await server.create(collectionOf(object), object)) as { spec: { clusterIP?: string } };
      const { clusterIP } = created.spec ?? {};
      documents.push(clusterIP === undefined ? object : { ...object, spec: { ...object.spec, clusterIP } });
    }
    return documents.map((document) => JSON.stringify(document)).join('\n---\n');
  };

  test('plan without the definitions says how to apply them', async () => {
    const { code, stderr } = await runProgram(['plan', '--nb', central.nb], { env: environment });
    expect(stderr).toMatch(
      /^error: the API server at https:\/\/127\.0\.0\.1:\d+ does not serve \w+\.[\w.]*kube-dc\.com/,
    );
    expect(stderr).toContain('ovn-projector crd | kubectl apply -f -');
    expect(code).toBe(1);
  });

  test('run waits for the definitions', async () => {
    const program = follow();
    await expect.poll(() => program.stderr()).toContain('the API server does not serve projects.kube-dc.com');
    await server.installCrds();
    await expect.poll(() => program.stderr()).toContain('"in step"');
    program.process.kill('SIGTERM');
    expect(await program.ended).toMatchObject({ code: 0 });
  });

  test('run makes the rows that the same objects in files make', async () => {
    // Before it starts: who asks for an address first gets it first.
    const input = await createAll();
    const program = follow();
    await using other = await startOvnCentral({ version, northd: false });
    const applied = await runProgram(['apply', '-f', '-', '--nb', other.nb], { input });
    expect(applied).toMatchObject({ code: 0 });
    const expected = await rowsOf(other.nb);
    expect(expected['Logical_Router']?.length).toBeGreaterThan(3);
    await expect.poll(() => rowsOf(central.nb)).toEqual(expected);
    const settled = await runProgram(['plan', '--nb', central.nb], { env: environment });
    expect(settled).toMatchObject({ code: 0, stdout: 'Nothing to change.\n' });
    program.process.kill('SIGTERM');
    expect(await program.ended).toMatchObject({ code: 0 });
  });

  test('the API server is away at the start, and goes away later: the rows stay', async () => {
    const before = await rowsOf(central.nb);
    await server.kill('SIGKILL');
    const program = follow();
    await expect.poll(() => program.stderr()).toContain('the API server does not answer; tried again');
    await server.restart();
    await expect.poll(() => program.stderr()).toContain('"in step"');
    expect(await rowsOf(central.nb)).toEqual(before);
    await server.restart();
    const eips = '/apis/kube-dc.com/v1/namespaces/shalb-demo/eips';
    await server.create(eips, eipObject('later', { externalNetworkType: 'cloud' }));
    await expect.poll(() => rowsOf(central.nb)).not.toEqual(before);
    await server.request('DELETE', `${eips}/later`);
    await expect.poll(() => rowsOf(central.nb)).toEqual(before);
    program.process.kill('SIGTERM');
    expect(await program.ended).toMatchObject({ code: 0 });
  });

  test.each<[string, readonly string[], Record<string, string>, RegExp]>([
    ['no kubeconfig', [], {}, /no API server is known.*\n.*--kubeconfig.*-f/],
    ['one that is not there', ['--kubeconfig', '/nowhere'], {}, /credentials .* cannot be used: ENOENT/],
    ['a wrong context', ['--context', 'other'], { KUBECONFIG: '' }, /no context "other": it has test/],
  ])('%s is said at once', async (_, args, env, message) => {
    const given = env['KUBECONFIG'] === '' ? { KUBECONFIG: server.kubeconfig } : env;
    for (const command of ['plan', 'run']) {
      const { code, stderr } = await runProgram([command, '--nb', central.nb, ...args], {
        env: { HOME: server.directory, ...given },
      });
      expect(stderr).toMatch(message);
      expect(code).toBe(1);
    }
  });
});
