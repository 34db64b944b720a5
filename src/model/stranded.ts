// Objects that hang in a network which nobody makes: said out loud, because nothing else would come of them.
import { objectKey } from '../api/api-object.ts';
import type { ApiObject } from '../api/api-object.ts';
import type { Project } from '../api/project.ts';
import type { Vpc } from '../api/vpc.ts';
import type { Problem } from '../base/problem.ts';
import type { Inventory } from './inventory.ts';

/**
 * What is said to be in the VPC `name` and cannot be, seen from what makes that VPC: Subnets belong into a Vpc, and the
 * objects of a namespace into that of a Project. A Service is only warned of: another controller may serve it.
 */
export function strandedProblems(
  name: string,
  holder: Project | Vpc | undefined,
  inventory: Inventory,
): readonly Problem[] {
  const subnets = holder?.kind === 'Vpc' ? [] : inventory.subnetsOf(name);
  const hint =
    holder === undefined
      ? `create Vpc ${name}, or name one that exists`
      : `${objectKey(holder)} makes the network ${name} with a subnet of its own; name a Vpc`;
  return [
    ...subnets.map((subnet) => ({
      code: 'NotFound' as const,
      object: objectKey(subnet),
      path: 'spec.vpc',
      message: `there is no Vpc ${name}`,
      hint,
    })),
    ...(holder?.kind === 'Project' ? [] : withoutProject(name, inventory)),
  ];
}

function withoutProject(namespace: string, inventory: Inventory): readonly Problem[] {
  const problem = (object: ApiObject) => ({
    code: 'NotFound' as const,
    object: objectKey(object),
    path: 'metadata.namespace',
    message: `no Project has the namespace ${namespace}`,
    hint: 'create the Project {org}/{project} whose namespace {org}-{project} this is, or correct the namespace',
    ...(object.kind === 'Service' && { severity: 'warning' as const }),
  });
  const services = inventory
    .inNamespace('Service', namespace)
    .filter(({ spec }) => spec.type === 'LoadBalancer');
  return [
    ...inventory.inNamespace('EIp', namespace),
    ...inventory.inNamespace('FIp', namespace),
    ...services,
  ].map(problem);
}
