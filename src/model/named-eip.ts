// What to tell the user of an EIp that is not there, or cannot be used.
import type { Problem } from '../base/problem.ts';
import { formatAddressList } from '../net/family-list.ts';
import type { EipBook, EipLookup } from './eips.ts';
import type { HeldEip } from './held-eip.ts';
import type { UnitRun, WishAuthor } from './unit-run.ts';

/** The EIP that `author` names, reported when there is something to say about it. */
export function namedEip(name: string, author: WishAuthor, eips: EipBook, run: UnitRun): HeldEip | undefined {
  const found = eips.find(name, author.object);
  if ('missing' in found) {
    run.report({ ...author, ...reason(name, found) });
    return undefined;
  }
  const { eip, isGone } = found;
  if (isGone) {
    const address = eip.addresses.length === 0 ? 'its address' : formatAddressList(eip.addresses);
    run.report({
      ...author,
      code: 'NotFound',
      message: `EIp ${name} was removed while it is in use here: ${address} stays until that ends`,
      hint: `create EIp ${name} again, or name another one: then it is released`,
    });
  }
  return eip;
}

function reason(
  name: string,
  found: Extract<EipLookup, { readonly missing: string }>,
): Pick<Problem, 'code' | 'message' | 'hint'> {
  if (found.missing === 'taken') {
    return {
      code: 'Conflict',
      message: `EIp ${name} is held exclusively by ${found.by}, which is rejected and keeps it`,
      hint: `name another EIp, or remove ${found.by}`,
    };
  }
  if (found.missing === 'not-found') {
    return {
      code: 'NotFound',
      message: `there is no EIp ${name}`,
      hint: 'create it in the same namespace, or name one that exists',
    };
  }
  return {
    code: 'Pending',
    message: `EIp ${name} has a problem of its own`,
    hint: `correct EIp ${name} first`,
  };
}
