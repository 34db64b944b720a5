// Which families an EIP has: those that both its external network and its VPC have.
import { objectKey } from '../api/api-object.ts';
import type { ExternalNetwork } from '../api/external-network.ts';
import type { Problem } from '../base/problem.ts';
import { formatAddress } from '../net/address.ts';
import type { Address, Family } from '../net/address.ts';
import { ofFamily } from '../net/family-list.ts';
import type { HeldEip } from './held-eip.ts';
import { networkPrefixes } from './network.ts';
import type { UnitRun, WishAuthor } from './unit-run.ts';

/** Those of `wanted` that the network has, too. */
export function sharedFamilies(network: ExternalNetwork, wanted: readonly Family[]): readonly Family[] {
  return wanted.filter((family) => hasFamily(network, family));
}

/** Reports addresses that are asked for in a family which is not `shared`: the others can be had all the same. */
export function reportUnshared(
  requested: readonly Address[],
  network: ExternalNetwork,
  shared: readonly Family[],
  author: WishAuthor,
  run: UnitRun,
  where = 'this project',
): void {
  for (const address of requested.filter(({ family }) => !shared.includes(family))) {
    const { family } = address;
    const lacking = hasFamily(network, family) ? where : nameOf(network);
    run.report({
      ...author,
      code: 'FamilyMismatch',
      message: `${formatAddress(address)} cannot be had: ${lacking} has no IPv${family} range`,
      hint: `remove it, or add an IPv${family} range`,
    });
  }
}

/** An EIP of a network that has no family of the VPC can have no address. `wanted`: families that its maker can use. */
export function noSharedFamily(
  network: ExternalNetwork,
  author: WishAuthor,
  wanted: readonly Family[] = [],
): Problem {
  const what =
    wanted.length === 0 ? 'a family of this project' : wanted.map((each) => `IPv${each}`).join(' or ');
  return {
    ...author,
    code: 'FamilyMismatch',
    message: `${nameOf(network)} has no range of ${what}`,
    hint: 'name a network that has one, or add a range: the cidr of a network and the cidrBlock of a project can have both families',
  };
}

/** What is wrong when `what` needs a family that the EIP which it is to be on does not have. */
export function familyMissing(
  what: string,
  family: Family,
  { network, holder }: HeldEip,
): Pick<Problem, 'code' | 'message' | 'hint'> {
  const because = hasFamily(network, family) ? '' : `: ${nameOf(network)} has no IPv${family} range`;
  return {
    code: 'FamilyMismatch',
    message: `${what} needs IPv${family}, and ${holder} has no IPv${family} address${because}`,
    hint: `use an EIp that has one, add the IPv${family} ranges that are missing, or do without IPv${family} here`,
  };
}

const hasFamily = (network: ExternalNetwork, family: Family): boolean =>
  ofFamily(networkPrefixes(network), family) !== undefined;

const nameOf = (network: ExternalNetwork): string => `${objectKey(network)} (${network.spec.cidr})`;
