// Writes to the API server, one object at a time: applied, patched, deleted; bounded, paused and counted.
import type { Clock } from '../../base/clock.ts';
import type { KubeClient, KubeRequest } from './kube-client.ts';
import { KubeError } from './kube-error.ts';
import { collectionPath, objectPath, type ObjectName } from './object-path.ts';
import { isObject, type RawObject } from './raw-object.ts';
import { RequestGate } from './request-gate.ts';

const fieldManager = 'ovn-projector';
/** Requests under way at a time. */
const parallel = 8;
/** When the server says that it is asked too often, and not for how long it wants to be left alone. */
const pauseMs = 1000;

export type WriteKind = 'apply' | 'status' | 'finalizer' | 'delete' | 'event';

/**
 * What became of one write. `gone`: there is no such object any more, nor need there be. `refused`: the same again would
 * be refused again.
 */
export type WriteOutcome =
  | { readonly kind: 'written'; readonly object: RawObject }
  | { readonly kind: 'gone' }
  | { readonly kind: 'refused'; readonly error: KubeError };

export interface ObjectWriterOptions {
  readonly client: Pick<KubeClient, 'request'>;
  readonly clock: Clock;
}

/** Its methods throw a KubeError for what may succeed later, and the signal's reason. */
export class ObjectWriter {
  /** Requests sent since the start, by what they were for. */
  readonly counts: Record<WriteKind, number> = { apply: 0, status: 0, finalizer: 0, delete: 0, event: 0 };
  readonly #client: Pick<KubeClient, 'request'>;
  readonly #gate: RequestGate;

  constructor({ client, clock }: ObjectWriterOptions) {
    this.#client = client;
    this.#gate = new RequestGate(parallel, clock);
  }

  /**
   * Server-side apply: `body` is all that this field manager has to say of the object. `isForced` false: what somebody
   * else has said otherwise is not overruled (`refused`).
   */
  apply(name: ObjectName, body: RawObject, isForced: boolean, signal: AbortSignal): Promise<WriteOutcome> {
    const query = { fieldManager, force: isForced };
    const request = { method: 'PATCH', path: objectPath(name), query, body, contentType: applyType } as const;
    return this.#write('apply', request, signal);
  }

  /** As {@link ObjectWriter.apply}, of the status. */
  applyStatus(name: ObjectName, body: RawObject, signal: AbortSignal): Promise<WriteOutcome> {
    const path = `${objectPath(name)}/status`;
    const query = { fieldManager, force: true };
    return this.#write('status', { method: 'PATCH', path, query, body, contentType: applyType }, signal);
  }

  /** Replaces the list, unless the object is another one than `resourceVersion` by now. */
  setFinalizers(
    name: ObjectName,
    finalizers: readonly string[],
    resourceVersion: string,
    signal: AbortSignal,
  ): Promise<WriteOutcome> {
    const body = { metadata: { resourceVersion, finalizers } };
    const query = { fieldManager };
    const contentType = 'application/merge-patch+json';
    return this.#write(
      'finalizer',
      { method: 'PATCH', path: objectPath(name), query, body, contentType },
      signal,
    );
  }

  /** Deletes that very object, and none that was made since under its name. */
  delete(name: ObjectName, uid: string | undefined, signal: AbortSignal): Promise<WriteOutcome> {
    const preconditions = uid === undefined ? undefined : { uid };
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions, propagationPolicy: 'Background' };
    return this.#write('delete', { method: 'DELETE', path: objectPath(name), body }, signal);
  }

  /** `object` has a name of its own. */
  createEvent(namespace: string, object: RawObject, signal: AbortSignal): Promise<WriteOutcome> {
    const path = collectionPath({ apiVersion: 'events.k8s.io/v1', kind: 'Events', namespace });
    return this.#write('event', { method: 'POST', path, query: { fieldManager }, body: object }, signal);
  }

  async #write(kind: WriteKind, request: KubeRequest, signal: AbortSignal): Promise<WriteOutcome> {
    try {
      const answer = await this.#gate.pass(() => {
        this.counts[kind] += 1;
        return this.#client.request(request, signal);
      }, signal);
      return { kind: 'written', object: isObject(answer) ? answer : {} };
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      if (error.status === 429) this.#gate.pause(error.retryAfterMs ?? pauseMs);
      if (error.status === 404) return { kind: 'gone' };
      if (isLasting(error, request)) return { kind: 'refused', error };
      throw error;
    }
  }
}

const applyType = 'application/apply-patch+yaml';

/** A conflict of an apply without force is about who may decide; any other passes when the object is read again. */
function isLasting({ status, retryable }: KubeError, { query }: KubeRequest): boolean {
  if (status === 409) return query?.['force'] === false;
  return !retryable && status !== 401;
}
