// `loadBalancerSourceRanges`: who may connect to a VIP from outside, decided on the external switch, before DNAT.
import { formatAddress } from '../net/address.ts';
import { and, compare, formatMatch, prefixMatch } from '../northbound/match.ts';
import type { LoadBalancerModel, VipModel } from '../model/network-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { sourceRangePriority } from './priorities.ts';
import { rowIds } from './row-ids.ts';
import type { UnitContext } from './unit-context.ts';

/**
 * Two rules per VIP: allow its sources, of which those of the VIP's family count, and drop everybody else. Router policies and the backends' own rules come after
 * DNAT and would see the backend's address and port. Source: ovn-nb(5) ACL; ovn-northd(8) ls_in_acl.
 */
export function sourceRangeRows(
  balancers: readonly LoadBalancerModel[],
  network: string,
  unit: UnitContext,
): DesiredRow[] {
  return balancers
    .filter((lb) => lb.allowedSources.length > 0)
    .flatMap((lb) => lb.vips.flatMap((vip) => vipRows(lb, vip, network, unit)));
}

function vipRows(lb: LoadBalancerModel, vip: VipModel, network: string, unit: UnitContext): DesiredRow[] {
  const toVip = and([
    prefixMatch('dst', [
      { family: vip.address.family, base: vip.address.value, length: vip.address.family === 4 ? 32 : 128 },
    ]),
    compare(`${lb.protocol}.dst`, '==', vip.port),
  ]);
  const rule = (action: 'allow' | 'drop', match: string): DesiredRow =>
    unit.row(
      'ACL',
      rowIds.sourceRange(lb.source, lb.protocol, `${formatAddress(vip.address)}:${vip.port}`, action),
      { direction: 'from-lport', priority: sourceRangePriority[action], match, action },
      { source: lb.source, parents: [unit.place('Logical_Switch', rowIds.networkSwitch(network), 'acls')] },
    );
  const sources = lb.allowedSources.filter(({ family }) => family === vip.address.family);
  const fromSources = sources.length === 0 ? [] : [and([toVip, prefixMatch('src', sources)])];
  return [...fromSources.map((match) => rule('allow', formatMatch(match))), rule('drop', formatMatch(toVip))];
}
