// A real DHCP client in a host of the lab: busybox's udhcpc.
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from '../embedded/child.ts';
import type { Host } from './host.ts';

/** Why there can be no DHCP client here; undefined when there can. */
export const whyNoDhcpClient =
  findProgram('udhcpc') === undefined ? 'udhcpc is not installed: `apt-get install udhcpc`' : undefined;

/** What udhcpc hands to its script: `ip`, `mask` (a length), `router`, `dns`, `mtu`, `lease`, `serverid` … */
export type DhcpLease = Readonly<Record<string, string>>;

/** Configures the port from what it is told, and prints that. */
const script = `#!/bin/sh
case "$1" in bound) ;; *) exit 0 ;; esac
ip address flush dev "$interface"
ip address add "$ip/$mask" dev "$interface"
ip route replace default via "$router" dev "$interface"
[ -z "$mtu" ] || ip link set dev "$interface" mtu "$mtu"
env
`;

/**
 * Takes the addresses of `eth0` away and asks for new ones, which it then has. Undefined: nobody answered in two
 * seconds. `folder`: for the client's script.
 */
export async function askByDhcp(host: Host, folder: string): Promise<DhcpLease | undefined> {
  const file = join(folder, 'udhcpc.sh');
  await writeFile(file, script);
  await chmod(file, 0o755);
  await host.script('ip address flush dev eth0; ip link set dev eth0 mtu 1500');
  const wanted = ['mtu', 'search', 'domain', 'hostname'].flatMap((option) => ['-O', option]);
  const once = ['-f', '-n', '-q', '-t', '2', '-T', '1'];
  const { code, stdout } = await host.exec('udhcpc', '-i', 'eth0', '-s', file, ...once, ...wanted);
  if (code !== 0) return undefined;
  return Object.fromEntries(
    stdout.split('\n').flatMap((line) => {
      const [, name, value] = /^([a-z]\w*)=(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}
