// Which subnet of a VPC each pod of its namespaces is on.
import { annotation, requestedSubnet } from '../api/annotations.ts';
import { objectKey } from '../api/api-object.ts';
import type { Pod } from '../api/pod.ts';
import { isUnderlay } from '../api/subnet.ts';
import type { Problem } from '../base/problem.ts';
import type { Inventory } from './inventory.ts';
import type { UnitRun } from './unit-run.ts';
import type { VpcRoot } from './vpc-root.ts';

/**
 * Pods by the name of their subnet: the one that they name, else that of their namespace. One that names a subnet which
 * it cannot be on is on none; what it has already stays. The pods of a project are on its subnet alone, and no others are.
 */
export function podsBySubnet(
  root: Pick<VpcRoot, 'name' | 'homes' | 'subnets' | 'tenants'>,
  run: UnitRun,
): ReadonlyMap<string, readonly Pod[]> {
  const { inventory } = run.context;
  const { name: vpc, homes, subnets } = root;
  const placed = new Map(subnets.map(({ name }) => [name, [] as Pod[]]));
  for (const [namespace, home] of homes) {
    const open = openSubnets(namespace, root);
    for (const pod of inventory.inNamespace('Pod', namespace).filter(needsPort)) {
      const wanted = requestedSubnet(pod);
      const pods = wanted === undefined || open.has(wanted) ? placed.get(wanted ?? home) : undefined;
      pods?.push(pod);
      const problem =
        pods === undefined &&
        wanted !== undefined &&
        (walled(pod, wanted, root) ?? misplaced(pod, wanted, vpc, inventory));
      if (problem === undefined || problem === false) continue;
      run.heldSources.add(objectKey(pod));
      run.report(problem);
    }
  }
  return placed;
}

/** Subnets of the VPC that pods of a namespace may name. */
export function openSubnets(
  namespace: string,
  { subnets, tenants }: Pick<VpcRoot, 'subnets' | 'tenants'>,
): ReadonlySet<string> {
  const tenant = tenants.find((each) => each.namespace === namespace);
  if (tenant !== undefined) return new Set([tenant.subnet.name]);
  const walledOff = new Set(tenants.map(({ subnet }) => subnet.name));
  return new Set(subnets.map(({ name }) => name).filter((name) => !walledOff.has(name)));
}

/** Of a pod that names a subnet of its VPC which is somebody else's. */
function walled(pod: Pod, wanted: string, { subnets }: Pick<VpcRoot, 'subnets'>): Problem | undefined {
  const subnet = subnets.find(({ name }) => name === wanted);
  if (subnet === undefined) return undefined;
  return {
    code: 'Forbidden',
    object: objectKey(pod),
    path: `metadata.annotations[${annotation.subnet}]`,
    message: `subnet ${wanted} is of ${subnet.source}, and not open to namespace ${pod.metadata.namespace}`,
    hint: 'remove the annotation: the pods of a project are on its own subnet, and no others are',
  };
}

/** Pods on the host's own network have no port; finished ones have given theirs back. */
export function needsPort(pod: Pod): boolean {
  return !pod.spec.hostNetwork && pod.status.phase !== 'Succeeded' && pod.status.phase !== 'Failed';
}

/**
 * Why a pod cannot be on the subnet that it names, which its own network does not have; undefined: it can, on an
 * underlay that is open to its namespace. `vpc`: the one that its namespace is in; undefined: none.
 */
export function misplaced(
  pod: Pod,
  wanted: string,
  vpc: string | undefined,
  inventory: Inventory,
): Problem | undefined {
  const { namespace } = pod.metadata;
  const key = `Subnet/${wanted}`;
  const author = { object: objectKey(pod), path: `metadata.annotations[${annotation.subnet}]` };
  const subnet = inventory.get(key);
  if (subnet?.kind !== 'Subnet' && !inventory.isInvalid(key)) {
    const hint = 'name one that exists, or remove the annotation';
    return { ...author, code: 'NotFound', message: `there is no ${key}`, hint };
  }
  if (subnet?.kind === 'Subnet' && isUnderlay(subnet)) {
    if (subnet.spec.namespaces.includes(namespace)) return undefined;
    const message = `${key} is not open to namespace ${namespace}`;
    return {
      ...author,
      code: 'Forbidden',
      message,
      hint: `only whoever writes ${key} can open it, by spec.namespaces`,
    };
  }
  if (subnet?.kind !== 'Subnet' || subnet.spec.vpc === vpc) {
    const hint = `correct ${key} first`;
    return { ...author, code: 'Pending', message: `${key} has a problem of its own`, hint };
  }
  return {
    ...author,
    code: 'Forbidden',
    message: `${key} is of Vpc ${subnet.spec.vpc ?? ''}, and namespace ${namespace} is ${vpc === undefined ? 'in no network' : `in ${vpc}`}`,
    hint: `name a subnet of its own network; only whoever writes ${key} can let a namespace in, by spec.namespaces`,
  };
}
