// Which namespaces are in a Vpc: those that its Subnets name, as far as nobody else has them.
import { objectKey } from '../api/api-object.ts';
import type { RoutedSubnet } from '../api/subnet.ts';
import type { Inventory } from './inventory.ts';
import type { ModelContext } from './model-context.ts';
import { vpcUnit } from './unit.ts';
import type { UnitRun } from './unit-run.ts';
import { holderOfVpc } from './vpc-root.ts';

/** The Project whose namespace it is, as an object key, be it a rejected one; undefined: no Project's. */
function projectOfNamespace(namespace: string, inventory: Inventory): string | undefined {
  const [project] = inventory.projectsOf(namespace);
  if (project?.spec.vpc !== undefined) return objectKey(project);
  const { holder } = holderOfVpc(namespace, inventory);
  if (holder?.kind === 'Project') return objectKey(holder);
  return inventory.invalidRoots(vpcUnit(namespace)).find((key) => key.startsWith('Project/'));
}

/**
 * The Subnet that has a namespace: the oldest that names it, where what is programmed is older than what is not.
 * Undefined: none has, or the namespace is a Project's.
 */
export function subnetOfNamespace(
  namespace: string,
  { inventory, observations }: ModelContext,
): RoutedSubnet | undefined {
  if (projectOfNamespace(namespace, inventory) !== undefined) return undefined;
  const claimants = inventory.subnetsNaming(namespace);
  return (
    claimants.find(({ metadata, spec }) => observations.hasSubnet(spec.vpc, metadata.name)) ?? claimants[0]
  );
}

/** The VPC that a namespace is in: its Project's, or that of the Subnet that has it; undefined: none. */
export function vpcOfNamespace(namespace: string, context: ModelContext): string | undefined {
  const { inventory } = context;
  if (projectOfNamespace(namespace, inventory) !== undefined) return inventory.vpcOfNamespace(namespace);
  return subnetOfNamespace(namespace, context)?.spec.vpc;
}

/** Namespace → name of its subnet, for those that the Subnets have; what they name in vain is reported. */
export function claimedNamespaces(
  subnets: readonly RoutedSubnet[],
  run: UnitRun,
): ReadonlyMap<string, string> {
  const homes = new Map<string, string>();
  for (const subnet of subnets) {
    for (const [index, namespace] of subnet.spec.namespaces.entries()) {
      const holder = subnetOfNamespace(namespace, run.context);
      if (holder === subnet) homes.set(namespace, subnet.metadata.name);
      else reportTaken(subnet, index, namespace, holder, run);
    }
  }
  return homes;
}

function reportTaken(
  subnet: RoutedSubnet,
  index: number,
  namespace: string,
  holder: RoutedSubnet | undefined,
  run: UnitRun,
): void {
  const project = projectOfNamespace(namespace, run.context.inventory) ?? '';
  run.report({
    code: 'Conflict',
    object: objectKey(subnet),
    path: `spec.namespaces[${index}]`,
    message:
      holder === undefined
        ? `${namespace} is the namespace of ${project}, whose workloads are on the project's own subnet`
        : `namespace ${namespace} is on ${objectKey(holder)} already`,
    hint:
      holder === undefined
        ? 'remove it from the list, or rename the Project'
        : 'remove it from one of the two: the pods of a namespace are on one subnet',
  });
}
