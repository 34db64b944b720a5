// Who has a VLAN: it is one external network or one underlay, never two.
import { objectKey } from '../api/api-object.ts';
import type { ExternalNetwork } from '../api/external-network.ts';
import type { UnderlaySubnet } from '../api/subnet.ts';
import { sortBy } from '../base/order.ts';
import type { Problem } from '../base/problem.ts';
import type { ModelContext } from './model-context.ts';

type Claimant = ExternalNetwork | UnderlaySubnet;

/** What keeps an object from its VLAN: somebody older who has it. What is programmed is older than what is not. */
export function segmentConflict(object: Claimant, context: ModelContext): Problem | undefined {
  const { inventory, observations } = context;
  const { physicalNetwork, vlan = 0 } = segmentOf(object);
  const networks = inventory
    .networks()
    .filter(({ spec }) => spec.physicalNetwork === physicalNetwork && (spec.vlan ?? 0) === vlan);
  const underlays = inventory.underlaysOn({ physicalNetwork, vlan });
  if (networks.length + underlays.length < 2) return undefined;
  const age = ({ metadata }: Claimant): string => metadata.creationTimestamp ?? '';
  const isThere = ({ kind, metadata }: Claimant): boolean =>
    kind === 'Subnet' ? observations.hasUnderlay(metadata.name) : observations.hasNetwork(metadata.name);
  const byAge = sortBy<Claimant>([...networks, ...underlays], (each) => `${age(each)} ${objectKey(each)}`);
  const holder = byAge.find(isThere) ?? byAge[0];
  if (holder === undefined || holder === object) return undefined;
  return {
    code: 'Conflict',
    object: objectKey(object),
    path: object.kind === 'Subnet' ? 'spec.underlay.vlan' : 'spec.vlan',
    message: `VLAN ${vlan} of physical network ${physicalNetwork} is already ${objectKey(holder)}`,
    hint: `give ${object.metadata.name} a VLAN of its own, or remove one of the two`,
  };
}

function segmentOf(object: Claimant): { readonly physicalNetwork: string; readonly vlan?: number } {
  return object.kind === 'Subnet' ? object.spec.underlay : object.spec;
}
