// The lab itself: what it leaves behind.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readlinkSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { collectEvidence } from '../../src/lab/evidence.ts';
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

  test('keeps what one wants to see after a failure, the last probe above all', async () => {
    await using lab = await startLab({ programFolders: folders });
    await using host = await lab.outside('host', {
      network: 'ext-cloud',
      vlan: 4013,
      addresses: ['100.65.0.10/16'],
    });
    await host.tcp('100.65.0.99:80', { timeoutMs: 200 });
    const folder = await mkdtemp(join(tmpdir(), 'lab-evidence-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await collectEvidence(lab, folder);
    const text = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
    expect(await text('trace.txt')).toContain('host → tcp 100.65.0.99:80\nnobody answers for 100.65.0.99');
    expect(await text('packets.txt')).toMatch(/tcpdump is not installed|who-has 100\.65\.0\.99/);
    expect(await text('host-host.txt')).toContain('100.65.0.10/16');
    expect(await text('sbctl-show.txt')).toContain('Chassis chassis-1');
    expect(await text('chassis-1.txt')).toContain('Bridge br-int');
    for (const log of ['chassis-1/ovn-controller.log', 'chassis-1/ovs-vswitchd.log', 'central/northd.log'])
      expect(await text(`lab/${log}`)).not.toBe('');
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
