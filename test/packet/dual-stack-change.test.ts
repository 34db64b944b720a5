// A second family for running networks, and a second network for both: what is there already notices nothing.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Host } from '../../src/lab/host.ts';
import { dualNetworks } from '../support/lab-dual-stack.ts';
import { eip, fip, pod, project, service } from '../support/lab-objects.ts';
import { describeLab } from '../support/lab-world.ts';
import type { LabWorld } from '../support/lab-world.ts';

const web = { app: 'web' };
const narrow = '10.0.10.0/24';
const both = `${narrow},fd00:10::/64`;
const internet = { 4: '203.0.113.1', 6: '2001:db8:203::1' } as const;

/** Writes a byte every 50 ms until the file `stop` is there, then says how many were sent and how many came back. */
const talker = `
const { connect } = require('node:net');
const { existsSync } = require('node:fs');
const [host, port, stop] = process.argv.slice(1);
const socket = connect({ host, port: Number(port), allowHalfOpen: true });
let sent = 0;
let echo = '';
const timer = setInterval(() => {
  if (!existsSync(stop)) return void (socket.write('x'), (sent += 1));
  clearInterval(timer);
  socket.end();
}, 50);
socket.on('error', (error) => { console.log(error.message); process.exit(1); });
socket.on('data', (text) => (echo += text));
socket.on('end', () => { console.log(JSON.stringify({ sent, back: echo.split('\\n')[1].length })); process.exit(0); });
`;

/** A connection that is used all the time. */
async function talk(world: LabWorld, from: Host, host: string, port: number, name: string) {
  const stop = join(world.lab.directory, name);
  const ended = from.exec(process.execPath, '-e', talker, host, String(port), stop);
  return {
    end: async (): Promise<{ readonly sent: number; readonly back: number }> => {
      await writeFile(stop, '');
      const { stdout, stderr } = await ended;
      return JSON.parse(stdout || JSON.stringify({ failed: stderr })) as { sent: number; back: number };
    },
  };
}

const objects = [
  ...dualNetworks('4'),
  project('shop/grow', narrow, 'cloud'),
  pod('shop-grow/web', { labels: web }),
  pod('shop-grow/client'),
  eip('shop-grow/x'),
  service('shop-grow/web', { eip: 'x', ports: ['80'], selector: web }),
];

describeLab('A family that comes and goes', { objects }, (world) => {
  const rowOf = (table: string, name: string, columns: string): Promise<string> =>
    world.lab.ovn.nbctl('--bare', `--columns=${columns}`, 'find', table, `name=${name}`);

  test('while a connection of IPv4 is in use', async () => {
    const [client, server] = [await world.pod('shop-grow/client'), await world.pod('shop-grow/web')];
    const outsider = await world.neighbour('outsider', 4013, '100.65.0.10,2001:db8:65::10');
    await using _out = await world.upstream.listen('tcp', 80);
    await using _in = await server.listen('tcp', 80, 6);
    const vip = await world.eip('shop-grow/x');
    await expect.poll(() => client.tcp(`${internet[4]}:80`)).toMatchObject({ outcome: 'answered' });
    await expect.poll(() => outsider.tcp(`${vip}:80`)).toMatchObject({ outcome: 'answered' });
    const out = await talk(world, client, internet[4], 80, 'out');
    const inward = await talk(world, outsider, vip, 80, 'in');
    const mac = await rowOf('Logical_Router_Port', 'shop-grow-ext-cloud', 'mac');

    await world.put(...dualNetworks(), project('shop/grow', both, 'cloud'));
    const wide = await world.eip('shop-grow/default-gw', 6);
    const own = await rowOf('Logical_Switch_Port', 'client.shop-grow', 'addresses');
    const address = own.trim().split(' ')[2] ?? '';
    // As the node's CNI would.
    for (const [host, name] of [
      [client, 'client'],
      [server, 'web'],
    ] as const) {
      const [, , six = ''] = (await rowOf('Logical_Switch_Port', `${name}.shop-grow`, 'addresses'))
        .trim()
        .split(' ');
      await host.script('ip address add "$1/64" dev eth0 nodad; ip route add default via fd00:10::1', six);
    }
    await using _out6 = await world.upstream.listen('tcp', 81, 6);
    await expect
      .poll(() => client.tcp(`[${internet[6]}]:81`))
      .toMatchObject({ outcome: 'answered', client: wide });
    await expect
      .poll(async () => outsider.tcp(`[${await world.eip('shop-grow/x', 6)}]:80`))
      .toMatchObject({ outcome: 'answered', client: '2001:db8:65::10' });
    expect(await client.ping(internet[6])).toMatchObject({ received: 1 });
    expect(await rowOf('Logical_Router_Port', 'shop-grow-ext-cloud', 'mac')).toBe(mac);

    await world.put(project('shop/grow', narrow, 'cloud'));
    await expect
      .poll(() => rowOf('Logical_Switch_Port', 'client.shop-grow', 'addresses'))
      .not.toContain(address);
    await world.lab.settled();
    expect((await client.tcp(`[${internet[6]}]:81`, { timeoutMs: 700 })).outcome).not.toBe('answered');
    expect(await world.lab.ovn.nbctl('find', 'NAT', `external_ip="${wide}"`)).toBe('');

    for (const connection of [out, inward]) {
      const { sent, back } = await connection.end();
      expect(sent).toBeGreaterThan(5);
      expect(back).toBe(sent);
    }
    expect(await world.eip('shop-grow/x')).toBe(vip);
  });
});

const isPublic = { annotations: { 'network.kube-dc.com/external-network-type': 'public' } };
const far = [
  ...dualNetworks(),
  project('shop/far', both, 'cloud'),
  pod('shop-far/web', { labels: web, address: '10.0.10.20,fd00:10::20' }),
  pod('shop-far/plain', { labels: { app: 'plain' } }),
  pod('shop-far/near'),
  service('shop-far/cloud', { eip: 'default-gw', ports: ['80'], selector: web }),
  service('shop-far/plain', { ports: ['8080:81'], selector: { app: 'plain' }, ...isPublic }),
  service('shop-far/public', { ports: ['80'], selector: web, ...isPublic }),
  fip('shop-far/web', { ipAddress: '10.0.10.20,fd00:10::20', externalNetworkType: 'public' }),
];

describeLab(
  'A second network of both families',
  { objects: far, chassis: 2, gateways: [1], switchVersion: '25.03' },
  (world) => {
    const target = async (name: string, port: number): Promise<string> =>
      `[${await world.eip(`shop-far/${name}`, 6)}]:${port}`;
    const answered = async (client: Host, to: string, server: Host): Promise<void> => {
      await expect.poll(() => client.tcp(to)).toMatchObject({ outcome: 'answered', server: server.name });
    };

    test('replies leave by the network that their connection came in on', async () => {
      const [server, near] = [await world.pod('shop-far/web', 2), await world.pod('shop-far/near', 1)];
      const plain = await world.pod('shop-far/plain', 2);
      await using _ = await server.listen('tcp', 80, 6);
      await using _plain = await plain.listen('tcp', 81, 6);
      await using _upstream = await world.upstream.listen('tcp', 80, 6);
      await using _near = await near.listen('tcp', 80, 6);
      const cloudClient = await world.neighbour('cloud-client', 4013, '2001:db8:65::10');
      const publicClient = await world.neighbour('public-client', 4011, '2001:db8:168::10');
      await answered(cloudClient, await target('default-gw', 80), server);
      await answered(publicClient, await target('slb-plain', 8080), plain);
      // Before 24.03, the port of the cloud Service is answered by the cloud alone.
      if (world.version !== '23.03') {
        await answered(publicClient, await target('slb-public', 80), server);
        await answered(publicClient, await target('fip-web', 80), server);
      }
      await expect
        .poll(() => server.tcp(`[${internet[6]}]:80`))
        .toMatchObject({ outcome: 'answered', client: await world.eip('shop-far/fip-web', 6) });
      await expect
        .poll(() => plain.tcp(`[${internet[6]}]:80`))
        .toMatchObject({ outcome: 'answered', client: await world.eip('shop-far/default-gw', 6) });
      await answered(server, `[${near.address.includes(':') ? near.address : 'fd00:10::2'}]:80`, near);
      await answered(near, '[fd00:10::20]:80', server);
    });
  },
);
