// `demo --packets`: what a newcomer sees, how it ends, and what it leaves behind.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { namespacesBelow, remainsOf } from '../support/lab-remains.ts';
import { forEachLabVersion } from '../support/lab-world.ts';
import { ovnVersions } from '../support/ovn-programs.ts';
import { type RunningProgram, startProgram } from '../support/program.ts';

const execute = promisify(execFile);

interface Demonstration {
  readonly program: RunningProgram;
  stdout(): string;
  /** Resolves with the folder when the text is there. */
  until(text: string): Promise<string>;
}

/** `folders`: where the programs of the version are. */
function startDemo(folders: readonly string[], ...flags: readonly string[]): Demonstration {
  const PATH = [...folders, process.env['PATH']].join(':');
  const program = startProgram(['demo', '--packets', ...flags], { env: { PATH } });
  onTestFinished(() => void program.process.kill('SIGKILL'));
  let stdout = '';
  program.process.stdout?.on('data', (text: string) => (stdout += text));
  const folder = (): string => /\/\S*ovn-lab-\w+/.exec(stdout)?.[0] ?? '';
  return {
    program,
    stdout: () => stdout,
    until: async (text) => {
      await vi.waitFor(() => expect(stdout).toContain(text), { timeout: 60_000, interval: 20 });
      return folder();
    },
  };
}

forEachLabVersion('demo --packets', (folders, version) => {
  test('walks every path, ends with 0 and leaves nothing behind', async () => {
    const demo = startDemo(folders, '--once');
    const directory = await demo.until('1. Out');
    const places = { directory, namespaces: namespacesBelow(demo.program.process.pid!) };
    expect(places.namespaces.length).toBeGreaterThan(10);
    const { code, stdout, stderr } = await demo.program.ended;
    expect(stderr).toBe('');
    expect(stdout).not.toContain('✗');
    expect(stdout).toMatch(/Every packet went the way it should, in \d+ s\.\n$/);
    expect(code).toBe(0);
    expect(stdout.match(/^\d\. \w+/gm)).toHaveLength(8);
    expect(stdout.match(/^ {3}✓ /gm)!.length).toBeGreaterThan(25);
    expect(stdout).toContain(`OVN ${version}`);
    expect(stdout).toMatch(/SNAT and Services +back after \d\.\d s/);
    expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([]);
    await expect.poll(() => remainsOf(places)).toEqual([]);
  });

  // How it fails and ends is no matter of OVN's version.
  if (version !== ovnVersions.at(-1)) return;

  test('says which path does not behave, goes on, and ends with 1', async () => {
    const demo = startDemo(folders, '--once');
    const directory = await demo.until('ovn-projector run');
    const nbctl = [...folders.map((folder) => join(folder, 'ovn-nbctl')), 'ovn-nbctl'][0]!;
    const hole = ['to-lport', '2000', 'outport == "debian.acme-shop" && ip4.src == 168.119.17.51', 'drop'];
    // A row of somebody else: it stays.
    await vi.waitFor(
      () =>
        execute(nbctl, [`--db=unix:${directory}/central/nb.sock`, 'acl-add', 'acme-shop-default', ...hole]),
      { timeout: 20_000, interval: 50 },
    );
    const { code, stdout } = await demo.program.ended;
    expect(stdout.match(/^ {3}✗ .*/gm)?.map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
      ' ✗ teller.acme-bank 10.0.20.10 tcp 100.65.0.101:2222 silent: timeout',
    ]);
    expect(stdout).toContain('8. Gateway');
    expect(code).toBe(1);
  });

  test.for(['SIGINT', 'SIGKILL'] as const)('leaves nothing behind after %s', async (signal) => {
    const demo = startDemo(folders);
    const directory = await demo.until('2. In');
    const places = { directory, namespaces: namespacesBelow(demo.program.process.pid!) };
    expect(places.namespaces.length).toBeGreaterThan(10);
    demo.program.process.kill(signal);
    const { code } = await demo.program.ended;
    expect(code).toBe(signal === 'SIGINT' ? 0 : null);
    await expect.poll(() => remainsOf(places)).toEqual([]);
  });
});
