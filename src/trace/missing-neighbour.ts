// Finds where a trace stood still because OVN has not asked for the MAC of a next hop yet.
import type { Station } from './walk.ts';

export interface MissingNeighbour {
  /** Logical_Router_Port that would ask. */
  readonly routerPort: string;
  /** Undefined when the address cannot be told from the output. */
  readonly address: string | undefined;
}

/**
 * Returns the first next hop without a MAC binding. On a live network the packet waits while OVN asks; ovn-trace goes on
 * without a MAC or not at all.
 */
export function missingNeighbour(stations: readonly Station[]): MissingNeighbour | undefined {
  let routerPort = '';
  let nextHop = '';
  for (const { event, destination } of stations) {
    for (const action of event.actions) {
      routerPort = /^outport = "([^"]+)"$/.exec(action)?.[1] ?? routerPort;
      nextHop = /^(?:reg0|xxreg0) = (\S+)$/.exec(action)?.[1] ?? nextHop;
      if (action !== '/* No MAC binding. */') continue;
      return { routerPort, address: /^ip[46]\.dst$/.test(nextHop) ? destination : nextHop };
    }
  }
  return undefined;
}
