// Brings single objects of the API server to what they should be; what is so already is not written.
import { formatObjectKey, objectKey, type ApiObject } from '../../api/api-object.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Companion } from '../../status/companion.ts';
import { isApplied } from '../../status/is-applied.ts';
import type { JsonObject } from '../../status/json.ts';
import type { DesiredAnnotations } from '../../status/pod-annotations.ts';
import type { DesiredStatus } from '../../status/subject.ts';
import type { FinalizedObject } from './ending-objects.ts';
import { KubeError } from './kube-error.ts';
import type { ObjectName } from './object-path.ts';
import type { ObjectWriter, WriteOutcome } from './object-writer.ts';
import type { HeldObjects, RecentObjects } from './recent-objects.ts';
import { Refusals } from './refusals.ts';

export interface UpdatesOptions {
  readonly writer: ObjectWriter;
  readonly objects: RecentObjects;
  readonly server: HeldObjects;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Its methods throw a KubeError for what may succeed later; what is refused is logged, and left for a while. */
export class Updates {
  readonly #options: UpdatesOptions;
  readonly #refusals: Refusals;
  #refused = 0;

  constructor(options: UpdatesOptions) {
    this.#options = options;
    this.#refusals = new Refusals(options.logger, options.clock);
  }

  /** How many writes were refused so far, or left out because they would be. */
  get refused(): number {
    return this.#refused;
  }

  /** True when it was written. */
  async status(desired: DesiredStatus): Promise<boolean> {
    const object = this.#options.objects.get(desired.key);
    if (object === undefined) return false;
    return this.statusOf(desired, object.metadata.uid, 'status' in object ? object.status : undefined);
  }

  /** As {@link Updates.status}, of an object with that uid whose status is `current`. */
  async statusOf(desired: DesiredStatus, uid: string | undefined, current: unknown): Promise<boolean> {
    const { writer, signal } = this.#options;
    const { key, apiVersion, kind, namespace, name, status } = desired;
    if (isApplied(status, current)) return false;
    const body = { apiVersion, kind, metadata: metadataOf({ name, namespace, uid }), status };
    return this.#send(key, `the status of ${key}`, body, () =>
      writer.applyStatus({ apiVersion, kind, namespace, name }, body, signal),
    );
  }

  async annotations({ key, annotations }: DesiredAnnotations): Promise<void> {
    const { objects, writer, signal } = this.#options;
    const object = objects.get(key);
    if (object === undefined || isApplied({ annotations }, { annotations: object.metadata.annotations }))
      return;
    const { apiVersion, kind } = object;
    const body = { apiVersion, kind, metadata: { ...metadataOf(object.metadata), annotations } };
    await this.#send(key, `the annotations of ${key}`, body, () =>
      writer.apply(nameOf(object), body, true, signal),
    );
  }

  /** Whether there is nothing to write. One that is rejected or about to go is left as it is. */
  isInPlace({ key, object }: Companion): boolean {
    const existing = this.#options.objects.get(key);
    if (existing === undefined) return this.#options.server.held(key) !== undefined;
    const { ownerReferences: _, finalizers: __, ...metadata } = object.metadata;
    return isApplied({ ...object, metadata }, existing);
  }

  /** True when something was written. */
  async companion(desired: Companion): Promise<boolean> {
    const { key, kind, object } = desired;
    const { objects, writer, signal } = this.#options;
    if (this.isInPlace(desired)) return false;
    const existing = objects.get(key);
    const name = { ...nameIn(key), apiVersion: object.apiVersion, kind };
    const uid = existing?.metadata.uid;
    const body = { ...object, metadata: { ...object.metadata, uid } };
    // Of one that appears under its name right now nothing is overruled.
    const isKnown = existing !== undefined;
    return this.#send(key, key, body, () => writer.apply(name, body, isKnown, signal));
  }

  async addFinalizer(object: FinalizedObject, finalizer: string): Promise<void> {
    const { finalizers } = object.metadata;
    if (!finalizers.includes(finalizer)) await this.#finalizers(object, [...finalizers, finalizer]);
  }

  async removeFinalizer(object: FinalizedObject, finalizer: string): Promise<void> {
    const { finalizers } = object.metadata;
    if (finalizers.includes(finalizer))
      await this.#finalizers(
        object,
        finalizers.filter((each) => each !== finalizer),
      );
  }

  /** Deletes an object that we made. */
  async remove(object: ApiObject | ObjectName): Promise<void> {
    const { writer, signal } = this.#options;
    const isRead = 'metadata' in object;
    const name = isRead ? nameOf(object) : object;
    const uid = isRead ? object.metadata.uid : undefined;
    const key = formatObjectKey(name.kind, name.namespace, name.name);
    await this.#send(key, `the deletion of ${key}`, { uid }, async () => {
      const outcome = await writer.delete(name, uid, signal);
      // The answer shows the object as it was.
      return outcome.kind === 'written' ? { kind: 'gone' } : outcome;
    });
  }

  async #finalizers(object: FinalizedObject, finalizers: readonly string[]): Promise<void> {
    const { writer, server, signal } = this.#options;
    const key = objectKey(object);
    const version = object.metadata.resourceVersion ?? server.held(key)?.resourceVersion ?? '';
    await this.#send(key, `the finalizers of ${key}`, { finalizers, version }, () =>
      writer.setFinalizers(nameOf(object), finalizers, version, signal),
    );
  }

  /** True when it was written. */
  async #send(key: string, what: string, body: object, send: () => Promise<WriteOutcome>): Promise<boolean> {
    const { objects } = this.#options;
    if (this.#refusals.has(what, body)) {
      this.#refused += 1;
      return false;
    }
    const outcome = await send().catch((error: unknown) => {
      // What we remember of it is not what the server has: the watch knows better.
      if (error instanceof KubeError && error.status === 409) objects.forget(key);
      throw error;
    });
    if (outcome.kind === 'refused') {
      this.#refused += 1;
      this.#refusals.note(what, body, outcome.error);
      return false;
    }
    this.#refusals.forget(what);
    if (outcome.kind === 'written') objects.put(outcome.object);
    else objects.forget(key);
    return outcome.kind === 'written';
  }
}

interface ObjectIdentity {
  readonly name: string;
  readonly namespace: string;
  readonly uid?: string | undefined;
}

/** With the uid, so that an object which was deleted, or made anew, is not made by us. */
function metadataOf({ name, namespace, uid }: ObjectIdentity): JsonObject {
  return { name, namespace: namespace === '' ? undefined : namespace, uid };
}

function nameOf({ apiVersion, kind, metadata: { namespace, name } }: FinalizedObject): ObjectName {
  return { apiVersion, kind, namespace, name };
}

function nameIn(key: string): Pick<ObjectName, 'namespace' | 'name'> {
  const [, first = '', second] = key.split('/');
  return second === undefined ? { namespace: '', name: first } : { namespace: first, name: second };
}
