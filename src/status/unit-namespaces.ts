// Which namespaces a VPC's unit speaks of.
import { backingNamespace } from '../api/project.ts';
import type { StatusObjects } from './unit-outcome.ts';

/**
 * Those of the projects in the VPC, and the one of its own name, which objects may be in although no Project makes it: a
 * namespace is spoken of in one unit only.
 */
export function namespacesIn(
  vpc: string,
  objects: Pick<StatusObjects, 'projectsIn' | 'vpcOfNamespace'>,
): readonly string[] {
  const names = new Set([...objects.projectsIn(vpc).map(backingNamespace), vpc]);
  return [...names].filter((namespace) => objects.vpcOfNamespace(namespace) === vpc);
}
