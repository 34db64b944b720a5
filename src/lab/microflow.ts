// A probe as ovn-trace wants it: the first packet of it, at the logical port where OVN first sees it.
import type { EmbeddedOvn } from '../embedded/central.ts';
import type { Host, LogicalOrigin } from './host.ts';
import type { LabProbe } from './lab.ts';

interface Route {
  readonly dev: string;
  readonly gateway?: string;
  readonly prefsrc: string;
}

/**
 * Returns the expression for `ovn-trace`, or a sentence that says why there is none: the host has no route, or nobody
 * answered its question for the next hop's MAC. Source: ovn-trace(8).
 */
export async function microflowOf(
  { host, protocol, target }: LabProbe,
  ovn: EmbeddedOvn,
): Promise<{ readonly microflow: string } | { readonly missing: string }> {
  const [address = '', port = ''] = splitTarget(target, protocol !== 'icmp');
  const family = address.includes(':') ? '6' : '4';
  const route = await firstOf<Route>(host, 'ip', `-${family}`, '-json', 'route', 'get', address);
  if (route === undefined) return { missing: `${host.name} has no route to ${address}` };
  const nextHop = route.gateway ?? address;
  const show = ['neigh', 'show', nextHop, 'dev', route.dev];
  const neighbour = await firstOf<{ readonly lladdr?: string }>(host, 'ip', '-json', ...show);
  if (neighbour?.lladdr === undefined) return { missing: `nobody answers for ${nextHop}` };
  const link = await firstOf<{ readonly address: string }>(host, 'ip', '-json', 'link', 'show', route.dev);
  const inport = await logicalPort(host.origins[Number(route.dev.slice(3))], ovn);
  const ip = `ip${family}`;
  const kind = protocol === 'icmp' && family === '6' ? 'icmp6' : protocol === 'icmp' ? 'icmp4' : protocol;
  const transport =
    protocol === 'icmp'
      ? [`${kind}.type == ${family === '6' ? 128 : 8}`]
      : [`${kind}.src == 40000`, `${kind}.dst == ${port}`];
  const parts = [
    `inport == "${inport}"`,
    `eth.src == ${link?.address ?? ''}`,
    `eth.dst == ${neighbour.lladdr}`,
    `${ip}.src == ${route.prefsrc}`,
    `${ip}.dst == ${address}`,
    'ip.ttl == 64',
    kind,
    ...transport,
  ];
  return { microflow: parts.join(' && ') };
}

/** `192.0.2.1:80` → `['192.0.2.1', '80']`; `[2001:db8::1]:80` likewise. */
function splitTarget(target: string, hasPort: boolean): readonly string[] {
  if (!hasPort) return [target];
  const colon = target.lastIndexOf(':');
  return [target.slice(0, colon).replaceAll(/[[\]]/g, ''), target.slice(colon + 1)];
}

/** First element of what a program prints as JSON. */
async function firstOf<T>(host: Host, ...command: readonly string[]): Promise<T | undefined> {
  const { code, stdout } = await host.exec(...command);
  if (code !== 0 || stdout.trim() === '') return undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- ip(8) -json
  return (JSON.parse(stdout) as readonly T[])[0];
}

async function logicalPort(origin: LogicalOrigin | undefined, ovn: EmbeddedOvn): Promise<string> {
  if (origin === undefined) return '';
  if ('port' in origin) return origin.port;
  const tag = origin.vlan === 0 ? 'tag=[]' : `tag=${origin.vlan}`;
  const found = await ovn.nbctl(
    '--bare',
    '--columns=name',
    'find',
    'Logical_Switch_Port',
    'type=localnet',
    tag,
    `options:network_name=${origin.network}`,
  );
  return found.trim();
}
