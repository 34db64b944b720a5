// How the model asks for addresses: it names what it wants, IPAM decides, the model is run again with the answer.
import { parseAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import { isGranted } from '../ipam/pool.ts';
import type { AddressRequest, Decision, PoolSpec } from '../ipam/pool.ts';

/** A wish of one unit, with the pool that it is to be served from. */
export interface PoolRequest {
  readonly pool: PoolSpec;
  readonly request: AddressRequest;
}

/**
 * What is known of addresses while a unit is modelled. Both are plain reads and must not change during a run.
 * A wish that is not decided yet is answered with undefined: whatever depends on it is left out without a problem,
 * and the wish appears in the result's `requests`, so that the caller decides it and runs the model again.
 */
export interface AddressAnswers {
  /** The decision for a holder in a pool. */
  decision(pool: string, holder: string): Decision | undefined;
  /** What the ledger in the database says that a holder had: the text of an address or block, or one of each family. */
  recorded(holder: string): string | undefined;
}

/**
 * An address that rows answer on for an object. Without protocol and port it is all of it, as a floating IP has.
 * `holder`: whose it is according to the ledger of the unit, as far as it says.
 */
export interface AddressUse {
  readonly source: string;
  readonly address: string;
  readonly holder?: string;
  readonly protocol?: string;
  readonly port?: number;
}

/** What the running network tells back, as far as the model depends on it. */
export interface Observations {
  /** Chassis that may host gateway ports. `physicalNetworks` undefined: assumed to reach them all. */
  readonly gatewayChassis: readonly {
    readonly name: string;
    readonly physicalNetworks: readonly string[] | undefined;
  }[];
  /**
   * Chassis that host the port of a router on an external network now, most preferred first; empty when there are none.
   * `router`: the VPC's own (`shalb-demo`) or an edge (`shalb-demo.ext-public`).
   */
  gatewayGroup(router: string, network: string): readonly string[];
  /** Whether the server can mark the replies of a connection, so that each leaves by the network it came in on. */
  readonly marksReplies: boolean;
  /** Whether an external network has rows in the database, by its name. */
  hasNetwork(name: string): boolean;
  /** Whether a Subnet of a Vpc has rows in the database, by their names. */
  hasSubnet(vpc: string, name: string): boolean;
  /** Whether a Subnet that is a VLAN has rows in the database, by its name. */
  hasUnderlay(name: string): boolean;
  /** Physical networks that some chassis is bridged to; undefined: not known. */
  readonly bridgedNetworks: ReadonlySet<string> | undefined;
  /**
   * System-id of the chassis that has one of these names or addresses (`node-2`, `10.1.0.2`) as its name, hostname or
   * tunnel address; undefined: there is none. Without a Southbound database to ask, the first of them.
   */
  chassisOf(names: readonly string[]): string | undefined;
  /** What the rows of a unit answer on, in no particular order. Reads them all. */
  uses(unit: string): readonly AddressUse[];
  /** Whether the port of a workload is bound and up; `source` is its object key, `Pod/shalb-demo/nginx-0`. */
  isPortUp(source: string): boolean;
}

/** The addresses in a record, IPv4 first: `10.0.10.2,fd00:10::2`. Of a block (`10.0.10.0/24`) its first address. */
export function recordedAddresses(text: string | undefined): readonly Address[] {
  return (text ?? '').split(',').flatMap((part) => parseAddress(part.split('/', 1)[0] ?? '') ?? []);
}

/** Address of a holder: undefined while undecided or refused, the old one while another one cannot be had. */
export function decidedAddress(decision: Decision | undefined): Address | undefined {
  if (decision === undefined) return undefined;
  return isGranted(decision) ? decision.address : decision.holds;
}
