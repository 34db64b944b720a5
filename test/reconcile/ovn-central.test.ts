// The rig of the reconcile tier: each OVN version starts, compiles, restarts and ends without a trace.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn, ovnVersions } from '../support/ovn-programs.ts';

/** Command lines of all processes that mention `text`. */
function processesOf(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8')];
      } catch {
        return []; // ended meanwhile
      }
    })
    .filter((line) => line.includes(text));
}

describe.each(ovnVersions)('OVN %s', (version) => {
  test.skipIf(!hasOvn(version))('compiles, survives a restart of NB, leaves nothing behind', async () => {
    const central = await startOvnCentral({ version });
    expect(await central.northdLog()).toContain(`OVN internal version is : [${version}`);
    await central.nbctl('ls-add', 'blue');
    await central.compiled();
    expect(await central.sbctl('--bare', '--columns=external_ids', 'list', 'Datapath_Binding')).toContain(
      'blue',
    );
    expect(await central.northdWarnings()).toEqual([]);

    await central.restartNb();
    expect(await central.nbctl('--bare', '--columns=name', 'list', 'Logical_Switch')).toBe('blue\n');
    await central.compiled();

    expect(processesOf(central.directory)).toHaveLength(3);
    await central.stop();
    expect(existsSync(central.directory)).toBe(false);
    expect(processesOf(central.directory)).toEqual([]);
  });

  test.skipIf(!hasOvn(version))('daemons end with a test process that is killed', async () => {
    const rig = new URL('../support/ovn-central.ts', import.meta.url).href;
    const script = `const { startOvnCentral } = await import(${JSON.stringify(rig)});
      console.log((await startOvnCentral({ version: ${JSON.stringify(version)}, northd: false })).directory);
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const directory = line.toString().trim();
    expect(processesOf(directory)).toHaveLength(2);
    child.kill('SIGKILL');
    await vi.waitFor(() => expect(processesOf(directory)).toEqual([]), { timeout: 10_000 });
    rmSync(directory, { recursive: true });
  });
});
