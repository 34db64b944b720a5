// Who uses which EIP of a VPC, and what follows from it.
import { label, managedBy } from '../api/annotations.ts';
import { defaultGatewayEIpName } from '../api/eip.ts';
import { objectKey } from '../api/api-object.ts';
import { sortBy } from '../base/order.ts';
import type { EipOutcome, EipOwner } from './eip-outcome.ts';
import { sharesAddress } from './held-eip.ts';
import type { EipBook, NamedEip } from './eips.ts';
import type { EipClaim } from './eip-claims.ts';
import type { UnitRun } from './unit-run.ts';
import type { EgressSeed } from './vpc-root.ts';

/** Outcomes sorted by key. `claims`: those that stand. */
export function eipOutcomes(
  vpc: string,
  egress: EgressSeed,
  eips: EipBook,
  claims: readonly EipClaim[],
  run: UnitRun,
): EipOutcome[] {
  const all = eips.all().map((named): EipOutcome => {
    const { name, key, eip } = named;
    const isRouters = sharesAddress(eip?.addresses ?? [], egress.addresses);
    const owners = ownersOf(named, isRouters ? vpc : undefined, eips, claims);
    return {
      key,
      network: eip && objectKey(eip.network),
      ipAddresses: eip?.addresses ?? [],
      ovnEIpRef: isRouters ? `${vpc}-${egress.network.metadata.name}` : `${vpc}-${name}`,
      ownershipType: ownershipOf(owners),
      owners,
      deleteReleased: name !== defaultGatewayEIpName && !isWritten(key, run),
    };
  });
  return sortBy(all, ({ key }) => key);
}

/** `snat`: name of the VPC whose SNAT uses the EIP. Objects that keep what they made are owners as before. */
function ownersOf(
  { name, key }: NamedEip,
  snat: string | undefined,
  eips: EipBook,
  claims: readonly EipClaim[],
): EipOwner[] {
  const standing = claims
    .filter(({ eip }) => eip.holder === key)
    .map(({ kind, author }) => ownerOf(kind, author.object));
  const owners = [
    ...(snat === undefined ? [] : [{ type: 'Snat', ownerRef: snat } as const]),
    ...standing,
    ...eips.keepers(name).map((object) => ownerOf(object.startsWith('FIp/') ? 'FIp' : 'Service', object)),
  ];
  return sortBy(owners, ({ type, ownerRef }) => `${type} ${ownerRef}`);
}

function ownerOf(kind: EipClaim['kind'], object: string): EipOwner {
  const ownerRef = object.slice(object.lastIndexOf('/') + 1);
  return { type: kind === 'Service' ? 'ServiceLb' : 'FIp', ownerRef };
}

function ownershipOf(owners: readonly EipOwner[]): EipOutcome['ownershipType'] {
  if (owners.length === 0) return 'Released';
  return owners.some(({ type }) => type === 'FIp') ? 'Exclusive' : 'Shared';
}

/** By a person: what we have written ourselves for lack of it goes with the last of its owners. */
function isWritten(key: string, { context: { inventory } }: UnitRun): boolean {
  const object = inventory.get(key);
  if (object === undefined) return inventory.isInvalid(key);
  return object.metadata.labels[label.managedBy] !== managedBy.projector;
}
