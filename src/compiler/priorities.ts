// Every priority of every table, in one place: literals elsewhere would collide sooner or later.

/** HA_Chassis:priority of the most preferred member; the others follow downwards. ovn-nb(5): 0 to 32767. */
export const highestChassisPriority = 100;

/**
 * Logical_Router_Policy:priority of a Vpc's own `policyRoutes`: the author's 0 to 18999 is added to this base, which
 * makes 1000 to 19999. 20000 and above are the platform's.
 */
export const policyRouteBasePriority = 1000;

/** ACL:priority of the wall on the switch of an external network: nothing is allowed past it. */
export const wallPriority = 32000;

/** ACL:priority on the switch of an external network (DESIGN §5, "loadBalancerSourceRanges"). */
export const sourceRangePriority = { allow: 30001, drop: 30000 } as const;

/**
 * Logical_Router_Policy:priority of reply steering, above every route that a person writes. Traffic inside the VPC is
 * never steered; a reply goes before the general rule for its source. What a subnet leaves by is below: it takes the place
 * of a default route, and so do routes that a person writes go before it.
 */
export const steeringPriority = {
  inside: 30400,
  edgeReply: 30300,
  defaultReply: 30200,
  floatingIp: 30100,
  subnetBehind: 901,
  subnet: 900,
} as const;

/**
 * Logical_Router_Policy:priority of what passes a peering, and of what does not: above everything, so that no route of a
 * person opens it, nor steering takes a reply elsewhere.
 */
export const peeringPriority = { comes: 31003, comesElse: 31002, leaves: 31001, leavesElse: 31000 } as const;

/** QoS:priority of marks and of taking them away: replies with the label of an edge before all others. */
export const markPriority = {
  routed: 3000,
  edgeReply: 2000,
  defaultReply: 1000,
  inside: 600,
  floatingIp: 500,
  subnet: 400,
} as const;

/**
 * ACL:priority on the switches of VPCs and underlays, in bands. All are in one tier, which `rule-band.ts` says why. Beside
 * them those of {@link subnetRulePriority} and {@link platformPriority}.
 */
export const ruleBands = {
  /** What OVN itself needs to serve a workload. */
  needed: 31000,
  /** What isolation lets a project reach, and what it forbids. */
  isolationAllow: 28001,
  isolationDrop: 28000,
  /** What keeps subnets of one VPC apart, above what the policies of tenants let in. */
  neighbours: 2500,
  /** An allowed connection that came in through an edge. */
  policyEdge: 2002,
  policyAllow: 2001,
  policyIsolation: 2000,
  /** Remembers through which edge a connection came. It allows what nothing forbids, so it comes last. */
  replyLabel: 1,
  /** Has connections remembered, and allows what nothing forbids as well. */
  tracked: 0,
} as const;

/**
 * ACL:priority of a rule of a subnet, 3000 to 8004: five for each of its author's 0 to 1000, so that of equal rules the
 * stricter one decides. `edge`: an `allow` that also remembers through which edge a connection came.
 */
export function subnetRulePriority(priority: number, verdict: keyof typeof strictness): number {
  return 3000 + priority * 5 + strictness[verdict];
}

/** What its author wrote, of an ACL:priority that {@link subnetRulePriority} made. */
export const writtenPriority = (priority: number): number => Math.floor((priority - 3000) / 5);

const strictness = { 'allow-stateless': 0, allow: 1, edge: 2, reject: 3, drop: 4 } as const;

export type RuleBand = keyof typeof ruleBands;

/**
 * ACL:priority of a rule of the platform, by its place in its tier: `admin` from 27999 down to 10000, before the policies of
 * tenants; `baseline` from 1999 down to 1000, after all that they forbid.
 */
export function platformPriority({
  tier,
  rank,
}: {
  readonly tier: PlatformTier;
  readonly rank: number;
}): number {
  return highestPlatformPriority[tier] - rank;
}

export type PlatformTier = 'admin' | 'baseline';
const highestPlatformPriority: Readonly<Record<PlatformTier, number>> = { admin: 27_999, baseline: 1999 };
