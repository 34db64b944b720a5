// What one wants to see after something went wrong in a lab, written into a folder.
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findProgram } from '../embedded/child.ts';
import type { Chassis } from './chassis.ts';
import type { Host } from './host.ts';
import type { Lab, LabProbe } from './lab.ts';
import { microflowOf } from './microflow.ts';

/**
 * Writes logs, the logical and the physical network, what each host knows, and of the last probe an ovn-trace and a
 * packet dump of sending it again. What cannot be had is left out: the reason stands in its file.
 */
export async function collectEvidence(lab: Lab, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { ovn, chassis, hosts, lastProbe } = lab;
  const keep = async (name: string, text: () => Promise<string>): Promise<void> => {
    await writeFile(join(folder, name), await text().catch(String));
  };
  if (lastProbe !== undefined) {
    await keep('trace.txt', () => traceProbe(lab, lastProbe));
    await keep('packets.txt', () => dumpProbe(lab, lastProbe));
  }
  await keep('nbctl-show.txt', () => ovn.nbctl('show'));
  await keep('sbctl-show.txt', () => ovn.sbctl('show'));
  await keep('logical-flows.txt', () => ovn.sbctl('lflow-list'));
  for (const one of chassis) await keep(`${one.name}.txt`, () => describeChassis(one));
  for (const host of hosts) await keep(`host-${host.name}.txt`, () => describeHost(host));
  const isWanted = (path: string): boolean => !/\.(?:sock|ctl|mgmt|snoop|pid|db|~lock~)$|\.lock$/.test(path);
  await cp(lab.directory, join(folder, 'lab'), {
    recursive: true,
    filter: (path) => isWanted(path) && !path.includes('.ctl'),
  });
}

async function traceProbe(lab: Lab, probe: LabProbe): Promise<string> {
  const title = `${probe.host.name} → ${probe.protocol} ${probe.target}\n`;
  const found = await microflowOf(probe, lab.ovn);
  if ('missing' in found) return `${title}${found.missing}\n`;
  return `${title}ovn-trace '${found.microflow}'\n\n${await lab.trace(found.microflow)}`;
}

/** Sends the probe once more while tcpdump, where there is one, looks at every host. */
async function dumpProbe(lab: Lab, { host, protocol, target }: LabProbe): Promise<string> {
  if (findProgram('tcpdump') === undefined) return 'tcpdump is not installed\n';
  const dumps = [...lab.hosts].map(async ({ name, namespace }) => {
    const options = ['-i', 'any', '-n', '-e', '-l', '-c', '50'];
    const { stdout } = await namespace.exec(['timeout', '4', 'tcpdump', ...options]);
    return `== ${name}\n${stdout}`;
  });
  await delay(1000); // tcpdump says nowhere that it has begun
  const result =
    protocol === 'icmp'
      ? await host.ping(target, { timeoutMs: 2000 })
      : await host[protocol](target, { timeoutMs: 2000 });
  return [JSON.stringify(result), ...(await Promise.all(dumps))].join('\n');
}

async function describeChassis({ switch: ovs }: Chassis): Promise<string> {
  const parts = [
    await ovs.vsctl('show'),
    await ovs.appctl('dpctl/dump-conntrack'),
    await ovs.appctl('dpctl/dump-flows'),
    // What the datapath itself dropped, for example `datapath_drop_recirc_error`.
    await ovs.appctl('coverage/show'),
    await ovs.flows('br-int'),
  ];
  return parts.join('\n---\n');
}

async function describeHost({ namespace }: Host): Promise<string> {
  return namespace.script('ip address; ip route; ip -6 route; ip neigh');
}
