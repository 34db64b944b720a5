// One kind between its reflector and the source: what is believed of what the server says, and what is told on.
import { formatObjectKey } from '../../api/api-object.ts';
import type { Problem } from '../../base/problem.ts';
import type { ObjectChange } from '../source.ts';
import { isAbsent } from './absence.ts';
import { KindStore } from './kind-store.ts';
import type { KubeClient, WatchEvent } from './kube-client.ts';
import { KubeError } from './kube-error.ts';
import { isObject, metadataOf, textOf, type RawObject } from './raw-object.ts';
import type { ReflectorListener } from './reflector.ts';
import { definitionPath, type Resource } from './resources.ts';
import { trim } from './trim.ts';

export interface KindFollowerOptions {
  readonly client: Pick<KubeClient, 'request'>;
  readonly resource: Resource;
  readonly signal: AbortSignal;
  /** Something may have changed: objects (a key at most once), problems, or whether the kind can be seen. */
  readonly tell: (changes: readonly ObjectChange[]) => void;
  /** As of {@link KindStore}. */
  readonly quiet: (key: string) => void;
}

export class KindFollower implements ReflectorListener {
  readonly resource: Resource;
  readonly store: KindStore;
  readonly #options: KindFollowerOptions;
  /** True once all objects have been told. */
  isListed = false;
  /** Why the kind cannot be seen now. */
  trouble: Problem | undefined;
  /** Set when the server has said so. Of a kind that has been listed the objects are known, whatever comes later. */
  #missing: 'hidden' | 'not-served' | undefined;

  constructor(options: KindFollowerOptions) {
    this.#options = options;
    this.resource = options.resource;
    this.store = new KindStore(options.resource, options.quiet);
  }

  /** Undefined: its objects are known, or nobody can say yet whether they can be. */
  get missing(): 'hidden' | 'not-served' | undefined {
    return this.isListed ? undefined : this.#missing;
  }

  async listed(objects: readonly RawObject[]): Promise<boolean> {
    const keys = new Set(objects.map((object) => this.store.keyOf(object)));
    const removes = [...this.store.objects.keys()].some((key) => !keys.has(key));
    if (removes && !(await this.#believesRemoval())) return false;
    this.isListed = true;
    this.trouble = undefined;
    this.#options.tell(this.store.replace(objects));
    return true;
  }

  async happened(events: readonly WatchEvent[]): Promise<boolean> {
    const removes = events.some(({ type, object }) => type === 'DELETED' || this.#isLeaving(object));
    if (removes && !(await this.#believesRemoval())) return false;
    let together = new Map<string, ObjectChange>();
    for (const event of events) {
      const change = this.#take(event);
      if (change === undefined) continue;
      const isRemoval = change.object === undefined && change.invalid !== true;
      if (!isRemoval) together.set(change.key, change);
      else {
        // What is deleted one by one was meant to be, so it is told one by one.
        this.#options.tell([...together.values()]);
        together = new Map();
        this.#options.tell([change]);
      }
    }
    this.#options.tell([...together.values()]);
    return true;
  }

  async refused(error: KubeError): Promise<void> {
    if (await this.#isAbsent(error)) return this.#takeForAbsent();
    // Whoever is not known (401) may be let in to all of it in a moment.
    this.#missing = error.status === 403 ? 'hidden' : error.status === 404 ? 'not-served' : undefined;
    this.#inTrouble(refusal(this.resource, error));
  }

  served(): void {
    if (this.trouble === undefined || !this.isListed) return;
    this.trouble = undefined;
    this.#options.tell([]);
  }

  /** What was absent and is denied is absent still. */
  async #isAbsent(error: KubeError): Promise<boolean> {
    const { client, signal } = this.#options;
    const wasEmpty = this.isListed && this.store.objects.size === 0;
    if (this.resource.isOptional && wasEmpty && error.status === 404) return true;
    try {
      return await isAbsent(client, this.resource, error, signal);
    } catch (reason) {
      if (reason instanceof KubeError) return false;
      throw reason;
    }
  }

  #takeForAbsent(): void {
    const isNews = !this.isListed || this.trouble !== undefined || this.store.objects.size > 0;
    this.isListed = true;
    this.trouble = undefined;
    if (isNews) this.#options.tell(this.store.replace([]));
  }

  #take({ type, object }: WatchEvent): ObjectChange | undefined {
    const trimmed = type === 'DELETED' ? undefined : trim(this.resource, object);
    return trimmed === undefined ? this.store.remove(this.store.keyOf(object)) : this.store.put(trimmed);
  }

  /** Whether its rows may go because of that. */
  #isLeaving(object: RawObject): boolean {
    const { endsWithDeletion, isOurs } = this.resource;
    return (endsWithDeletion || isOurs) && textOf(metadataOf(object)['deletionTimestamp']) !== '';
  }

  /** With a CustomResourceDefinition all its objects go; that is no wish to take down every network. */
  async #believesRemoval(): Promise<boolean> {
    if (!this.resource.isOurs) return true;
    try {
      const path = definitionPath(this.resource);
      const definition = await this.#options.client.request({ path }, this.#options.signal);
      if (!isObject(definition) || textOf(metadataOf(definition)['deletionTimestamp']) === '') return true;
    } catch (error) {
      // Whoever may not look at the definition has to believe.
      if (error instanceof KubeError && error.code === 'KUBE_FORBIDDEN') return true;
      if (!(error instanceof KubeError) || error.code !== 'KUBE_NOT_FOUND') throw error;
    }
    this.#inTrouble(definitionGoes(this.resource));
    return false;
  }

  #inTrouble(problem: Problem): void {
    if (this.trouble?.message === problem.message) return;
    this.trouble = problem;
    this.#options.tell([]);
  }
}

const applyThem = 'apply the definitions: ovn-projector crd | kubectl apply -f -';

function refusal(resource: Resource, { status, message }: KubeError): Problem {
  const { name, isOurs, isOptional } = resource;
  const hint = isOurs
    ? applyThem
    : isOptional
      ? `its definition is there: see what kubectl describe crd ${name} says`
      : 'it comes with every supported Kubernetes: check the address of the API server';
  if (status === 404) return trouble(resource, `the API server does not serve ${name}`, hint);
  const right =
    status === 401
      ? 'renew the token or certificate that ovn-projector is known by'
      : `let ovn-projector list and watch ${name} in the whole cluster`;
  return trouble(resource, `${name} cannot be listed: ${message}`, right);
}

function definitionGoes(resource: Resource): Problem {
  return trouble(
    resource,
    `the definition of ${resource.name} is being deleted; what its objects made stays`,
    applyThem,
  );
}

function trouble({ name, isOurs }: Resource, message: string, hint: string): Problem {
  const object = isOurs ? formatObjectKey('CustomResourceDefinition', '', name) : name;
  return { code: 'Unreadable', object, path: '', message, hint };
}
