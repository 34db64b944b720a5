// The view as text for a terminal of 100 columns.
import { columns, counted, indent } from '../table.ts';
import type {
  GatewayView,
  ExternalNetworkView,
  LoadBalancerView,
  NetworkView,
  UnderlayView,
  VpcView,
} from './network-view.ts';

export interface FormatOptions {
  /** Workloads listed per VPC or underlay before the rest is only counted. */
  readonly workloadLimit: number;
}

/** Returns the whole text, with a line end at its end; one sentence when there is nothing of ours. */
export function formatNetworkView(view: NetworkView, options: FormatOptions): string {
  const blocks = [
    ...view.externalNetworks.map(externalNetworkBlock),
    ...view.underlays.map((underlay) => underlayBlock(underlay, options)),
    ...view.vpcs.map((vpc) => vpcBlock(vpc, options)),
  ];
  if (blocks.length === 0) return 'No network of ovn-projector in this database.\n';
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function externalNetworkBlock(network: ExternalNetworkView): string[] {
  const title = [
    `external network ${network.name}`,
    network.range ?? 'no router on it yet',
    vlanText(network),
    `${counted(network.addresses.length, 'address', 'addresses')} held`,
  ].join('   ');
  const rows = network.addresses.map(({ address, vpc, holder, uses }) => [
    address,
    vpc,
    uses.length === 0 ? `unused, held by ${holder ?? 'nobody'}` : uses.join(', '),
  ]);
  return [title, ...indent(2, columns(rows))];
}

function underlayBlock(underlay: UnderlayView, options: FormatOptions): string[] {
  const title = [
    `underlay ${underlay.name}`,
    vlanText(underlay),
    counted(underlay.workloads.length, 'workload'),
  ].join('   ');
  return [title, ...indent(2, workloadLines(underlay, options))];
}

function vlanText({ vlan, physicalNetwork }: Pick<UnderlayView, 'vlan' | 'physicalNetwork'>): string {
  return `${vlan === undefined ? 'untagged' : `VLAN ${vlan}`} on ${physicalNetwork}`;
}

function vpcBlock(vpc: VpcView, options: FormatOptions): string[] {
  return [
    vpcTitle(vpc),
    ...section('way out', vpc.gateway === undefined ? ['none'] : gatewayLines(vpc.gateway)),
    ...section('edges', vpc.furtherGateways.flatMap(gatewayLines)),
    ...section(
      'subnets',
      columns(
        vpc.subnets.map((subnet) => [
          subnet.name,
          subnet.range,
          `gateway ${subnet.gateway}`,
          counted(subnet.workloads, 'workload'),
        ]),
      ),
    ),
    ...section('workloads', workloadLines(vpc, options)),
    ...section('SNAT', columns(vpc.snat.map((rule) => [rule.from, `→ ${rule.to}`]))),
    ...section(
      'floating IPs',
      columns(
        vpc.floatingIps.map((fip) => [
          fip.external,
          `→ ${fip.internal}`,
          fip.source,
          fip.distributed ? 'on its own node' : 'on the gateway chassis',
        ]),
      ),
    ),
    ...section('load balancers', vpc.loadBalancers.flatMap(loadBalancerLines)),
    ...section('cluster IPs', vpc.clusterIps.flatMap(loadBalancerLines)),
    ...section(
      'held addresses',
      columns(vpc.eips.map((eip) => [eip.address, eip.holder, ...(eip.used ? [] : ['unused'])])),
    ),
    ...section('routes', vpc.routes),
  ];
}

function vpcTitle({ name, source, owner }: VpcView): string {
  const title = source === `Vpc/${name}` ? `VPC ${name}` : `project ${name}   ${source}`;
  return owner === 'default' ? title : `${title}   owner ${owner}`;
}

function gatewayLines({ address, network, nextHop, chassis }: GatewayView): string[] {
  const via = nextHop === undefined ? '' : `, next hop ${nextHop}`;
  return [
    `${address} on ${network}${via}`,
    chassis.length === 0 ? 'no gateway chassis: nothing leaves or comes in' : `chassis ${chassis.join(', ')}`,
  ];
}

function workloadLines(vpc: Pick<VpcView, 'name' | 'workloads'>, { workloadLimit }: FormatOptions): string[] {
  const shown = vpc.workloads.slice(0, workloadLimit);
  const rest = vpc.workloads.length - shown.length;
  const lines = columns(
    shown.map(({ name, address, mac, up }) => [name, address, mac, up ? 'up' : 'not plugged in']),
  );
  return rest === 0 ? lines : [...lines, `and ${rest} more: ovn-projector show ${vpc.name}`];
}

/** One line per VIP; long lists of backends go on below the first. */
function loadBalancerLines({ source, protocol, vips }: LoadBalancerView): string[] {
  const rows = vips.flatMap(({ vip, backends }) => {
    const groups = backends.length === 0 ? ['no backend: refused'] : inGroups(backends, 2);
    return groups.map((text, index) => [index === 0 ? vip : '', `${index === 0 ? '→' : ' '} ${text}`]);
  });
  return [`${source}  ${protocol}`, ...indent(2, columns(rows))];
}

function inGroups(items: readonly string[], size: number): string[] {
  const groups: string[] = [];
  for (let start = 0; start < items.length; start += size)
    groups.push(items.slice(start, start + size).join(', '));
  return groups;
}

const labelWidth = 16;

/** The label stands on the first line; nothing at all without lines. */
function section(label: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `  ${(index === 0 ? label : '').padEnd(labelWidth)}${line}`.trimEnd());
}
