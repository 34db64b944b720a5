// NetworkPolicies as the compiler takes them: whose connections are limited, and which are allowed none the less.
import type { Address, Family, Prefix } from '../net/address.ts';

/** As seen from the workloads that a policy is for. */
export type PolicyDirection = 'ingress' | 'egress';

/** What NetworkPolicies make of one unit. Without policies there are no sets either. */
export interface PoliciesModel {
  /** Families of the unit's ranges: there are no packets of others. */
  readonly families: readonly Family[];
  readonly policies: readonly PolicyModel[];
  /** In the order in which they are asked: the first rule that matches decides. */
  readonly platform: readonly PlatformPolicyModel[];
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
  /** `key` of a {@link PeerSetModel}. `only`: there are no others in it. */
  | { readonly kind: 'set'; readonly key: string; readonly only?: Family }
  /** Of one family, sorted, none of them in another; never empty. */
  | { readonly kind: 'prefixes'; readonly family: Family; readonly prefixes: readonly Prefix[] };

/** A protocol that has ports. */
export type PolicyProtocol = 'tcp' | 'udp' | 'sctp';

export interface PortsModel {
  readonly protocol: PolicyProtocol;
  /** Single ports, or ranges; empty: every port. */
  readonly ranges: readonly PortSpan[];
}

/** Both ends included. */
export interface PortSpan {
  readonly first: number;
  readonly last: number;
}

/**
 * A policy of the platform. It isolates nobody: what none of its rules matches goes on to what comes after it. A rule that
 * passes packets on is none here: what it says is said by others, before or behind it.
 */
export interface PlatformPolicyModel {
  readonly source: string;
  /** `admin`: before the policies of tenants. `baseline`: after them, where none of them isolates. */
  readonly tier: 'admin' | 'baseline';
  /** Object keys of the ports that it is for, sorted. */
  readonly subjects: readonly string[];
  readonly rules: readonly PlatformRuleModel[];
}

export interface PlatformRuleModel extends AllowModel {
  readonly action: 'allow' | 'deny';
  /** Its place in its tier: from 0 to {@link tierSizes} - 1, the lower one goes first. */
  readonly rank: number;
}

/** How many places a tier has. */
export const tierSizes = { admin: 18_000, baseline: 1000 } as const;

/** Whether connections of the unit are judged by policies at all. */
export function hasPolicies({ policies, platform }: PoliciesModel): boolean {
  return policies.length + platform.length > 0;
}

export interface PeerSetModel {
  /** The same for equal selections, and different for all others. */
  readonly key: string;
  /** In words: `pods app=web in namespaces team=a`. */
  readonly text: string;
  /** Sorted. */
  readonly addresses: readonly Address[];
  /** Ranges beside them, none of them everything. */
  readonly prefixes: readonly Prefix[];
}

/**
 * Source of the rows of sets, which belong to no one policy. They stay while a policy is rejected: what it made earlier
 * stays too, and may need them.
 */
export const peerSetSource = 'NetworkPolicy/*';
