// Names in the lab: a resolver on a host outside, and what programs in a workload make of a name.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../../src/lab/host.ts';

/** Answers every question for A with one address, and that there is nothing for any other type. */
const resolver = `
const { createSocket } = require('node:dgram');
const [address, answer] = process.argv.slice(1);
const socket = createSocket('udp4');
socket.on('message', (question, { address: client, port }) => {
  let end = 12;
  while (question[end] !== 0) end += question[end] + 1;
  const isA = question.readUInt16BE(end + 1) === 1;
  const head = Buffer.concat([question.subarray(0, 2), Buffer.from([0x81, 0x80, 0, 1, 0, isA ? 1 : 0, 0, 0, 0, 0])]);
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...answer.split('.').map(Number)]);
  socket.send([head, question.subarray(12, end + 5), ...(isA ? [record] : [])], port, client);
});
socket.bind(53, address);
`;

/** Starts a resolver that answers every name with `answer`; it ends with us. */
export async function startResolver(host: Host, address: string, answer: string): Promise<void> {
  await host.namespace.daemon(process.execPath, ['-e', resolver, address, answer], {});
}

/**
 * Resolves a name as programs do, with the C library and an `/etc/resolv.conf` that only they see. Returns the first
 * address; empty when there is none.
 */
export async function resolveAsPrograms(
  host: Host,
  configuration: { readonly dns: string; readonly search: string; readonly folder: string },
  name: string,
): Promise<string> {
  const { dns, search, folder } = configuration;
  const file = join(folder, 'resolv.conf');
  await writeFile(file, `nameserver ${dns}\nsearch ${search}\noptions timeout:1 attempts:2\n`);
  const inside = 'mount --bind "$1" "$(readlink -f /etc/resolv.conf)" && exec getent ahosts "$2"';
  const { stdout } = await host.exec('unshare', '--mount', 'sh', '-c', inside, 'sh', file, name);
  return stdout.split(' ', 1)[0] ?? '';
}
