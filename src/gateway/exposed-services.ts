// The objects that people write, as far as routes depend on them: folded from changes, without order.
import { annotation, boundEIp, label } from '../api/annotations.ts';
import { formatObjectKey, objectKey } from '../api/api-object.ts';
import type { ApiObject } from '../api/api-object.ts';
import type { EIp } from '../api/eip.ts';
import { exposeRoute, isAcmeSolver, wantsEnvoyBackend } from '../api/exposure.ts';
import { backingNamespace } from '../api/project.ts';
import type { Service } from '../api/service.ts';
import { compareStrings } from '../base/order.ts';

/** As a source tells it. */
export interface SourceChange {
  readonly key: string;
  readonly object: ApiObject | undefined;
  readonly invalid?: boolean;
}

export class ExposedServices {
  readonly #services = new Map<string, Service>();
  readonly #rejected = new Set<string>();
  readonly #namespaces = new Set<string>();
  /** Namespace → Projects, by key. */
  readonly #projects = new Map<string, string>();
  /** Subnet → VPC and namespaces. */
  readonly #subnets = new Map<string, { readonly vpc: string; readonly namespaces: readonly string[] }>();
  readonly #eips = new Map<string, EIp>();
  /** EndpointSlices of `{service}-ext` by key, with the key of that Service. */
  readonly #external = new Map<string, string>();
  /** What of these is asked for often; made anew after a change. */
  #found: { readonly projects: ReadonlySet<string>; readonly external: ReadonlySet<string> } | undefined;

  /** Returns whether something changed on which routes depend. */
  apply(changes: Iterable<SourceChange>): boolean {
    let isChanged = false;
    this.#found = undefined;
    for (const change of changes) isChanged = this.#take(change) || isChanged;
    return isChanged;
  }

  /** Services that ask for a route or a Backend, or answer a challenge; the oldest first. */
  all(): readonly Service[] {
    const age = (service: Service): string =>
      `${service.metadata.creationTimestamp ?? ''} ${objectKey(service)}`;
    return [...this.#services.values()].toSorted((a, b) => compareStrings(age(a), age(b)));
  }

  get(key: string): Service | undefined {
    return this.#services.get(key);
  }

  /** Whether a Service is there and rejected: what it made stays. */
  isRejected(key: string): boolean {
    return this.#rejected.has(key);
  }

  get namespaces(): ReadonlySet<string> {
    return this.#namespaces;
  }

  /** The VPC that a namespace is in; undefined: none of ours. */
  vpcOf(namespace: string): string | undefined {
    if (this.#sets().projects.has(namespace)) return namespace;
    const naming = [...this.#subnets].filter(([, { namespaces }]) => namespaces.includes(namespace));
    return naming.toSorted(([a], [b]) => compareStrings(a, b))[0]?.[1].vpc;
  }

  /** Addresses that an EIp records, by its key. */
  addressesOf(eip: string): readonly string[] {
    const text = this.#eips.get(eip)?.status.ipAddress ?? '';
    return text === '' ? [] : text.split(',').map((part) => part.trim());
  }

  /** Whether `{service}-ext` leads somewhere. */
  hasExternal(service: string): boolean {
    return this.#sets().external.has(service);
  }

  #sets() {
    this.#found ??= {
      projects: new Set(this.#projects.values()),
      external: new Set(this.#external.values()),
    };
    return this.#found;
  }

  #take({ key, object, invalid = false }: SourceChange): boolean {
    const [kind = ''] = key.split('/', 1);
    const isForgotten = this.#forget(kind, key);
    if (kind === 'Service' && invalid) this.#rejected.add(key);
    const isPut = object !== undefined && !invalid && this.#put(key, object);
    return isForgotten || isPut || (kind === 'Service' && invalid);
  }

  /** Whether it was known. */
  #forget(kind: string, key: string): boolean {
    const wasRejected = this.#rejected.delete(key);
    if (kind === 'Namespace') return this.#namespaces.delete(key.slice('Namespace/'.length));
    const map = { Service: this.#services, Project: this.#projects, Subnet: this.#subnets }[kind];
    if (map !== undefined) return map.delete(key) || wasRejected;
    return this.#eips.delete(key) || this.#external.delete(key);
  }

  #put(key: string, object: ApiObject): boolean {
    const { kind, metadata } = object;
    if (kind === 'Service' && isOfInterest(object)) this.#services.set(key, object);
    else if (kind === 'Namespace') this.#namespaces.add(metadata.name);
    else if (kind === 'Project') this.#projects.set(key, backingNamespace(object));
    else if (kind === 'EIp') this.#eips.set(key, object);
    else if (kind === 'Subnet' && object.spec.vpc !== undefined)
      this.#subnets.set(key, { vpc: object.spec.vpc, namespaces: object.spec.namespaces });
    else if (kind === 'EndpointSlice' && metadata.labels[label.endpointType] === 'external') {
      const service = metadata.labels[label.sourceService] ?? '';
      this.#external.set(key, formatObjectKey('Service', metadata.namespace, service));
    } else return false;
    return true;
  }
}

/** Those that have a status of ours are looked at, too, so that it can be taken away. */
function isOfInterest(service: Service): boolean {
  const { annotations } = service.metadata;
  return (
    exposeRoute(service) !== undefined ||
    isAcmeSolver(service) ||
    wantsEnvoyBackend(service) ||
    annotations[annotation.routeStatus] !== undefined ||
    annotations[annotation.routeHostnameStatus] !== undefined
  );
}

/** Key of the EIp that a Service is on, or has made for it. */
export function eipOf(service: Service): string {
  const { namespace, name } = service.metadata;
  return formatObjectKey('EIp', namespace, boundEIp(service) ?? `slb-${name}`);
}
