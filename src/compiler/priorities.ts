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
 * never steered; a reply goes before the general rule for its source.
 */
export const steeringPriority = {
  inside: 30400,
  edgeReply: 30300,
  defaultReply: 30200,
  floatingIp: 30100,
} as const;

/** QoS:priority of marks and of taking them away: replies with the label of an edge before all others. */
export const markPriority = { routed: 3000, edgeReply: 2000, defaultReply: 1000, floatingIp: 500 } as const;

/**
 * Bands of rules (ACL) on the switches of VPCs and underlays. Where the server has tiers, a lower one is asked first;
 * where it has none the priorities give the same order. Before load balancing there are rules of the platform only: those
 * of tenants come after it (`apply-after-lb`), whatever is allowed before. Free for what is to come:
 *
 * | tier | priority | |
 * |---|---|---|
 * | 1 | 10000 to 27999 | policies of the platform that go before those of tenants |
 * | 2 | 3000 to 9999 | rules of subnets |
 * | 3 | 1000 to 1999 | policies of the platform that come after those of tenants |
 */
export const ruleBands = {
  /** What OVN itself needs to serve a workload. */
  needed: { tier: 0, priority: 31000 },
  /** What isolation lets a project reach, and what it forbids. */
  isolationAllow: { tier: 0, priority: 28001 },
  isolationDrop: { tier: 0, priority: 28000 },
  /** An allowed connection that came in through an edge. */
  policyEdge: { tier: 2, priority: 2002 },
  policyAllow: { tier: 2, priority: 2001 },
  policyIsolation: { tier: 2, priority: 2000 },
  /** Remembers through which edge a connection came. It allows what nothing forbids, so it comes last. */
  replyLabel: { tier: 3, priority: 1 },
  /** Has connections remembered, and allows what nothing forbids as well. */
  tracked: { tier: 3, priority: 0 },
} as const satisfies Readonly<Record<string, { readonly tier: number; readonly priority: number }>>;

export type RuleBand = keyof typeof ruleBands;
