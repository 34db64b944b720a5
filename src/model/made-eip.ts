// An EIP that is made for a Service or FIp which names none, and stays where it was given out.
import type { EipBook, EipWish } from './eips.ts';
import type { HeldEip } from './held-eip.ts';
import type { UnitRun, WishAuthor } from './unit-run.ts';
import type { Claimant } from './vpc-root.ts';

/** `requested`: the type of network that the maker asks for itself, `otherwise`: what it gets when it asks for none. */
export interface MadeEip extends Pick<EipWish, 'name' | 'wanted'> {
  readonly requested: string | undefined;
  readonly otherwise: string | undefined;
}

/**
 * An EIP that has its address keeps it: asking for another type later is refused, and reported, since the old address
 * may be known to many.
 */
export function madeEip(
  { name, wanted, requested, otherwise }: MadeEip,
  author: WishAuthor,
  maker: Claimant,
  eips: EipBook,
  run: UnitRun,
): HeldEip | undefined {
  const eip = eips.make({ name, type: requested ?? otherwise, wanted }, author, maker);
  const type = eip?.network.spec.type;
  if (requested !== undefined && type !== undefined && requested !== type) {
    run.report({
      ...author,
      code: 'Immutable',
      message: `EIp ${name} is on a network of type ${type}, and cannot be changed to ${requested} while it is held`,
      hint: `write ${type}; to have another address, delete the ${maker.kind} and make it anew in two steps`,
    });
  }
  return eip;
}
