// `run` as a process: it follows files and database, repairs drift, waits for a database, and ends cleanly.
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type EmbeddedOvn, startEmbeddedOvn } from '../../src/embedded/central.ts';
import { type RunningProgram, runProgram, startProgram } from '../support/program.ts';
import { configuration, network, pods, project } from './manifests.ts';
import { scratchFolder } from './scratch.ts';

let ovn: EmbeddedOvn;
beforeEach(async () => {
  ovn = await startEmbeddedOvn();
});
afterEach(() => ovn.stop());

function start(folder: string, more: readonly string[] = [], nb = ovn.nb): RunningProgram {
  const config = join(scratchFolder({ 'config.yaml': configuration }), 'config.yaml');
  const program = startProgram(['run', '-f', folder, '--nb', nb, '--config', config, ...more]);
  onTestFinished(() => void program.process.kill('SIGKILL'));
  return program;
}

const expectInStep = (program: RunningProgram) =>
  vi.waitFor(() => expect(program.stderr()).toContain('"in step"'), { timeout: 20_000, interval: 20 });

/** Resolves when `ovn-nbctl ARGS` says `text` (or does not any more). */
const expectEventually = (args: readonly string[], text: string, isThere = true) =>
  vi.waitFor(async () => expect((await ovn.nbctl(...args)).includes(text)).toBe(isThere), {
    timeout: 10_000,
    interval: 20,
  });

describe('run', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it with 0 and leaves the rows', async (signal) => {
    const program = start(scratchFolder({ 'network.yaml': network }));
    await expectInStep(program);
    program.process.kill(signal);
    const { code, stdout, stderr } = await program.ended;
    expect(code).toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toContain('"ended"');
    expect(await ovn.nbctl('lr-list')).toContain('(shalb-demo)');
  });

  test('--listen says whether it is ready, and counts', async () => {
    const program = start(scratchFolder({ 'network.yaml': network }), ['--listen', '127.0.0.1:0']);
    await expectInStep(program);
    const address = /"address":"([^"]+)"/.exec(program.stderr())?.[1] ?? '';
    const get = async (path: string) => {
      const response = await fetch(`http://${address}${path}`);
      return { status: response.status, text: await response.text() };
    };
    expect(await get('/readyz')).toEqual({
      status: 200,
      text: '[+] northbound ok\n[+] objects ok\n[+] in-step ok\n',
    });
    expect(await get('/healthz')).toMatchObject({ status: 200 });
    const { text } = await get('/metrics');
    expect(text).toMatch(/^ovn_projector_transactions_total [1-9]/m);
    expect(text).toMatch(/^ovn_projector_commit_duration_seconds_count [1-9]/m);
    expect(text).toMatch(/^ovn_projector_pool_allocated\{pool="[^"]+"\} [1-9]/m);
    expect(text).toMatch(/^ovn_projector_rows\{table="Logical_Switch"\} [1-9]/m);
    expect(text).toMatch(/^ovn_projector_rules\{kind="ExternalNetwork"\} [1-9]/m);
    expect(text).toMatch(/^ovn_projector_compile_duration_seconds_count\{unit="network"\} [1-9]/m);
    expect(text).toContain('ovn_projector_nb_connected 1');
    program.process.kill('SIGTERM');
    expect(await program.ended).toMatchObject({ code: 0 });
  });

  test('is not ready while something cannot be read, and says what', async () => {
    const folder = scratchFolder({ 'network.yaml': network });
    symlinkSync('loop.yaml', join(folder, 'loop.yaml'));
    const program = start(folder, ['--listen', '127.0.0.1:0']);
    await expectInStep(program);
    const address = /"address":"([^"]+)"/.exec(program.stderr())?.[1] ?? '';
    const response = await fetch(`http://${address}/readyz`);
    expect(response.status).toBe(503);
    expect(await response.text()).toMatch(/^\[-\] objects: .*loop\.yaml/m);
    program.process.kill('SIGTERM');
    expect(await program.ended).toMatchObject({ code: 0 });
  });

  test('answers while it waits for a database, and is not ready', async () => {
    const away = 'unix:/nonexistent/ovnnb_db.sock';
    const program = start(scratchFolder({}), ['--listen', '127.0.0.1:0'], away);
    await vi.waitFor(() => expect(program.stderr()).toContain('"listening"'), { timeout: 10_000 });
    const address = /"address":"([^"]+)"/.exec(program.stderr())?.[1] ?? '';
    expect((await fetch(`http://${address}/readyz`)).status).toBe(503);
    expect((await fetch(`http://${address}/healthz`)).status).toBe(200);
    expect((await fetch(`http://${address}/metrics`)).status).toBe(200);
    program.process.kill('SIGTERM');
    expect(await program.ended).toMatchObject({ code: 0 });
  });

  test('logs JSON lines with level and time', async () => {
    const program = start(scratchFolder({ 'network.yaml': network }));
    await expectInStep(program);
    program.process.kill('SIGTERM');
    const { stderr } = await program.ended;
    const lines = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const line of lines)
      expect(line).toMatchObject({
        level: expect.any(String),
        time: expect.any(String),
        msg: expect.any(String),
      });
  });

  test('a row deleted by hand is back at once, a changed one too', async () => {
    const program = start(scratchFolder({ 'network.yaml': network }));
    await expectInStep(program);
    const before = await ovn.nbctl('lr-nat-list', 'shalb-demo');
    await ovn.nbctl('lr-nat-del', 'shalb-demo');
    await expectEventually(['lr-nat-list', 'shalb-demo'], before);
    await ovn.nbctl('lrp-set-enabled', 'shalb-demo-ext-cloud', 'disabled');
    await expectEventually(
      ['--bare', '--columns=enabled', 'list', 'Logical_Router_Port', 'shalb-demo-ext-cloud'],
      'false',
      false,
    );
    await ovn.nbctl('lr-del', 'shalb-demo');
    await expectEventually(['lr-nat-list', 'shalb-demo'], before);
  });

  test('follows the files: a new one, a changed one, one that goes', async () => {
    const folder = scratchFolder({ 'network.yaml': network });
    await expectInStep(start(folder));
    writeFileSync(join(folder, 'more.yaml'), project.replace('name: demo', 'name: two'));
    await expectEventually(['lr-list'], '(shalb-two)');
    writeFileSync(join(folder, 'network.yaml'), network.replace(pods, pods.replaceAll('nginx-1', 'nginx-9')));
    await expectEventually(['lsp-list', 'shalb-demo-default'], 'nginx-9.shalb-demo');
    await expectEventually(['lsp-list', 'shalb-demo-default'], 'nginx-1.shalb-demo', false);
    rmSync(join(folder, 'more.yaml'));
    await expectEventually(['lr-list'], '(shalb-two)', false);
    expect(await ovn.nbctl('lr-list')).toContain('(shalb-demo)');
  });

  test('waits for a database that is not there yet, and says so', async () => {
    const directory = scratchFolder();
    const program = start(scratchFolder({ 'network.yaml': network }), [], `unix:${directory}/nb.sock`);
    await vi.waitFor(() => expect(program.stderr()).toContain('ENOENT'), { timeout: 10_000, interval: 20 });
    const late = await startEmbeddedOvn({ directory });
    onTestFinished(() => late.stop());
    await expectInStep(program);
    expect(await late.nbctl('lr-list')).toContain('(shalb-demo)');
    program.process.kill('SIGTERM');
    expect((await program.ended).code).toBe(0);
  });

  test('SIGTERM ends the wait for a database too', async () => {
    const program = start(scratchFolder(), [], 'unix:/nowhere/nb.sock');
    await vi.waitFor(() => expect(program.stderr()).toContain('ENOENT'), { timeout: 10_000, interval: 20 });
    program.process.kill('SIGTERM');
    expect((await program.ended).code).toBe(0);
  });

  test('a remote that is none, and a folder that is not there, are told at once', async () => {
    const wrong = await runProgram(['run', '-f', '.', '--nb', 'nowhere']);
    expect(wrong).toMatchObject({ code: 1, stdout: '' });
    expect(wrong.stderr).toMatch(/^error: .*expected unix:PATH/m);
    const missing = await start('/nowhere').ended;
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(/^error: .*\/nowhere/m);
  });

  test('a second one takes over, the first one ends and says why', async () => {
    const folder = scratchFolder({ 'network.yaml': network });
    const first = start(folder);
    await expectInStep(first);
    const second = start(folder);
    await expectInStep(second);
    const { code, stderr } = await first.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*epoch/m);
    second.process.kill('SIGTERM');
    expect((await second.ended).code).toBe(0);
  });
});
