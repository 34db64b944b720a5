// Writes to the API server, one object at a time: applied, patched, deleted; bounded, paused and counted.
import type { Clock } from '../../base/clock.ts';
import type { KubeClient, KubeRequest } from './kube-client.ts';
import { KubeError } from './kube-error.ts';
import { collectionPath, objectPath, type ObjectName } from './object-path.ts';
import { isObject, type RawObject } from './raw-object.ts';
import { RequestGate } from './request-gate.ts';

const ownFieldManager = 'ovn-projector';
/** Requests under way at a time. */
const parallel = 8;
/** When the server says that it is asked too often, and not for how long it wants to be left alone. */
const pauseMs = 1000;

export type WriteVerb = 'apply' | 'status' | 'finalizer' | 'delete' | 'event';

/** `conflict`: somebody else was faster; `failed`: no answer, or none that settles it. Both are tried again. */
export type WriteResult = 'written' | 'gone' | 'refused' | 'conflict' | 'failed';

/** How many requests of one sort were sent. */
export interface WriteCount {
  readonly verb: WriteVerb;
  /** Of the object: `EIp` */
  readonly kind: string;
  readonly result: WriteResult;
  readonly count: number;
}

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
  /** Under which it applies; absent: `ovn-projector`. */
  readonly fieldManager?: string;
}

/** Its methods throw a KubeError for what may succeed later, and the signal's reason. */
export class ObjectWriter {
  readonly #counts = new Map<string, WriteCount>();
  readonly #client: Pick<KubeClient, 'request'>;
  readonly #gate: RequestGate;
  readonly #fieldManager: string;

  constructor({ client, clock, fieldManager = ownFieldManager }: ObjectWriterOptions) {
    this.#client = client;
    this.#fieldManager = fieldManager;
    this.#gate = new RequestGate(parallel, clock);
  }

  /** Requests answered since the start; each verb, kind and result at most once. */
  get counts(): readonly WriteCount[] {
    return [...this.#counts.values()];
  }

  /**
   * Server-side apply: `body` is all that this field manager has to say of the object. `isForced` false: what somebody
   * else has said otherwise is not overruled (`refused`).
   */
  apply(name: ObjectName, body: RawObject, isForced: boolean, signal: AbortSignal): Promise<WriteOutcome> {
    const query = { fieldManager: this.#fieldManager, force: isForced };
    const request = { method: 'PATCH', path: objectPath(name), query, body, contentType: applyType } as const;
    return this.#write('apply', name.kind, request, signal);
  }

  /** As {@link ObjectWriter.apply}, of the status. */
  applyStatus(name: ObjectName, body: RawObject, signal: AbortSignal): Promise<WriteOutcome> {
    const path = `${objectPath(name)}/status`;
    const query = { fieldManager: this.#fieldManager, force: true };
    const request = { method: 'PATCH', path, query, body, contentType: applyType } as const;
    return this.#write('status', name.kind, request, signal);
  }

  /** Replaces the list, unless the object is another one than `resourceVersion` by now. */
  setFinalizers(
    name: ObjectName,
    finalizers: readonly string[],
    resourceVersion: string,
    signal: AbortSignal,
  ): Promise<WriteOutcome> {
    const body = { metadata: { resourceVersion, finalizers } };
    const query = { fieldManager: this.#fieldManager };
    const contentType = 'application/merge-patch+json';
    const request = { method: 'PATCH', path: objectPath(name), query, body, contentType } as const;
    return this.#write('finalizer', name.kind, request, signal);
  }

  /** Deletes that very object, and none that was made since under its name. */
  delete(name: ObjectName, uid: string | undefined, signal: AbortSignal): Promise<WriteOutcome> {
    const preconditions = uid === undefined ? undefined : { uid };
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions, propagationPolicy: 'Background' };
    return this.#write('delete', name.kind, { method: 'DELETE', path: objectPath(name), body }, signal);
  }

  /** `object` has a name of its own. */
  createEvent(namespace: string, object: RawObject, signal: AbortSignal): Promise<WriteOutcome> {
    const path = collectionPath({ apiVersion: 'events.k8s.io/v1', kind: 'Events', namespace });
    const request = {
      method: 'POST',
      path,
      query: { fieldManager: this.#fieldManager },
      body: object,
    } as const;
    return this.#write('event', 'Event', request, signal);
  }

  async #write(
    verb: WriteVerb,
    kind: string,
    request: KubeRequest,
    signal: AbortSignal,
  ): Promise<WriteOutcome> {
    try {
      const answer = await this.#gate.pass(() => this.#client.request(request, signal), signal);
      this.#note(verb, kind, 'written');
      return { kind: 'written', object: isObject(answer) ? answer : {} };
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      const result = resultOf(error, request);
      this.#note(verb, kind, result);
      if (error.status === 429) this.#gate.pause(error.retryAfterMs ?? pauseMs);
      if (result === 'gone') return { kind: 'gone' };
      if (result === 'refused') return { kind: 'refused', error };
      throw error;
    }
  }

  #note(verb: WriteVerb, kind: string, result: WriteResult): void {
    const key = `${verb} ${kind} ${result}`;
    const count = (this.#counts.get(key)?.count ?? 0) + 1;
    this.#counts.set(key, { verb, kind, result, count });
  }
}

const applyType = 'application/apply-patch+yaml';

function resultOf({ status, retryable }: KubeError, { query }: KubeRequest): WriteResult {
  if (status === 404) return 'gone';
  // A conflict of an apply without force is about who may decide; any other passes when the object is read again.
  if (status === 409) return query?.['force'] === false ? 'refused' : 'conflict';
  return retryable || status === 401 ? 'failed' : 'refused';
}
