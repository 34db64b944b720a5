// The lab itself: what it leaves behind.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startLab } from '../../src/lab/lab.ts';
import { forEachLabVersion } from '../support/lab-world.ts';

interface Remains {
  readonly directory: string;
  /** `net:[4026532290]` */
  readonly namespaces: readonly string[];
}

/** Processes that have to do with a lab: they are in its namespaces or name its folder. */
function processesOf({ directory, namespaces }: Remains): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const namespace = readlinkSync(`/proc/${pid}/ns/net`);
        return command.includes(directory) || namespaces.includes(namespace) ? [`${pid} ${command}`] : [];
      } catch {
        return []; // it has just ended
      }
    });
}

forEachLabVersion('the lab', (folders) => {
  test('leaves nothing behind when its owner is killed', async () => {
    const owner = fileURLToPath(new URL('../support/lab-owner.ts', import.meta.url));
    const child = spawn(process.execPath, [owner, ...folders], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const remains = JSON.parse(line.toString()) as Remains;
    expect(processesOf(remains).length).toBeGreaterThan(10);
    expect(existsSync(remains.directory)).toBe(true);
    child.kill('SIGKILL');
    await expect.poll(() => processesOf(remains)).toEqual([]);
    await expect.poll(() => existsSync(remains.directory)).toBe(false);
  });

  test('leaves nothing behind when it is stopped', async () => {
    const lab = await startLab({ programFolders: folders });
    const namespaces = [lab.fabric.switch, ...lab.chassis.map((chassis) => chassis.switch)].map(
      ({ namespace }) => readlinkSync(`/proc/${namespace.pid}/ns/net`),
    );
    const remains = { directory: lab.directory, namespaces };
    await lab.outside('host', { network: 'ext-cloud', vlan: 4013, addresses: ['100.65.0.10/16'] });
    await lab.stop();
    await expect.poll(() => processesOf(remains)).toEqual([]);
    expect(existsSync(remains.directory)).toBe(false);
  });
});
