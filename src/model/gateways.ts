// A router's port on an external network: its addresses, and the chassis that may host it.
import type { ExternalNetwork } from '../api/external-network.ts';
import type { Address } from '../net/address.ts';
import { ofFamily } from '../net/family-list.ts';
import { gatewayCandidates, orderGatewayChassis } from './gateway-chassis.ts';
import { networkGateways, networkPrefixes } from './network.ts';
import type { GatewayModel, GatewayRange } from './network-model.ts';
import type { UnitRun } from './unit-run.ts';
import type { EgressSeed } from './vpc-root.ts';

/** `router`: `shalb-demo`, or an edge `shalb-demo.ext-public`. Undefined while it has no address. */
export function gatewayModel(
  router: string,
  { network, source, addresses }: EgressSeed,
  run: UnitRun,
): GatewayModel | undefined {
  if (addresses.length === 0) return undefined;
  const { observations } = run.context;
  const { name } = network.metadata;
  const candidates = gatewayCandidates(network.spec.physicalNetwork, observations);
  return {
    network: name,
    source,
    ranges: addresses.flatMap((address) => gatewayRange(address, network)),
    mtuBytes: network.spec.mtu < run.context.config.mtu ? network.spec.mtu : undefined,
    chassis: orderGatewayChassis(router, candidates, observations.gatewayGroup(router, name)),
  };
}

function gatewayRange(address: Address, network: ExternalNetwork): GatewayRange[] {
  const prefix = ofFamily(networkPrefixes(network), address.family);
  const nextHop = ofFamily(networkGateways(network), address.family);
  if (prefix === undefined || nextHop === undefined) return [];
  return [{ address, prefixLength: prefix.length, nextHop }];
}
