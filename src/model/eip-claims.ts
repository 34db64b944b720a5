// Who may use an EIP: many Services share one, a FIp wants one for itself, and the older claimant wins.
import type { Problem } from '../base/problem.ts';
import { compareStrings } from '../base/order.ts';
import { formatAddressList } from '../net/family-list.ts';
import { sharesAddress } from './held-eip.ts';
import type { HeldEip } from './held-eip.ts';
import type { UnitRun, WishAuthor } from './unit-run.ts';
import type { EgressSeed } from './vpc-root.ts';

/** A Service or FIp that wants an EIP. */
export interface EipClaim {
  readonly kind: 'Service' | 'FIp';
  readonly eip: HeldEip;
  readonly author: WishAuthor;
  /** Older first. */
  readonly order: string;
}

/**
 * Returns the claims that stand and reports the others. On one address: the router's own is shared by Services and
 * never a FIp's (it would answer the ping itself); else the oldest claimant decides whether it is shared or exclusive.
 * `keepers`: rejected objects that go on using an EIP, and so are older than all who ask.
 */
export function settleClaims<T extends EipClaim>(
  claims: readonly T[],
  egress: EgressSeed,
  keepers: (eip: string) => readonly string[],
  run: UnitRun,
): T[] {
  const byAddress = Map.groupBy(
    claims.filter((claim) => claim.eip.addresses.length > 0),
    (claim) => formatAddressList(claim.eip.addresses),
  );
  return [...byAddress.values()].flatMap((group) => settleGroup(group, egress, keepers, run));
}

function settleGroup<T extends EipClaim>(
  group: readonly T[],
  egress: EgressSeed,
  keepers: (eip: string) => readonly string[],
  run: UnitRun,
): T[] {
  const sorted = group.toSorted((a, b) => compareStrings(a.order, b.order));
  const [oldest] = sorted;
  const isRouters = sharesAddress(oldest?.eip.addresses ?? [], egress.addresses);
  const keeper = oldest && keepers(oldest.eip.name).find((object) => object.startsWith('Service/'));
  const isShared = isRouters || keeper !== undefined;
  const exclusive = !isShared && oldest?.kind === 'FIp' ? oldest : undefined;
  const stands = (claim: T): boolean =>
    exclusive === undefined ? claim.kind === 'Service' : claim === exclusive;
  for (const claim of sorted.filter((other) => !stands(other))) {
    run.report(
      refusal(
        claim,
        isRouters ? `the SNAT of ${egress.source}` : (keeper ?? oldest?.author.object ?? ''),
        exclusive !== undefined,
      ),
    );
  }
  return sorted.filter(stands);
}

function refusal({ author, eip, kind }: EipClaim, holder: string, isExclusive: boolean): Problem {
  return {
    ...author,
    code: 'Conflict',
    message: `${eip.holder} is ${isExclusive ? 'held exclusively by' : 'shared, it is in use by'} ${holder}`,
    hint:
      kind === 'FIp'
        ? 'a FIp needs an EIp that nothing else uses: name another one, or leave spec.eip out to have one made'
        : 'bind the Service to another EIp, or remove the annotation to have one made',
  };
}
