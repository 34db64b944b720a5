// The keys of a ledger row (DESIGN §5): the address set of a VPC whose external_ids say who holds what.
import { markPrefix } from './managed-keys.ts';

/** An address of an external network, or a block of the project range. */
export type LedgerKind = 'eip' | 'block';

/** `ovn-projector/eip:EIp/shalb-demo/ssh-arti`; the value under it is the address or the block. */
export function ledgerKey(kind: LedgerKind, holder: string): string {
  return `${markPrefix}${kind}:${holder}`;
}
