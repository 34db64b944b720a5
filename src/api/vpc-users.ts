// Who still uses a Vpc that is about to go: until nobody does, it stays as it is.
import { objectKey } from './api-object.ts';
import type { Project } from './project.ts';
import type { Subnet } from './subnet.ts';
import type { Vpc } from './vpc.ts';
import type { Problem } from '../base/problem.ts';

/** What is asked for it; an Inventory answers. */
export interface VpcUserLookup {
  subnetsOf(vpc: string): readonly Subnet[];
  projectsIn(vpc: string): readonly Project[];
  peersOf(vpc: string): readonly Vpc[];
}

export const isLeaving = ({ metadata }: Vpc): boolean => metadata.deletionTimestamp !== undefined;

/** Object keys: its Subnets, the Projects in it, and the Vpcs that it has a peering with. Two that go do not wait for each other. */
export function vpcUsers(vpc: Vpc, objects: VpcUserLookup): readonly string[] {
  const { name } = vpc.metadata;
  const named = new Set(vpc.spec.peerings.map((peering) => peering.vpc));
  const peers = objects.peersOf(name).filter((peer) => named.has(peer.metadata.name) && !isLeaving(peer));
  const projects = objects.projectsIn(name).filter(({ spec }) => spec.vpc === name);
  return [...objects.subnetsOf(name), ...projects, ...peers].map(objectKey);
}

/** More of them would not be read. */
const namedUsers = 5;

export function leavingProblem(vpc: Vpc, objects: VpcUserLookup): Problem {
  const users = vpcUsers(vpc, objects);
  const more = users.length - namedUsers;
  const names = users.slice(0, namedUsers).join(', ') + (more > 0 ? ` and ${more} more` : '');
  return {
    code: 'Pending',
    object: objectKey(vpc),
    path: '',
    message: `it is about to be deleted, and still used by ${names}`,
    hint: 'delete them, or take the Vpc out of their spec; until then it stays as it is',
  };
}
