// Objects that hang in a network which nobody makes: said out loud, because nothing else would come of them.
import { requestedSubnet } from '../api/annotations.ts';
import { objectKey } from '../api/api-object.ts';
import type { ApiObject } from '../api/api-object.ts';
import type { Project } from '../api/project.ts';
import type { Vpc } from '../api/vpc.ts';
import type { Problem } from '../base/problem.ts';
import type { ModelContext } from './model-context.ts';
import { subnetOfNamespace } from './namespaces.ts';
import { misplaced, needsPort } from './placement.ts';

/**
 * What is said to be in the VPC `name` and cannot be, seen from what makes that VPC: Subnets belong into a Vpc, and
 * EIps and FIps of a namespace into that of a Project. A Service is only warned of: another controller may serve it.
 */
export function strandedProblems(
  name: string,
  holder: Project | Vpc | undefined,
  context: ModelContext,
): readonly Problem[] {
  const subnets = holder?.kind === 'Vpc' ? [] : context.inventory.subnetsOf(name);
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
    ...(holder?.kind === 'Vpc' ? [] : waitingProjects(name, hint, context)),
    ...(holder?.kind === 'Project' || hasProject(name, context) ? [] : withoutProject(name, context)),
  ];
}

/** Projects that name a Vpc which is not there: nothing comes of them until it is. */
function waitingProjects(name: string, hint: string, { inventory }: ModelContext): readonly Problem[] {
  return inventory
    .projectsIn(name)
    .filter(({ spec }) => spec.vpc === name)
    .map((project) => ({
      code: 'NotFound' as const,
      object: objectKey(project),
      path: 'spec.vpc',
      message: `there is no Vpc ${name}`,
      hint,
    }));
}

/** Whether the namespace is that of a project, wherever that is. */
const hasProject = (namespace: string, { inventory }: ModelContext): boolean =>
  inventory.projectsOf(namespace).length > 0 || inventory.vpcOfNamespace(namespace) !== namespace;

function withoutProject(namespace: string, context: ModelContext): readonly Problem[] {
  const { inventory } = context;
  const home = subnetOfNamespace(namespace, context);
  const problem = (object: ApiObject) => ({
    code: 'NotFound' as const,
    object: objectKey(object),
    path: 'metadata.namespace',
    message: `no Project has the namespace ${namespace}`,
    hint:
      home === undefined
        ? 'create the Project {org}/{project} whose namespace {org}-{project} this is, or correct the namespace'
        : `${objectKey(home)} takes its Pods and ClusterIPs; only a Project has addresses of external networks`,
    ...(object.kind === 'Service' && { severity: 'warning' as const }),
  });
  const services = inventory
    .inNamespace('Service', namespace)
    .filter(({ spec }) => spec.type === 'LoadBalancer');
  return [
    ...[
      ...inventory.inNamespace('EIp', namespace),
      ...inventory.inNamespace('FIp', namespace),
      ...services,
    ].map(problem),
    ...(home === undefined ? lostPods(namespace, context) : []),
  ];
}

/** Pods that want to be on a subnet, of a namespace that is in no network. */
function lostPods(namespace: string, { inventory }: ModelContext): readonly Problem[] {
  return inventory
    .inNamespace('Pod', namespace)
    .filter(needsPort)
    .flatMap((pod) => {
      const wanted = requestedSubnet(pod);
      return wanted === undefined ? [] : (misplaced(pod, wanted, undefined, inventory) ?? []);
    });
}
