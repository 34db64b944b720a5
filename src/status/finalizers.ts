// Finalizers: which objects must not go before their rows, and what has to happen first.
import { label, managedBy } from '../api/annotations.ts';
import { objectKey } from '../api/api-object.ts';
import type { ApiObject } from '../api/api-object.ts';
import type { Namespace } from '../api/namespace.ts';
import { backingNamespace } from '../api/project.ts';
import type { Vpc } from '../api/vpc.ts';
import { isOwnLoadBalancer } from '../api/service.ts';
import { isLeaving, vpcUsers } from '../api/vpc-users.ts';
import type { StatusObjects } from './unit-outcome.ts';

/** Those of Kube-DC where it has one. */
export const finalizers = {
  Project: 'project.kube-dc.com/finalizer',
  EIp: 'eip.kube-dc.com/finalizer',
  FIp: 'fip.kube-dc.com/finalizer',
  Service: 'service.kube-dc.com/finalizer',
  Vpc: 'vpc.kube-dc.com/finalizer',
} as const;

/** The finalizer that an object must carry before the first of its rows is written; undefined: none. */
export function finalizerFor(object: ApiObject): string | undefined {
  const { kind } = object;
  if (kind === 'Service') return isOwnLoadBalancer(object) ? finalizers.Service : undefined;
  return kind === 'Project' || kind === 'EIp' || kind === 'FIp' || kind === 'Vpc'
    ? finalizers[kind]
    : undefined;
}

/** Of an object that was rejected no more is sure. */
export type NamedObject = Parameters<typeof objectKey>[0];

/** The namespace of a project that an object is of; undefined: it has no finalizer of ours. */
export function namespaceOfKey(key: string): string | undefined {
  const [kind = '', namespace = '', name = ''] = key.split('/');
  if (!(kind in finalizers)) return undefined;
  return kind === 'Project' ? backingNamespace({ metadata: { namespace, name } }) : namespace;
}

/** The unit that has to do with an object's status, and with its rows and records if it has a finalizer. */
export function unitOf(object: ApiObject, objects: Pick<StatusObjects, 'vpcOfNamespace'>): string {
  const { kind, metadata } = object;
  if (kind === 'ExternalNetwork') return `network/${metadata.name}`;
  if (kind === 'Vpc') return `vpc/${metadata.name}`;
  if (kind === 'Project') return `vpc/${object.spec.vpc ?? backingNamespace(object)}`;
  if (kind !== 'Subnet') return `vpc/${objects.vpcOfNamespace(metadata.namespace)}`;
  const { vpc } = object.spec;
  return vpc === undefined ? `underlay/${metadata.name}` : `vpc/${vpc}`;
}

/**
 * Of what a unit still serves that which is a Project's: all of it, if the Project makes the unit, else what is its own or
 * of its namespace.
 */
export function servedOfProject(
  project: NamedObject,
  unit: string,
  served: ReadonlySet<string>,
): ReadonlySet<string> {
  const namespace = backingNamespace(project);
  if (unit === `vpc/${namespace}`) return served;
  const key = objectKey(project);
  return new Set(
    [...served].filter(
      (each) => each === key || (each.split('/').length === 3 && each.split('/')[1] === namespace),
    ),
  );
}

/**
 * Whether the finalizer of an EIp, FIp or Service that is about to go may be taken off. `served`: the objects that the
 * unit in the database still serves. An EIp in use stays, marked for deletion, until its last user has let it go.
 */
export function mayRelease(object: NamedObject, served: ReadonlySet<string>): boolean {
  return !served.has(objectKey(object));
}

/** Whether a Vpc is about to go and nobody uses it, so that it goes as soon as its rows are gone. */
export function isUnusedVpc(
  vpc: Vpc,
  objects: Pick<StatusObjects, 'subnetsOf' | 'projectsIn' | 'peersOf'>,
): boolean {
  return isLeaving(vpc) && vpcUsers(vpc, objects).length === 0;
}

/** What comes next for a Project that is about to go. */
export type ProjectStep = 'delete-namespace' | 'wait' | 'release';

/**
 * `served`: as {@link servedOfProject} gives it. `delete-namespace` comes first, and only for one that we made for this Project; its objects drain by their own
 * finalizers. `release`: nothing of the Project is left, here or in the database. A namespace that is missing counts as gone.
 */
export function nextProjectStep(
  project: NamedObject,
  served: ReadonlySet<string>,
  namespace: Namespace | undefined,
  objects: Pick<StatusObjects, 'projectsOf'>,
): ProjectStep {
  const isTaken = objects
    .projectsOf(backingNamespace(project))
    .some((other) => objectKey(other) !== objectKey(project));
  if (isTaken) return served.has(objectKey(project)) ? 'wait' : 'release';
  if (namespace !== undefined && isMadeFor(project, namespace))
    return namespace.metadata.deletionTimestamp === undefined ? 'delete-namespace' : 'wait';
  return served.size > 0 ? 'wait' : 'release';
}

function isMadeFor(project: NamedObject, { metadata }: Namespace): boolean {
  return (
    metadata.labels[label.managedBy] === managedBy.projector &&
    metadata.labels[label.organization] === project.metadata.namespace
  );
}
