// An ear for those who ask by DHCP on a segment of the lab.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { Host } from '../../src/lab/host.ts';

/** Writes the MAC of everybody who asks on the segment to a file, a line each, and answers nobody. */
const ear = `
const { appendFileSync, writeFileSync } = require('node:fs');
const [file] = process.argv.slice(1);
const socket = require('node:dgram').createSocket('udp4');
socket.on('message', (bytes) => appendFileSync(file, bytes.subarray(28, 34).toString('hex') + '\\n'));
socket.bind(67, () => writeFileSync(file, ''));
`;

/** Listens where a DHCP server would, until the host ends. Returns the MACs of those who asked so far. */
export async function overhearDhcp(host: Host, folder: string): Promise<() => Promise<readonly string[]>> {
  const file = join(folder, `dhcp-questions-${host.name}`);
  await host.namespace.daemon(process.execPath, ['-e', ear, file], {});
  const heard = async (): Promise<string[]> => {
    const macs = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
    return macs.map((mac) => mac.replaceAll(/..(?=.)/g, '$&:'));
  };
  await vi.waitUntil(() => heard().then(Boolean, () => false));
  return heard;
}
