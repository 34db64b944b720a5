// EIPs that are a Node's address, too: given out before the Node came, or asked for by name.
import { sameAddress, formatAddress } from '../net/address.ts';
import type { HeldEip } from './held-eip.ts';
import type { UnitRun } from './unit-run.ts';

/** Nothing is taken down for it: who of the two is wrong, only a person can say. */
export function reportNodeConflicts(eips: readonly HeldEip[], run: UnitRun): void {
  const nodes = run.context.inventory.nodeAddresses();
  if (nodes.length === 0) return;
  for (const { holder, addresses } of eips) {
    for (const address of addresses) {
      const node = nodes.find((each) => sameAddress(each.address, address))?.node;
      if (node === undefined) continue;
      run.report({
        severity: 'warning',
        code: 'Conflict',
        object: holder,
        path: 'status.ipAddress',
        message: `${formatAddress(address)} is an address of ${node} as well, so two machines answer for it`,
        hint: 'give the Node another address, or delete what uses this one and make it anew: no address of a Node is given out',
      });
    }
  }
}
