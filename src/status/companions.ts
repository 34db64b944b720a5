// Objects that must be beside those of people, and those of ours that must go.
import { label, managedBy } from '../api/annotations.ts';
import { objectKey } from '../api/api-object.ts';
import { isOwnLoadBalancer } from '../api/service.ts';
import type { LoadBalancerModel } from '../model/network-model.ts';
import { formatAddress } from '../net/address.ts';
import { backingNamespace } from '../api/project.ts';
import type { Project } from '../api/project.ts';
import { asArray, asObject, asText } from './json.ts';
import { companion, isOurs } from './companion.ts';
import type { Companion, CompanionKind } from './companion.ts';
import { eipCompanions } from './eip-companions.ts';
import { externalEndpoints } from './external-endpoints.ts';
import type { DesiredStatus } from './subject.ts';
import type { StatusObjects, UnitOutcome } from './unit-outcome.ts';

/**
 * What must be there because of the objects of a unit, in the order in which it has to be made. Nothing while the unit is
 * blocked: what is there stays. `statuses`: as {@link desiredStatuses} gives them for the same outcome.
 */
export function companions(
  outcome: UnitOutcome,
  statuses: readonly DesiredStatus[],
  objects: StatusObjects,
): readonly Companion[] {
  const { result } = outcome;
  const model = result?.model;
  if (result?.state !== 'model' || model?.kind !== 'vpc') return [];
  return model.subnets.flatMap(({ source }) => {
    const project = objects.get(source);
    return project?.kind === 'Project' ? projectCompanions(project, outcome, statuses, objects) : [];
  });
}

function projectCompanions(
  project: Project,
  outcome: UnitOutcome,
  statuses: readonly DesiredStatus[],
  objects: StatusObjects,
): readonly Companion[] {
  const namespace = backingNamespace(project);
  const prefix = `EIp/${namespace}/`;
  const eips = outcome.result?.eips.filter(({ key }) => key.startsWith(prefix)) ?? [];
  return [
    namespaceOf(project, objects),
    ...eipCompanions(namespace, eips, objects),
    ...statuses.flatMap(({ key, status }) => {
      const service = objects.get(key);
      return service?.kind === 'Service' &&
        service.metadata.namespace === namespace &&
        isOwnLoadBalancer(service)
        ? externalEndpoints(service, addressesIn(status), objects)
        : [];
    }),
    ...routedEndpoints(namespace, outcome, objects),
  ];
}

/** Of Services that are no LoadBalancer and have an address for a route: no status of theirs may name it. */
function routedEndpoints(
  namespace: string,
  outcome: UnitOutcome,
  objects: StatusObjects,
): readonly Companion[] {
  return objects
    .inNamespace('Service', namespace)
    .filter((service) => !isOwnLoadBalancer(service))
    .flatMap((service) => {
      const balancers = balancersOf(objectKey(service), outcome);
      const ports = new Set(balancers.flatMap(({ vips }) => vips.map(({ port }) => port)));
      const addresses = new Set(
        balancers.flatMap(({ vips }) => vips.map(({ address }) => formatAddress(address))),
      );
      const routed = service.spec.ports.filter(({ port, protocol }) => protocol === 'TCP' && ports.has(port));
      const exposed = { ...service, spec: { ...service.spec, ports: routed } };
      // Before its rows are there, what is there already stays.
      const isThere = objects.get(`${objectKey(service)}-ext`) !== undefined;
      return outcome.isCommitted || isThere ? externalEndpoints(exposed, [...addresses], objects) : [];
    });
}

function balancersOf(service: string, { result }: UnitOutcome): readonly LoadBalancerModel[] {
  if (result?.model?.kind !== 'vpc') return [];
  const { loadBalancers, edges } = result.model;
  return [...loadBalancers, ...edges.flatMap((edge) => edge.loadBalancers)].filter(
    ({ source }) => source === service,
  );
}

/**
 * One that was there before is not ours, and stays when the Project goes. Source: Kube-DC, whose policies match the label
 * of a project's namespace with an empty value.
 */
function namespaceOf(project: Project, objects: StatusObjects): Companion {
  const existing = objects.get(`Namespace/${backingNamespace(project)}`);
  const isMade = existing === undefined || isOurs(existing);
  return companion({
    kind: 'Namespace',
    namespace: '',
    name: backingNamespace(project),
    labels: {
      [label.project]: '',
      [label.organization]: project.metadata.namespace,
      ...(isMade && { [label.managedBy]: managedBy.projector }),
    },
    rest: {},
  });
}

function addressesIn(status: DesiredStatus['status']): readonly string[] {
  const { ingress } = asObject(status['loadBalancer']);
  return asArray(ingress)
    .map((entry) => asText(asObject(entry)['ip']))
    .filter((ip) => ip !== '');
}

/** An object of a unit's namespace that carries the label of one of ours. */
export interface ExistingCompanion {
  readonly key: string;
  readonly kind: CompanionKind;
}

/**
 * Those of ours that nothing asks for any more. Only once the rows are gone, so that no address is free before. A Namespace
 * goes with its Project, see `nextProjectStep`.
 */
export function obsoleteCompanions(
  outcome: UnitOutcome,
  existing: readonly ExistingCompanion[],
  wanted: readonly Companion[],
): readonly ExistingCompanion[] {
  const { result, isCommitted } = outcome;
  if (result === undefined || !isCommitted) return [];
  const keys = new Set(wanted.map(({ key }) => key));
  const inUse = new Set(result.eips.filter(({ owners }) => owners.length > 0).map(({ key }) => key));
  return existing.filter(
    ({ key, kind }) =>
      kind !== 'Namespace' && !keys.has(key) && !inUse.has(key) && !isHeld(key, result.heldSources),
  );
}

/** What a rejected Service or FIp made stays with it: `slb-web`, `fip-vm`, `web-ext`, `web-ext-ipv4`. */
function isHeld(key: string, held: ReadonlySet<string>): boolean {
  const [, namespace = '', name = ''] = key.split('/');
  const makers = [
    ...(name.startsWith('slb-') ? [`Service/${namespace}/${name.slice(4)}`] : []),
    ...(name.startsWith('fip-') ? [`FIp/${namespace}/${name.slice(4)}`] : []),
    `Service/${namespace}/${name.replace(/-ext(-ipv[46])?$/, '')}`,
  ];
  return makers.some((maker) => held.has(maker));
}
