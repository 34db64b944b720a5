// Border of the room: what the loop tells of a unit after it looked at it, and what else a status is a function of.
import type { ApiObject, Kind, ObjectOf } from '../api/api-object.ts';
import type { Project } from '../api/project.ts';
import type { Subnet } from '../api/subnet.ts';
import type { Vpc } from '../api/vpc.ts';
import type { Problem } from '../base/problem.ts';
import type { UnitResult } from '../model/model-context.ts';

/** What became of one unit the last time it was looked at. */
export interface UnitOutcome {
  /** `vpc/shalb-demo`, `network/ext-cloud` */
  readonly unit: string;
  /** Undefined: a bug kept it from being modelled; see `failure`. */
  readonly result: UnitResult | undefined;
  /** Of the model, the compiler and the plan, about objects of this unit. */
  readonly problems: readonly Problem[];
  /** True: nothing is left to write, the database is as `result` says. Never true while the unit is blocked. */
  readonly isCommitted: boolean;
  /** Object keys whose rows are not as they should be yet; empty when committed. */
  readonly pending: ReadonlySet<string>;
  /** Why it could not be done; undefined: it was, or is about to be. */
  readonly failure: Error | undefined;
  /** How many changes of objects `result` knows of: of what changed later it says nothing. */
  readonly revision: number;
}

/** The objects as they are now; those that are rejected or about to go are not among them. An `Inventory` is one. */
export interface StatusObjects {
  get(key: string): ApiObject | undefined;
  /** `''` for cluster-scoped kinds. */
  inNamespace<K extends Kind>(kind: K, namespace: string): readonly ObjectOf<K>[];
  /** Projects with this backing namespace, the one that has it first. */
  projectsOf(namespace: string): readonly Project[];
  /** Projects that are in the VPC, be it their own. */
  projectsIn(vpc: string): readonly Project[];
  /** Name of the VPC that a namespace is in if it is a project's. */
  vpcOfNamespace(namespace: string): string;
  subnetsOf(vpc: string): readonly Subnet[];
  /** Vpcs that name this one in `spec.peerings`. */
  peersOf(vpc: string): readonly Vpc[];
}

/** What else a status is a function of. */
export interface StatusContext {
  readonly objects: StatusObjects;
  /** Statuses by object key that were written and have not come back yet: newer than those of `objects`. */
  readonly written: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** True: a `Target.realise()` that began after the unit was committed has resolved. */
  readonly isRealised: boolean;
  /** By name of the pool, which of an external network is its object key; undefined: not known. */
  usage(pool: string): PoolUsage | undefined;
  /** RFC 3339, in whole seconds, for example `2026-03-01T10:00:00Z`. */
  readonly now: string;
}

/** How many addresses a pool has, and how many are given out. */
export interface PoolUsage {
  readonly size: bigint;
  readonly used: bigint;
}
