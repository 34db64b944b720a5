// NetworkPolicies as the compiler takes them: whose connections are limited, and which are allowed none the less.
import type { Address, Family, Prefix } from '../net/address.ts';

/** As seen from the workloads that a policy is for. */
export type PolicyDirection = 'ingress' | 'egress';

/** What NetworkPolicies make of one unit. Without policies there are no sets either. */
export interface PoliciesModel {
  /** Families of the unit's ranges: there are no packets of others. */
  readonly families: readonly Family[];
  readonly policies: readonly PolicyModel[];
  /** One for each way to select peers, whichever policies use it; sorted by key. */
  readonly peerSets: readonly PeerSetModel[];
}

/** Connections are judged with the address that a load balancer has chosen, and replies are never judged. */
export interface PolicyModel {
  /** Object key of the NetworkPolicy. */
  readonly source: string;
  /** Object keys of the ports that it is for (`WorkloadPortModel.source`), sorted. */
  readonly subjects: readonly string[];
  /** Directions in which the subjects have only the connections that some policy allows. */
  readonly isolates: readonly PolicyDirection[];
  readonly allows: readonly AllowModel[];
}

/** Connections that are allowed: one kind of peer, one kind of port. */
export interface AllowModel {
  /** Unique in the policy, and the same while the rule stays in its place: `ingress[0]/from[1]/tcp`. */
  readonly id: string;
  /** Where it is written: `ingress[0]`. */
  readonly rule: string;
  readonly direction: PolicyDirection;
  /** Undefined: for all subjects of the policy. */
  readonly subjects: SubjectGroup | undefined;
  readonly peer: PeerModel;
  /** Undefined: every protocol. */
  readonly ports: PortsModel | undefined;
  /** In words: `tcp 80 from pods app=web`. */
  readonly text: string;
}

/** Those of the subjects whose port of some name is the same number. */
export interface SubjectGroup {
  /** Unique in the policy: `tcp/http=8080`. */
  readonly id: string;
  readonly ports: readonly string[];
}

export type PeerModel =
  | { readonly kind: 'anybody' }
  /** `key` of a {@link PeerSetModel}. */
  | { readonly kind: 'set'; readonly key: string }
  /** Of one family, sorted, none of them in another; never empty. */
  | { readonly kind: 'prefixes'; readonly family: Family; readonly prefixes: readonly Prefix[] };

/** A protocol that has ports. */
export type PolicyProtocol = 'tcp' | 'udp' | 'sctp';

export interface PortsModel {
  readonly protocol: PolicyProtocol;
  /** Single ports, or one range; empty: every port. */
  readonly ranges: readonly { readonly first: number; readonly last: number }[];
}

export interface PeerSetModel {
  /** The same for equal selections, and different for all others. */
  readonly key: string;
  /** In words: `pods app=web in namespaces team=a`. */
  readonly text: string;
  /** Sorted. */
  readonly addresses: readonly Address[];
}

/**
 * Source of the rows of sets, which belong to no one policy. They stay while a policy is rejected: what it made earlier
 * stays too, and may need them.
 */
export const peerSetSource = 'NetworkPolicy/*';
