// The program against servers as they are out there: with TLS, restarted, with an older schema; and what `show` reads.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { startEmbeddedOvn } from '../../src/embedded/central.ts';
import { type OvsdbServer, type OvsdbServerOptions, startOvsdbServer } from '../support/ovsdb-server.ts';
import { runProgram, startProgram } from '../support/program.ts';
import { configuration, network } from './manifests.ts';
import { scratchFolder } from './scratch.ts';

const schemaFile = fileURLToPath(new URL('../../ovsdb-schema/ovn-nb-7.0.0.ovsschema', import.meta.url));

async function startNorthbound(options: Partial<OvsdbServerOptions> = {}): Promise<OvsdbServer> {
  const server = await startOvsdbServer({ schemaFile, ...options });
  onTestFinished(() => server.stop());
  nbctl(server, 'init');
  return server;
}

const execute = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
const nbctl = (server: OvsdbServer, ...args: string[]): string =>
  execute('ovn-nbctl', `--db=${server.remote}`, ...args);

function input(): string[] {
  const folder = scratchFolder({ 'config.yaml': configuration });
  return ['-f', scratchFolder({ 'network.yaml': network }), '--config', join(folder, 'config.yaml')];
}

describe('show', () => {
  test('reads NB alone: text, JSON, by name, by owner, from the environment', async () => {
    const server = await startNorthbound();
    const env = { OVN_NB_DB: server.remote };
    expect((await runProgram(['show'], { env })).stdout).toBe(
      'No network of ovn-projector in this database.\n',
    );
    await runProgram(['apply', ...input()], { env });
    const all = await runProgram(['show'], { env });
    expect(all).toMatchObject({ code: 0, stderr: '' });
    expect(all.stdout).toMatch(/^external network ext-cloud .*2 addresses held$/m);
    expect(all.stdout).toMatch(/^ {2}100\.65\.0\.3 +shalb-demo +floating IP of 10\.0\.10\.171$/m);
    const json = await runProgram(['show', 'Project/shalb/demo', '-o', 'json'], { env });
    expect(JSON.parse(json.stdout)).toMatchObject({
      externalNetworks: [],
      vpcs: [{ name: 'shalb-demo', gateway: { address: '100.65.0.2', chassis: ['node-1'] } }],
    });
    expect((await runProgram(['show', '--owner', 'other'], { env })).stdout).toMatch(/^No network/);
    const missing = await runProgram(['show', 'nope'], { env });
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toMatch(/^error: no network of ours is named nope\n/);
  });
});

test('TLS with the flags of ovn-nbctl', async () => {
  const folder = scratchFolder();
  const at = (name: string): string => join(folder, name);
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execute(
    'openssl',
    'req',
    '-x509',
    ...curve,
    '-keyout',
    at('key.pem'),
    '-out',
    at('cert.pem'),
    '-subj',
    '/CN=central',
  );
  const tls = { ca: at('cert.pem'), cert: at('cert.pem'), key: at('key.pem') };
  const server = await startNorthbound({ tls });
  const remote = ['show', '--nb', server.sslRemote ?? ''];
  const flags = ['-p', at('key.pem'), '-c', at('cert.pem'), '-C', at('cert.pem')];
  const good = await runProgram([...remote, ...flags, '--tls-server-name', 'central']);
  expect(good).toMatchObject({ code: 0, stderr: '' });
  const wrong = await runProgram([...remote, ...flags, '--tls-server-name', 'somebody', '--timeout', '1']);
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toMatch(/^error: .*\n {2}.*--tls-server-name/s);
});

test('a server that is restarted in the middle is followed again', async () => {
  const server = await startNorthbound();
  const program = startProgram(['run', ...input(), '--nb', server.remote]);
  onTestFinished(() => void program.process.kill('SIGKILL'));
  await vi.waitFor(() => expect(program.stderr()).toContain('"in step"'), { timeout: 20_000, interval: 20 });
  await server.restart();
  nbctl(server, 'lr-del', 'shalb-demo');
  await vi.waitFor(() => expect(nbctl(server, 'lr-nat-list', 'shalb-demo')).toContain('10.0.10.171'), {
    timeout: 20_000,
    interval: 50,
  });
  program.process.kill('SIGTERM');
  expect((await program.ended).code).toBe(0);
});

test('a schema without a column that is wanted: the rest is programmed, and the problem says so', async () => {
  const folder = scratchFolder();
  const schema = JSON.parse(readFileSync(schemaFile, 'utf8')) as {
    tables: Record<string, { columns: Record<string, unknown> }>;
  };
  delete schema.tables['Load_Balancer']?.columns['options'];
  const older = join(folder, 'older.ovsschema');
  writeFileSync(older, JSON.stringify(schema));
  const server = await startNorthbound({ schemaFile: older });
  const { code, stderr } = await runProgram(['apply', ...input(), '--nb', server.remote]);
  expect(stderr).toMatch(/^(warning: )?Service\/shalb-demo\/nginx: .*Load_Balancer.*options.*\(.+\)$/m);
  expect([0, 3]).toContain(code);
  expect(nbctl(server, 'lr-lb-list', 'shalb-demo')).toContain('100.65.0.2:80');
});

test('Southbound tells the gateway chassis', async () => {
  const ovn = await startEmbeddedOvn();
  onTestFinished(() => ovn.stop());
  await ovn.sbctl('chassis-add', 'gw-7', 'geneve', '192.0.2.7');
  await ovn.sbctl(
    'set',
    'Chassis',
    'gw-7',
    'other_config:ovn-cms-options=enable-chassis-as-gw',
    'other_config:ovn-bridge-mappings=ext-cloud:br-x',
  );
  const folder = scratchFolder({ 'network.yaml': network });
  const without = await runProgram(['apply', '-f', folder, '--nb', ovn.nb]);
  expect(without.stderr).toMatch(/ExternalNetwork\/ext-cloud: .*no chassis.*\(.*--sb.*\)/);
  const given = await runProgram(['apply', '-f', folder, '--nb', ovn.nb, '--sb', ovn.sb]);
  expect(given).toMatchObject({ code: 0, stderr: '' });
  expect((await runProgram(['show', '--nb', ovn.nb])).stdout).toContain('chassis gw-7');
});
