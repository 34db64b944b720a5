// Carries one plan of routes out: single objects, and all listeners of a Gateway in one apply.
import { isDeepStrictEqual } from 'node:util';
import { annotation } from '../../../api/annotations.ts';
import type { Service } from '../../../api/service.ts';
import type { DesiredObject } from '../../../gateway/desired-object.ts';
import { isForeignKind } from '../../../gateway/foreign-kind.ts';
import { decodeForeign } from '../../../gateway/foreign-object.ts';
import type { ForeignObject } from '../../../gateway/foreign-object.ts';
import type { ForeignObjects } from '../../../gateway/foreign-objects.ts';
import type { DesiredListeners, GatewayPlan, Listener, RouteStatus } from '../../../gateway/gateway-input.ts';
import { gatewayStates } from '../../../gateway/gateway-state.ts';
import type { GatewayInput } from '../../../gateway/gateway-input.ts';
import { listenerKey } from '../../../gateway/route-steps.ts';
import type { DesiredEvent } from '../../../status/events.ts';
import { problemText } from '../../../status/problem-text.ts';
import { KubeError } from '../kube-error.ts';
import type { ObjectWriter, WriteOutcome } from '../object-writer.ts';
import type { RawObject } from '../raw-object.ts';
import { settle } from '../settle.ts';

export interface PlanWritesOptions {
  readonly writer: ObjectWriter;
  readonly cluster: ForeignObjects;
  readonly input: () => GatewayInput;
  readonly record: (event: DesiredEvent) => void;
  readonly signal: AbortSignal;
}

/** Its methods throw a KubeError for what may succeed later; what is refused is remembered by the cluster. */
export class PlanWrites {
  readonly #options: PlanWritesOptions;
  /** What was written last of a Service that has not come back yet. */
  readonly #said = new Map<string, { readonly service: Service; readonly annotations: object }>();
  /** What was applied of an object, and the version that came of it: somebody else may have a say in it, too. */
  readonly #applied = new Map<string, { readonly content: string; readonly resourceVersion: string }>();

  constructor(options: PlanWritesOptions) {
    this.#options = options;
  }

  /** Returns whether something was sent. All is tried, whatever becomes of the rest. */
  async carryOut({ objects, listeners, removals, statuses }: GatewayPlan): Promise<boolean> {
    const { cluster } = this.#options;
    const ending = removals.filter(
      ({ key, uid }) => cluster.refusal(deletionKey(key), { uid }) === undefined,
    );
    const fresh = objects.filter(({ key, body }) => !this.#hasSent(key, body.spec));
    const open = listeners.filter((each) => !each.isInPlace && !this.#hasSent(each.gateway, each.listeners));
    const annotated = statuses.flatMap((status) => this.#annotate(status) ?? []);
    await settle([
      ...ending.map((object) => this.#remove(object)),
      ...fresh.map((object) => this.#apply(object)),
      ...open.map((each) => this.#applyListeners(each)),
      ...annotated,
    ]);
    return ending.length + fresh.length + open.length + annotated.length > 0;
  }

  async #remove({ key, kind, namespace, name, uid }: ForeignObject): Promise<void> {
    const { writer, cluster, signal } = this.#options;
    const apiVersion = cluster.apiVersion(kind);
    if (apiVersion === undefined) return;
    const outcome = await writer.delete({ apiVersion, kind, namespace, name }, uid, signal);
    if (outcome.kind === 'gone') cluster.remove(key);
    // The watch tells when it is gone.
    else if (outcome.kind === 'written') cluster.end(key, uid);
    else cluster.refuse(deletionKey(key), { uid }, wordsOf(outcome.error));
  }

  async #apply({ key, kind, namespace, name, body }: DesiredObject): Promise<void> {
    const { writer, cluster, signal } = this.#options;
    const existing = cluster.get(key);
    const metadata = { ...asRecord(body['metadata']), uid: existing?.uid };
    const { apiVersion } = body;
    const place = { apiVersion, kind, namespace, name };
    const outcome = await writer.apply(place, { ...body, metadata }, existing !== undefined, signal);
    if (outcome.kind === 'written') this.#put(key, body.spec, outcome.object);
    // Somebody was faster: the watch brings theirs.
    else if (outcome.kind === 'refused' && outcome.error.status === 409) throw later(outcome.error);
    else if (outcome.kind === 'refused') cluster.refuse(key, body.spec, wordsOf(outcome.error));
    // Its namespace or its kind has just gone: the watch, or the next look at the kinds, will say so.
    else throw new KubeError('KUBE_NOT_FOUND', `${key} cannot be made`, { status: 404, reason: '' });
  }

  /** What the server refuses as a whole is tried one by one, so that one listener keeps nobody else out. */
  async #applyListeners({ gateway, listeners }: DesiredListeners): Promise<void> {
    const outcome = await this.#sendListeners(gateway, listeners);
    if (outcome?.kind !== 'refused') return;
    const own =
      gatewayStates(this.#options.input()).find(({ key }) => key === gateway)?.own ??
      new Map<string, Listener>();
    const names = new Set(listeners.map(({ name }) => name));
    let accepted = [...own.values()].filter(({ name }) => names.has(name));
    if (accepted.length < own.size) await this.#sendListeners(gateway, accepted);
    for (const listener of listeners) {
      if (isDeepStrictEqual(listener, own.get(listener.name))) continue;
      const next = [...accepted.filter(({ name }) => name !== listener.name), listener];
      const single = await this.#sendListeners(gateway, next);
      if (single?.kind === 'written') accepted = next;
      if (single?.kind === 'refused')
        this.#options.cluster.refuse(listenerKey(gateway, listener.name), listener, wordsOf(single.error));
    }
    // The next plan does without those; when nobody is to blame, it waits.
    throw later(outcome.error);
  }

  /** Only onto the Gateway that the plan was made for, as it was then: what others do meanwhile is looked at first. */
  async #sendListeners(gateway: string, listeners: readonly Listener[]): Promise<WriteOutcome | undefined> {
    const { writer, cluster, signal } = this.#options;
    const known = cluster.get(gateway);
    const apiVersion = cluster.apiVersion('Gateway');
    if (known === undefined || apiVersion === undefined) return undefined;
    const { namespace, name, uid, resourceVersion } = known;
    const metadata = { name, namespace, uid, resourceVersion };
    const body = { apiVersion, kind: 'Gateway', metadata, spec: { listeners } };
    const outcome = await writer.apply({ apiVersion, kind: 'Gateway', namespace, name }, body, true, signal);
    if (outcome.kind === 'written') this.#put(gateway, listeners, outcome.object);
    return outcome;
  }

  #put(key: string, content: object, raw: RawObject): void {
    const { kind } = raw;
    if (typeof kind !== 'string' || !isForeignKind(kind)) return;
    const object = decodeForeign(kind, raw);
    this.#options.cluster.put(object);
    this.#applied.set(key, { content: JSON.stringify(content), resourceVersion: object.resourceVersion });
  }

  /** Whether that was applied onto what is there now: what somebody changes in it on the way stays changed. */
  #hasSent(key: string, content: object): boolean {
    const applied = this.#applied.get(key);
    const known = this.#options.cluster.get(key);
    if (known === undefined) this.#applied.delete(key);
    return (
      known?.resourceVersion === applied?.resourceVersion && applied?.content === JSON.stringify(content)
    );
  }

  /** Undefined: it says so already. */
  #annotate(status: RouteStatus): Promise<void> | undefined {
    const service = this.#options.input().objects.get(status.service);
    if (service === undefined) {
      this.#said.delete(status.service);
      return undefined;
    }
    const { annotations } = status;
    const said = this.#said.get(status.service);
    const isSaid = said?.service === service && isDeepStrictEqual(said.annotations, annotations);
    if (isSaid || isDeepStrictEqual(ownAnnotations(service), annotations)) return undefined;
    return this.#write(service, status);
  }

  async #write(service: Service, { service: key, annotations, problem }: RouteStatus): Promise<void> {
    const { writer, record, signal } = this.#options;
    const { namespace, name, uid } = service.metadata;
    const place = { apiVersion: 'v1', kind: 'Service', namespace, name };
    const metadata = { namespace, name, uid, annotations };
    await writer.apply(place, { apiVersion: 'v1', kind: 'Service', metadata }, true, signal);
    this.#said.set(key, { service, annotations });
    if (problem === undefined) return;
    const type = problem.code === 'Pending' ? 'Normal' : 'Warning';
    record({ object: key, type, reason: problem.code, message: problemText(problem).slice(0, 1024) });
  }
}

const written = [annotation.routeHostnameStatus, annotation.routeStatus];

function ownAnnotations({ metadata }: Service): object {
  return Object.fromEntries(
    Object.entries(metadata.annotations).filter(([key]) => written.some((own) => own === key)),
  );
}

/** Under which a deletion that was refused is known. */
function deletionKey(key: string): string {
  return `delete ${key}`;
}

function asRecord(value: unknown): RawObject {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** Without the request, which says nothing to a tenant. */
function wordsOf({ message }: KubeError): string {
  return message.replace(/^PATCH \S+: /, '');
}

function later(error: KubeError): KubeError {
  return new KubeError('KUBE_CONFLICT', error.message, { status: 409, reason: error.reason }, error);
}
