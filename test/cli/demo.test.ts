// `demo --once`, and `demo` that stays: the first thing that a stranger runs must work.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { runProgram, startProgram } from '../support/program.ts';

const folderOf = (text: string): string => /runs in (\S+)\./.exec(text)?.[1] ?? '';

test('demo --once plays every step, ends with 0 and leaves nothing behind', async () => {
  const { code, stdout, stderr } = await runProgram(['demo', '--once']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const headings = stdout.split('\n').filter((line) => /^\d\. /.test(line));
  expect(headings.map((line) => line.replace(/:.*/, ''))).toEqual([
    '1. Plan',
    '2. Apply',
    '3. Apply again',
    '4. Drift',
    '5. Show',
  ]);
  expect(stdout).toMatch(/\$ ovn-projector apply -f .*\n {3}Done: \d+ rows inserted/);
  expect(stdout).toContain('Nothing to change.');
  expect(stdout).toMatch(/back after \d+ ms/);
  expect(stdout).toMatch(/100\.65\.0\.101 +ovn-cluster +router, SNAT/);
  expect(stdout).toMatch(/100\.65\.0\.102 +project-a/);
  expect(stdout).toContain('ovn-northd has compiled all of it without a warning.');
  expect(existsSync(folderOf(stdout))).toBe(false);
});

test('demo stays and follows the scratch copy until Ctrl-C', async () => {
  const program = startProgram(['demo']);
  onTestFinished(() => void program.process.kill('SIGKILL'));
  let stdout = '';
  program.process.stdout?.on('data', (text: string) => (stdout += text));
  await vi.waitFor(() => expect(stdout).toMatch(/6\. Follow[^]*in step/), { timeout: 60_000, interval: 50 });
  const folder = folderOf(stdout);
  expect(readdirSync(`${folder}/networks`)).toContain('external-networks.yaml');
  program.process.kill('SIGINT');
  expect((await program.ended).code).toBe(0);
  expect(existsSync(folder)).toBe(false);
  const left = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => commandLine(pid).includes(folder));
  expect(left).toEqual([]);
});

test('demo --packets without root says so, and ends with 1', async () => {
  const node = [process.execPath, 'src/main.ts', 'demo', '--packets', '--once'];
  const nobody = ['setpriv', '--reuid=65534', '--clear-groups', ...node];
  const [program = '', ...args] = process.getuid?.() === 0 ? nobody : node;
  const failure = await promisify(execFile)(program, args).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('a lab needs root') });
});

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
