// The lab itself: what it leaves behind.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startLab } from '../../src/lab/lab.ts';
import { type LabPlaces, processesOf } from '../support/lab-remains.ts';
import { forEachLabVersion } from '../support/lab-world.ts';

forEachLabVersion('the lab', (folders) => {
  test('leaves nothing behind when its owner is killed', async () => {
    const owner = fileURLToPath(new URL('../support/lab-owner.ts', import.meta.url));
    const child = spawn(process.execPath, [owner, ...folders], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const remains = JSON.parse(line.toString()) as LabPlaces;
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
