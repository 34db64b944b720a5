// The ledger's notation in external_ids: which holder has which address or block (DESIGN §5, "EIP ledger").
import { markPrefix } from './managed-keys.ts';

/**
 * `eip`: an address of an external network. `block`: a range given to a project. `port`: what a port stands on, so that it
 * stays there: an edge's on its external network (one of its EIPs, mostly) and on subnets, a virtual machine's.
 */
export type LedgerKind = 'eip' | 'block' | 'port';

/** `('eip', 'EIp/shalb-demo/ssh-arti')` → `ovn-projector/eip:EIp/shalb-demo/ssh-arti`. */
export function ledgerKey(kind: LedgerKind, holder: string): string {
  return `${markPrefix}${kind}:${holder}`;
}

/** The reverse of {@link ledgerKey}; undefined for any other key. */
export function parseLedgerKey(
  key: string,
): { readonly kind: LedgerKind; readonly holder: string } | undefined {
  if (!key.startsWith(markPrefix)) return undefined;
  const [kind, ...holder] = key.slice(markPrefix.length).split(':');
  if ((kind !== 'eip' && kind !== 'block' && kind !== 'port') || holder.length === 0) return undefined;
  return { kind, holder: holder.join(':') };
}
