// Every priority of every table, in one place: literals elsewhere would collide sooner or later.

/** HA_Chassis:priority of the most preferred member; the others follow downwards. ovn-nb(5): 0 to 32767. */
export const highestChassisPriority = 100;

/**
 * Logical_Router_Policy:priority of a Vpc's own `policyRoutes`: the author's 0 to 999 is added to this base.
 * 20000 and above are the platform's.
 */
export const policyRouteBasePriority = 1000;

/** ACL:priority on the switch of an external network (DESIGN §5, "loadBalancerSourceRanges"). */
export const sourceRangePriority = { allow: 30001, drop: 30000 } as const;
