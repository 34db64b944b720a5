// The addresses of all Nodes, of which nobody else may be given one.
import { nodeAddresses } from '../api/node.ts';
import type { Node } from '../api/node.ts';
import { formatAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import { sortBy } from '../base/order.ts';

/** An address with the object key of the Node that has it. */
export interface NodeAddress {
  readonly node: string;
  readonly address: Address;
}

export class NodeIndex {
  readonly #nodes = new Map<string, readonly Address[]>();
  #all: readonly NodeAddress[] = [];
  #isStale = false;

  /** Adds or replaces a Node (`present`), or takes it out. */
  put(key: string, node: Node, present: boolean): void {
    if (present) this.#nodes.set(key, nodeAddresses(node));
    else this.#nodes.delete(key);
    this.#isStale = true;
  }

  /** Sorted by Node; the same list until an address comes or goes. */
  get all(): readonly NodeAddress[] {
    if (!this.#isStale) return this.#all;
    this.#isStale = false;
    const all = sortBy(this.#nodes, ([key]) => key).flatMap(([node, addresses]) =>
      addresses.map((address) => ({ node, address })),
    );
    if (textOf(all) !== textOf(this.#all)) this.#all = all;
    return this.#all;
  }
}

const textOf = (all: readonly NodeAddress[]): string =>
  all.map(({ node, address }) => `${node} ${formatAddress(address)}`).join();
