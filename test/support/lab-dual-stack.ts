// What tests of IPv6 need: external networks with both families, and a real DHCPv6 client.
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from '../../src/embedded/child.ts';
import type { Host } from '../../src/lab/host.ts';
import type { LabObject } from './lab-objects.ts';

/** The external networks of the examples; `families` as `cidr` has them. */
export function dualNetworks(families: '4' | '6' | '4,6' = '4,6'): readonly LabObject[] {
  return [
    network('ext-cloud', 'cloud', 4013, pick(families, '100.65.0.0/16', '2001:db8:65::/64'), {
      gateway: pick(families, '100.65.0.1', '2001:db8:65::1'),
      excludeIps: pick(families, '100.65.0.2..100.65.0.100', '2001:db8:65::2..2001:db8:65::ff').split(','),
    }),
    network('ext-public', 'public', 4011, pick(families, '168.119.17.48/28', '2001:db8:168::/64'), {
      gateway: pick(families, '168.119.17.49', '2001:db8:168::1'),
      excludeIps: pick(families, '168.119.17.60', '2001:db8:168::2..2001:db8:168::ff').split(','),
    }),
  ];
}

function pick(families: string, narrow: string, wide: string): string {
  return families
    .split(',')
    .map((family) => (family === '4' ? narrow : wide))
    .join(',');
}

function network(name: string, type: string, vlan: number, cidr: string, more: object): LabObject {
  return {
    apiVersion: 'ovn.kube-dc.com/v1alpha1',
    kind: 'ExternalNetwork',
    metadata: { name },
    spec: { type, cidr, vlan, physicalNetwork: 'ext-cloud', ...more },
  };
}

/** Why there can be no DHCPv6 client here; undefined when there can. */
export const whyNoDhcpv6Client =
  findProgram('dhclient') === undefined
    ? 'dhclient is not installed: `apt-get install isc-dhcp-client`'
    : undefined;

const script = `#!/bin/sh
case "$reason" in BOUND6) ;; *) exit 0 ;; esac
ip -6 address add "$new_ip6_address/128" dev "$interface" nodad
env | grep '^new_' >"$OUTPUT"
`;

/** Asks for an address by DHCPv6, which eth0 then has. Undefined: nobody answered in five seconds. */
export async function askByDhcpv6(
  host: Host,
  folder: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  const [client, output] = [join(folder, 'dhclient.sh'), join(folder, `${host.name}.dhcpv6`)];
  await writeFile(client, script);
  await chmod(client, 0o755);
  const files = ['-sf', client, '-lf', `${output}.leases`, '-pf', `${output}.pid`];
  const asked = await host.exec(
    'timeout',
    '5',
    'dhclient',
    '-6',
    '-1',
    '-e',
    `OUTPUT=${output}`,
    ...files,
    'eth0',
  );
  // It stays to renew its lease, which here lasts for ever.
  await host.exec('dhclient', '-6', '-x', ...files, 'eth0');
  if (asked.code !== 0) return undefined;
  const lines = (await host.script('cat "$1"', output)).trim().split('\n');
  return Object.fromEntries(lines.map((line) => [line.split('=', 1)[0] ?? '', line.replace(/^[^=]*=/, '')]));
}
