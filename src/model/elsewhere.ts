// Selectors of policies that match namespaces of other networks only.
import type { Inventory } from './inventory.ts';
import type { PeerBook, Selection } from './peer-book.ts';
import { fulfils } from './selector.ts';

/**
 * Names of some namespaces that are meant and are none of this network; undefined: some are here, or there are none at all.
 * Addresses mean something in one network only. What else a selector matches is as of the last look at this one.
 */
export function elsewhere(selection: Selection, book: PeerBook, inventory: Inventory): string | undefined {
  const { namespaces } = selection;
  if (typeof namespaces === 'string' || book.namespaces(selection).length > 0) return undefined;
  const names = inventory
    .inNamespace('Namespace', '')
    .filter(({ metadata }) =>
      fulfils({ ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name }, namespaces),
    )
    .map(({ metadata }) => metadata.name);
  if (names.length === 0) return undefined;
  return names.slice(0, 3).join(', ') + (names.length > 3 ? ' …' : '');
}
