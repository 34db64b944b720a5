// Events (events.k8s.io/v1) about objects: who says it, about what, and how many about one object.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { isKind, kinds } from '../../api/kind.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { DesiredEvent } from '../../status/events.ts';
import { KubeError } from './kube-error.ts';
import type { ObjectWriter } from './object-writer.ts';
import type { HeldObjects } from './recent-objects.ts';

/** So many about one object in {@link windowMs}; a problem that is another one every second is no news. */
const maximumEvents = 10;
const windowMs = 600_000;

export interface EventRecorderOptions {
  readonly writer: Pick<ObjectWriter, 'createEvent'>;
  readonly server: HeldObjects;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

interface Recent {
  readonly sinceMs: number;
  count: number;
}

/** An event tells what a condition says, too; so one that cannot be written is dropped. */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #recent = new Map<string, Recent>();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async record(event: DesiredEvent): Promise<void> {
    const { writer, logger, signal } = this.#options;
    const body = this.#body(event);
    if (body === undefined || !this.#isWithinBudget(event.object)) return;
    try {
      const outcome = await writer.createEvent(body.metadata.namespace, body, signal);
      if (outcome.kind !== 'refused') return;
      const { message, isNamespaceEnding } = outcome.error;
      const level = isNamespaceEnding ? 'debug' : 'warn';
      logger[level]({ object: event.object, reason: message }, 'an event was refused');
    } catch (error) {
      if (error instanceof KubeError)
        logger.debug({ object: event.object, reason: error.message }, 'an event was dropped');
      else if (!signal.aborted) logger.error({ object: event.object, err: error }, 'an event was dropped');
    }
  }

  /** Undefined: the object is not there. */
  #body({ object: key, type, reason, message }: DesiredEvent) {
    const { server, clock } = this.#options;
    const held = server.held(key);
    const [kind = '', first = '', second] = key.split('/');
    if (held === undefined || !isKind(kind)) return undefined;
    const [namespace, name] = second === undefined ? [undefined, first] : [first, second];
    const { uid, resourceVersion } = held;
    return {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      // An event about an object without a namespace is looked for in this one.
      metadata: { name: `${name}.${randomUUID()}`, namespace: namespace ?? 'default' },
      eventTime: new Date(clock.now()).toISOString().replace('Z', '000Z'),
      reportingController: 'kube-dc.com/ovn-projector',
      reportingInstance: hostname(),
      action: 'Reconcile',
      type,
      reason,
      note: message,
      regarding: { apiVersion: kinds[kind].apiVersion, kind, namespace, name, uid, resourceVersion },
    };
  }

  #isWithinBudget(key: string): boolean {
    const nowMs = this.#options.clock.now();
    const recent = this.#recent.get(key);
    if (recent === undefined || nowMs - recent.sinceMs > windowMs) {
      this.#forgetOld(nowMs);
      this.#recent.set(key, { sinceMs: nowMs, count: 1 });
      return true;
    }
    recent.count += 1;
    return recent.count <= maximumEvents;
  }

  /** The oldest come first. */
  #forgetOld(nowMs: number): void {
    for (const [key, { sinceMs }] of this.#recent) {
      if (nowMs - sinceMs <= windowMs) return;
      this.#recent.delete(key);
    }
  }
}
