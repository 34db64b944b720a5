// What a VPC grows from: a Project or a Vpc, brought into one form, so that nothing below knows which it was.
import { objectKey } from '../api/api-object.ts';
import type { ApiObject } from '../api/api-object.ts';
import type { ExternalNetwork } from '../api/external-network.ts';
import type { Opening } from '../api/openings.ts';
import { backingNamespace } from '../api/project.ts';
import type { Project } from '../api/project.ts';
import type { Vpc } from '../api/vpc.ts';
import type { Problem } from '../base/problem.ts';
import { compareStrings } from '../base/order.ts';
import type { Address, Family, Prefix, Range } from '../net/address.ts';
import { families, ofFamily } from '../net/family-list.ts';
import { usableRange } from '../net/prefix.ts';
import { isLeaving, vpcUsers } from '../api/vpc-users.ts';
import type { Inventory } from './inventory.ts';
import type {
  PeeringModel,
  PolicyRouteModel,
  StaticRouteModel,
  SubnetEgress,
  SubnetRange,
} from './network-model.ts';
import type { WrittenRules } from './subnet-rule-model.ts';

/** One subnet that is meant, before its workloads are known. */
export interface RootSubnet {
  readonly name: string;
  readonly source: string;
  /** At most one per family, IPv4 first. */
  readonly ranges: readonly SubnetRange[];
  readonly excluded: readonly Range[];
  readonly egress: SubnetEgress | undefined;
  /** Whether workloads are told their address and gateway. */
  readonly dhcp: boolean;
  readonly written: WrittenRules;
}

/** Families that some of the subnets have, IPv4 first. */
export function subnetFamilies(subnets: readonly Pick<RootSubnet, 'ranges'>[]): readonly Family[] {
  return families.filter((family) =>
    subnets.some(({ ranges }) => ranges.some(({ prefix }) => prefix.family === family)),
  );
}

/** A range per prefix. The gateway of a family that `gateways` lacks is the first usable address. */
export function subnetRanges(
  prefixes: readonly Prefix[],
  gateways: readonly Address[],
): readonly SubnetRange[] {
  return prefixes.map((prefix) => {
    const { family } = prefix;
    const first = { family, value: usableRange(prefix).first };
    return { prefix, gateway: ofFamily(gateways, family) ?? first };
  });
}

/** A subnet with the addresses that are set apart on it for the routers to further external networks, by their names. */
export interface SubnetSeed extends RootSubnet {
  readonly edgeAddresses: ReadonlyMap<string, readonly Address[]>;
}

/** Where the router leaves by. `addresses`: one per family that both have, as far as they are decided. */
export interface EgressSeed {
  readonly network: ExternalNetwork;
  readonly source: string;
  readonly addresses: readonly Address[];
}

/** A further external network. `requested`: addresses that the edge is to have there. */
export interface Attachment {
  readonly network: ExternalNetwork;
  readonly requested: readonly Address[];
  readonly path: string;
}

/** What leaves by an address that the VPC has on a network. */
export const leavesBy = ({ network, addresses }: EgressSeed): SubnetEgress => ({
  network: network.metadata.name,
  addresses,
});

export interface VpcRoot {
  readonly name: string;
  readonly source: string;
  /** The projects in it, the oldest first: the one that makes it, or those that name the Vpc. */
  readonly tenants: readonly Tenant[];
  /** Namespaces whose Pods and Services are in this VPC, each with the name of the subnet that its Pods are on. */
  readonly homes: ReadonlyMap<string, string>;
  readonly egress: EgressSeed | undefined;
  /** Further external networks that the VPC is on by its own wish, by name; others follow from the EIPs it holds. */
  readonly attached: ReadonlyMap<string, Attachment>;
  readonly subnets: readonly RootSubnet[];
  readonly staticRoutes: readonly StaticRouteModel[];
  readonly policyRoutes: readonly PolicyRouteModel[];
  readonly peerings: readonly PeeringModel[];
  /** What may begin connections where a project is behind a wall otherwise. */
  readonly openings: readonly Opening[];
}

/** A project in a VPC: what is its own there. */
export interface Tenant {
  /** Whose EIps, FIps and Services of type LoadBalancer are its own. */
  readonly namespace: string;
  /** Object key of the Project. */
  readonly source: string;
  /** Its one subnet, which is among those of the VPC. */
  readonly subnet: RootSubnet;
  /** Its EIP `default-gw`. */
  readonly egress: EgressSeed;
  /** Undefined: nothing is forbidden, or nobody knows what is. */
  readonly isolation: IsolationSeed | undefined;
}

/** Name of the subnet of a project, by its backing namespace. */
export const projectSubnet = (namespace: string): string => `${namespace}-default`;

/** Which ways are closed, and for whom they are open all the same. Undefined: the way is open. */
export interface IsolationSeed {
  readonly egress: readonly Range[] | undefined;
  readonly ingress: readonly Range[] | undefined;
}

/** What a claim's age is read from. */
export type Claimant = Pick<ApiObject, 'kind' | 'metadata'>;

/** Sort key of a claim, older first within a class: `0` Vpcs, `1` projects, `2` everything else. */
export function claimOrder(rank: 0 | 1 | 2, claimant: Claimant): string {
  return `${rank} ${claimant.metadata.creationTimestamp ?? ''} ${objectKey(claimant)}`;
}

/**
 * Returns the oldest of the objects that claim the name of a VPC, and a Conflict for each other one. `{org}-{project}`
 * is not injective: `shalb-a`/`b` and `shalb`/`a-b` both make `shalb-a-b`. Where the namespace of that name is a project's
 * that is in a Vpc, no other project makes a VPC of it.
 */
export function holderOfVpc(
  name: string,
  inventory: Inventory,
): { readonly holder: Project | Vpc | undefined; readonly conflicts: readonly Problem[] } {
  const vpc = inventory.get(`Vpc/${name}`);
  const standing = vpc?.kind === 'Vpc' && !(isLeaving(vpc) && vpcUsers(vpc, inventory).length === 0);
  const projects = inventory.projectsOf(name);
  const makers = projects.filter(({ spec }) => spec.vpc === undefined);
  const [first] = projects;
  const elsewhere = first?.spec.vpc === undefined ? undefined : first;
  const claimants: (Project | Vpc)[] = [
    ...(elsewhere === undefined ? makers : []),
    ...(standing ? [vpc] : []),
  ];
  const age = (object: Project | Vpc): string => object.metadata.creationTimestamp ?? '';
  const [holder, ...others] = claimants.toSorted((a, b) => compareStrings(age(a), age(b)));
  const conflicts = [
    ...others.map((other) => nameConflict(other, holder, 'network')),
    ...(elsewhere === undefined ? [] : makers.map((other) => nameConflict(other, elsewhere, 'namespace'))),
  ];
  return { holder, conflicts };
}

/** Of an object whose network, or namespace, somebody else has. */
export function nameConflict(
  object: Project | Vpc,
  holder: Project | Vpc | undefined,
  what: 'network' | 'namespace',
): Problem {
  const name = object.kind === 'Vpc' ? object.metadata.name : backingNamespace(object);
  return {
    code: 'Conflict',
    object: objectKey(object),
    path: 'metadata.name',
    message: `its ${what} would be ${name}, which ${holder === undefined ? 'another object' : objectKey(holder)} already has`,
    hint: 'rename one of the two',
  };
}
