// Every status of a unit's objects, as it should be.
import { isKind, kinds } from '../api/kind.ts';
import type { Problem } from '../base/problem.ts';
import { currentConditions, mergeConditions } from './condition.ts';
import { eipStatus } from './eip-status.ts';
import { fipStatus } from './fip-status.ts';
import { asJson } from './json.ts';
import { externalNetworkStatus, projectStatus } from './network-status.ts';
import { problemsOf } from './problem-text.ts';
import { serviceStatus } from './service-status.ts';
import { ownStatus, subjectOf } from './subject.ts';
import type { DesiredStatus } from './subject.ts';
import type { StatusContext, UnitOutcome } from './unit-outcome.ts';
import { namespacesIn } from './unit-namespaces.ts';
import { verdictsOf } from './verdicts.ts';

/**
 * Statuses of all objects that the unit is about, in the order of their keys: those that are as they should be as well.
 * Objects that are rejected are not among them, see {@link rejectedStatus}.
 */
export function desiredStatuses(outcome: UnitOutcome, context: StatusContext): readonly DesiredStatus[] {
  const [kind, name = ''] = outcome.unit.split('/', 2);
  const statuses = statusesOf[kind ?? '']?.(name, outcome, context) ?? [];
  return statuses.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

const statusesOf: Readonly<Record<string, typeof vpcStatuses>> = {
  network: networkStatuses,
  vpc: vpcStatuses,
  underlay: underlayStatuses,
};

function underlayStatuses(name: string, outcome: UnitOutcome, context: StatusContext): DesiredStatus[] {
  const subnet = context.objects.get(`Subnet/${name}`);
  return subnet === undefined ? [] : [ownStatus(subjectOf(subnet, outcome, context), {}, {})];
}

function networkStatuses(name: string, outcome: UnitOutcome, context: StatusContext): DesiredStatus[] {
  const network = context.objects.get(`ExternalNetwork/${name}`);
  if (network?.kind !== 'ExternalNetwork') return [];
  return [externalNetworkStatus(subjectOf(network, outcome, context))];
}

function vpcStatuses(name: string, outcome: UnitOutcome, context: StatusContext): DesiredStatus[] {
  const { objects } = context;
  const vpc = objects.get(`Vpc/${name}`);
  const plain = [...(vpc?.kind === 'Vpc' ? [vpc] : []), ...objects.subnetsOf(name)];
  return [
    ...objects.projectsIn(name).map((project) => projectStatus(subjectOf(project, outcome, context))),
    ...plain.map((object) => ownStatus(subjectOf(object, outcome, context), {}, {})),
    ...namespacesIn(name, objects).flatMap((namespace) => namespaceStatuses(namespace, outcome, context)),
  ];
}

function namespaceStatuses(namespace: string, outcome: UnitOutcome, context: StatusContext): DesiredStatus[] {
  const { objects } = context;
  const hasProject = objects.projectsOf(namespace).length > 0;
  return [
    ...objects.inNamespace('EIp', namespace).map((eip) => eipStatus(subjectOf(eip, outcome, context))),
    ...objects.inNamespace('FIp', namespace).map((fip) => fipStatus(subjectOf(fip, outcome, context))),
    ...objects
      .inNamespace('Service', namespace)
      .flatMap((service) => serviceStatus(subjectOf(service, outcome, context), hasProject) ?? []),
  ];
}

/** An object that `decodeObject` rejected, as far as it names itself. */
export interface RejectedObject {
  /** `EIp/shalb-demo/ssh-arti` */
  readonly key: string;
  readonly generation: number | undefined;
  /** As it was written last. */
  readonly status: Readonly<Record<string, unknown>>;
}

/**
 * Conditions of a rejected object; everything else in its status stays, as do its rows. `problems`: all that are known.
 * Undefined: of a kind without conditions.
 */
export function rejectedStatus(
  { key, generation, status }: RejectedObject,
  problems: readonly Problem[],
  now: string,
): DesiredStatus | undefined {
  const [kind = '', ...rest] = key.split('/');
  const [namespace, name] = rest.length === 2 ? [rest[0] ?? '', rest[1] ?? ''] : ['', rest[0] ?? ''];
  const fields = ownFields[kind];
  if (fields === undefined || !isKind(kind)) return undefined;
  const current = currentConditions(status);
  const verdicts = verdictsOf({
    problems: problemsOf(key, problems),
    state: 'kept',
    failure: undefined,
    reason: 'stays as it is while the object is rejected',
    isRealised: false,
    current,
    generation,
    isUnchanged: false,
  });
  const conditions = mergeConditions(verdicts, current, generation, now);
  const kept = Object.fromEntries(fields.map((field) => [field, asJson(status[field])]));
  const ready = kind === 'Service' ? {} : { ready: false };
  const { apiVersion } = kinds[kind];
  return { key, apiVersion, kind, namespace, name, status: { ...kept, ...ready, conditions } };
}

/** Members of a status that we write beside `ready` and `conditions`: what is not applied again would be taken away. */
const ownFields: Readonly<Record<string, readonly string[]>> = {
  Project: ['namespace', 'cidrBlock'],
  EIp: ['ipAddress', 'ovnEIpRef', 'ownershipType', 'owners', 'deleteReleased'],
  FIp: ['eip', 'externalIP', 'ovnFip', 'resolvedTargetIP', 'targetVMInterface'],
  ExternalNetwork: ['capacity', 'allocated'],
  Service: ['loadBalancer'],
  Vpc: [],
  Subnet: [],
};
