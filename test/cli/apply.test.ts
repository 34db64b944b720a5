// `plan` and `apply` on a real database: exit codes, every form of output, and what is in NB afterwards.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type EmbeddedOvn, startEmbeddedOvn } from '../../src/embedded/central.ts';
import { type ProgramOptions, runProgram } from '../support/program.ts';
import {
  configuration,
  eip,
  externalNetwork,
  fip,
  network,
  pods,
  project,
  projects,
  service,
  vpc,
} from './manifests.ts';
import { scratchFolder } from './scratch.ts';

let ovn: EmbeddedOvn;
beforeEach(async () => {
  ovn = await startEmbeddedOvn();
});
afterEach(() => ovn.stop());

async function run(args: readonly string[], options: ProgramOptions = {}) {
  const folder = scratchFolder({ 'config.yaml': configuration });
  return runProgram([...args, '--nb', ovn.nb, '--config', join(folder, 'config.yaml')], options);
}

const written = { 'network.yaml': network };

interface AppliedJson {
  summary: { insert: number; update: number; delete: number; transactions: number };
  problems: { code: string; object: string; path: string; message: string; hint: string }[];
  addresses: Record<string, string>;
}
const parse = (text: string): AppliedJson => JSON.parse(text) as AppliedJson;

describe('plan', () => {
  test('2 for changes, 0 for none; text tells them by object', async () => {
    const folder = scratchFolder(written);
    const planned = await run(['plan', '-f', folder]);
    expect(planned).toMatchObject({ code: 2, stderr: '' });
    for (const part of ['Project/shalb/demo', 'Logical_Router', 'Service/shalb-demo/nginx', '100.65.0.2'])
      expect(planned.stdout).toContain(part);
    expect(await ovn.nbctl('lr-list')).toBe('');
    await run(['apply', '-f', folder]);
    expect(await run(['plan', '-f', folder])).toMatchObject({
      code: 0,
      stdout: 'Nothing to change.\n',
      stderr: '',
    });
  });

  test('an update shows old and new', async () => {
    const folder = scratchFolder(written);
    await run(['apply', '-f', folder]);
    writeFileSync(join(folder, 'network.yaml'), network.replace('vlan: 4013', 'vlan: 4014'));
    const { code, stdout } = await run(['plan', '-f', folder]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/4013.*4014/);
  });

  test('json has the changes beside the fields of apply', async () => {
    const { code, stdout } = await run(['plan', '-f', scratchFolder(written), '-o', 'json']);
    expect(code).toBe(2);
    const answer = JSON.parse(stdout) as AppliedJson & { changes: unknown[] };
    expect(Object.keys(answer)).toEqual(['summary', 'problems', 'addresses', 'changes']);
    expect(answer.changes).toHaveLength(2);
    expect(answer.summary.insert).toBeGreaterThan(10);
  });

  test('nbctl makes the same change: after it nothing but marks is left to do', async () => {
    const folder = scratchFolder(written);
    const { code, stdout } = await run(['plan', '-f', folder, '-o', 'nbctl']);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^#!\/bin\/sh\n/);
    expect(stdout.indexOf('localnet.ext-cloud')).toBeLessThan(stdout.indexOf('shalb-demo-ext-cloud'));
    const script = join(scratchFolder({ 'change.sh': stdout }), 'change.sh');
    const other = await startEmbeddedOvn();
    try {
      await promisify(execFile)('sh', [script], { env: { ...process.env, OVN_NB_DB: other.nb } });
      expect(await other.nbctl('lr-list')).toContain('(shalb-demo)');
      expect(await other.nbctl('lr-nat-list', 'shalb-demo')).toContain('10.0.10.171');
    } finally {
      await other.stop();
    }
  });

  test('no escape sequences where nobody watches', async () => {
    const { stdout } = await run(['plan', '-f', scratchFolder(written)], { env: { FORCE_COLOR: '1' } });
    expect(stdout).not.toContain('\u001B');
  });
});

describe('apply', () => {
  test('works where code must not be made from strings', async () => {
    const env = { NODE_OPTIONS: '--disallow-code-generation-from-strings' };
    const folder = scratchFolder(written);
    const first = await run(['apply', '-f', folder], { env });
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(await run(['apply', '-f', folder], { env })).toMatchObject({ stdout: 'Nothing to change.\n' });
  });

  test('0 and one line; the second time nothing', async () => {
    const folder = scratchFolder(written);
    const first = await run(['apply', '-f', folder]);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/^Done: \d+ rows inserted, 0 updated, 0 deleted, in 2 transactions\.\n$/);
    expect(await run(['apply', '-f', folder])).toMatchObject({ code: 0, stdout: 'Nothing to change.\n' });
    expect(await ovn.nbctl('lr-nat-list', 'shalb-demo')).toContain('10.0.10.171');
    expect(await ovn.nbctl('lr-lb-list', 'shalb-demo')).toContain('100.65.0.2:80');
  });

  test('json is exactly summary, problems and addresses', async () => {
    const { code, stdout, stderr } = await run(['apply', '-f', scratchFolder(written), '-o', 'json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const answer = parse(stdout);
    expect(Object.keys(answer)).toEqual(['summary', 'problems', 'addresses']);
    expect(answer.summary).toEqual({ insert: expect.any(Number), update: 0, delete: 0, transactions: 2 });
    expect(answer.problems).toEqual([]);
    expect(answer.addresses).toMatchObject({
      'EIp/shalb-demo/default-gw': '100.65.0.2',
      'EIp/shalb-demo/ssh-arti': '100.65.0.3',
    });
  });

  test('several -f, and stdin', async () => {
    const folder = scratchFolder({ 'network.yaml': [externalNetwork, project].join('---\n') });
    const more = scratchFolder({ 'pods.yaml': pods });
    const input = [eip, fip, service].join('---\n');
    const { code, stderr } = await run(['apply', '-f', folder, more, '-f', '-'], { input });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await ovn.nbctl('lr-nat-list', 'shalb-demo')).toContain('10.0.10.171');
  });

  test('3 when objects were rejected: each is named, the rest is programmed', async () => {
    const bad = project.replace('name: demo', 'name: bad').replace('10.0.10.0/24', '10.0.11.7/24');
    const { code, stdout, stderr } = await run([
      'apply',
      '-f',
      scratchFolder({ ...written, 'bad.yaml': bad }),
    ]);
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /^Project\/shalb\/bad: spec\.cidrBlock: .*10\.0\.11\.7\/24.* \(.*10\.0\.11\.0\/24.*\)$/m,
    );
    expect(stdout).toMatch(/^Done: /);
    expect(await ovn.nbctl('lr-list')).toContain('(shalb-demo)');
  });

  test('3 for a file that is no YAML, with its place; nothing is deleted meanwhile', async () => {
    await run(['apply', '-f', scratchFolder(written)]);
    const broken = scratchFolder({ 'network.yaml': 'kind: [\n  oops: }\n' });
    const { code, stdout, stderr } = await run(['apply', '-f', broken, '-o', 'json']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/network\.yaml.*line \d+|network\.yaml:\d+:\d+/);
    expect(parse(stdout).problems[0]).toMatchObject({ code: 'Unparsable' });
    expect(parse(stdout).summary.delete).toBe(0);
    expect(await ovn.nbctl('lr-list')).toContain('(shalb-demo)');
  });

  test('a problem of stdin is told as of stdin', async () => {
    const { stderr } = await run(['apply', '-f', '-'], { input: 'kind: [\n' });
    expect(stderr).toMatch(/^stdin\b/m);
    expect(stderr).not.toContain('/tmp');
  });

  test('1 for a mass delete, with count and names; done with the flag', async () => {
    const many = scratchFolder({ 'network.yaml': `${externalNetwork}---\n${projects(12)}` });
    await run(['apply', '-f', many]);
    const few = scratchFolder({ 'network.yaml': externalNetwork });
    const planned = await run(['plan', '-f', few]);
    expect(planned.code).toBe(2);
    expect(planned.stderr).toContain('--allow-mass-delete');
    const refused = await run(['apply', '-f', few]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^error: this deletes \d+ of the \d+ rows.*Project\/shalb\/p\d/m);
    expect(refused.stderr).toContain('--allow-mass-delete');
    expect(await ovn.nbctl('lr-list')).toContain('(shalb-p3)');
    expect(await run(['apply', '-f', few, '--allow-mass-delete'])).toMatchObject({ code: 0 });
    expect(await ovn.nbctl('lr-list')).toBe('');
  });

  test('removing every object leaves the database as empty as it was', async () => {
    const before = await ovn.nbctl('--bare', 'list', 'Copp');
    await run(['apply', '-f', scratchFolder(written)]);
    expect(await run(['apply', '-f', scratchFolder(), '--allow-mass-delete'])).toMatchObject({ code: 0 });
    for (const table of [
      'Logical_Router',
      'Logical_Switch',
      'Load_Balancer',
      'Address_Set',
      'HA_Chassis_Group',
    ])
      expect(`${table} ${await ovn.nbctl('--bare', '--columns=_uuid', 'list', table)}`).toBe(`${table} `);
    expect(await ovn.nbctl('--bare', 'list', 'Copp')).toBe(before);
  });

  test('rows of Kube-OVN are a reason to refuse, unless told', async () => {
    await ovn.nbctl(
      'ls-add',
      'theirs',
      '--',
      'set',
      'Logical_Switch',
      'theirs',
      'external_ids:vendor=kube-ovn',
    );
    try {
      const refused = await run(['apply', '-f', scratchFolder(written)]);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toMatch(/^error: .*Kube-OVN.*--allow-shared-nb/ms);
      expect(await run(['apply', '-f', scratchFolder(written), '--allow-shared-nb'])).toMatchObject({
        code: 0,
      });
      expect(await ovn.nbctl('ls-list')).toContain('(theirs)');
    } finally {
      await ovn.nbctl('ls-del', 'theirs');
    }
  });

  test('two owners do not touch each other', async () => {
    await run(['apply', '-f', scratchFolder(written)]);
    const lab = scratchFolder({ 'network.yaml': vpc });
    await run(['apply', '-f', lab, '--owner', 'lab']);
    expect(await ovn.nbctl('lr-list')).toMatch(/\(lab\)[^]*\(shalb-demo\)/);
    await run(['apply', '-f', scratchFolder(), '--owner', 'lab']);
    expect(await ovn.nbctl('lr-list')).toMatch(/^[^\n]*\(shalb-demo\)\n$/);
  });
});
