// The embedded OVN central: it works, it leaves nothing behind, and it never outlives the program.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
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
import { afterEach, describe, expect, test, vi } from 'vitest';
import { startEmbeddedOvn } from '../../src/embedded/central.ts';
import { schemaFile } from '../../src/embedded/schema-file.ts';

const central = new URL('../../src/embedded/central.ts', import.meta.url).href;
const folders: string[] = [];
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
const scratch = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'embedded-test-'));
  folders.push(folder);
  return folder;
};

/** Pids of processes that have `text` in their arguments. */
function processesOf(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        return false;
      }
    })
    .map(Number);
}

describe('embedded OVN', () => {
  test('northd compiles what is written, and stop leaves nothing behind', async () => {
    const ovn = await startEmbeddedOvn();
    await ovn.nbctl('ls-add', 'blue');
    await ovn.nbctl('--wait=sb', 'sync');
    expect(await ovn.sbctl('--bare', '--columns=external_ids', 'list', 'Datapath_Binding')).toContain(
      'name=blue',
    );
    expect(await ovn.northdLog()).toContain('ovn-northd lock acquired');
    expect(processesOf(ovn.directory)).toHaveLength(3);
    await ovn.stop();
    expect(existsSync(ovn.directory)).toBe(false);
    expect(processesOf(ovn.directory)).toEqual([]);
  });

  test('a folder of the caller is kept, and used again with what is in it', async () => {
    const directory = scratch();
    const first = await startEmbeddedOvn({ directory });
    await first.nbctl('ls-add', 'kept');
    await first.stop();
    const second = await startEmbeddedOvn({ directory });
    expect(await second.nbctl('ls-list')).toContain('(kept)');
    await second.stop();
    expect(existsSync(directory)).toBe(true);
  });

  test('it dies with a program that is killed', async () => {
    const directory = scratch();
    const script = `const { startEmbeddedOvn } = await import(${JSON.stringify(central)});
      await startEmbeddedOvn({ directory: ${JSON.stringify(directory)} });
      console.log('up');
      setInterval(() => {}, 1000);`;
    const program = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(program);
    await once(program.stdout, 'data');
    expect(processesOf(`${directory}/`).length).toBeGreaterThanOrEqual(3);
    program.kill('SIGKILL');
    await vi.waitFor(() => expect(processesOf(`${directory}/`)).toEqual([]), { timeout: 5000, interval: 20 });
  });

  test('missing programs are named with what to install', async () => {
    await expect(startEmbeddedOvn({ programFolders: [scratch()] })).rejects.toMatchObject({
      code: 'EMBEDDED_PROGRAM_MISSING',
      message: expect.stringMatching(/ovsdb-server.*ovn-northd.*apt-get install ovn-central/),
    });
  });
});

describe('the schema file of a new database', () => {
  test.each([
    ['the installed one first', ['ovn-nb.ovsschema'], '7.0.0', 'installed/ovn-nb.ovsschema'],
    ['else the copy of the installed programs’ version', [], '7.0.0', 'project/ovn-nb-7.0.0.ovsschema'],
    ['else the newest copy, by number', [], undefined, 'project/ovn-nb-7.11.0.ovsschema'],
  ])('%s', (_name, installed, version, expected) => {
    const folder = scratch();
    const at = (name: string): string => join(folder, name);
    for (const name of ['installed', 'project']) mkdirSync(at(name));
    for (const name of installed) writeFileSync(at(`installed/${name}`), '{}');
    for (const number of ['7.0.0', '7.2.0', '7.11.0'])
      writeFileSync(at(`project/ovn-nb-${number}.ovsschema`), '{}');
    const found = schemaFile('nb', version, { installed: [at('installed')], project: at('project') });
    expect(found).toBe(at(expected));
  });

  test('none at all', () => {
    expect(schemaFile('sb', '1', { installed: [], project: scratch() })).toBeUndefined();
  });
});
