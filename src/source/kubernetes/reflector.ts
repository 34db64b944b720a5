// Follows one kind of object: lists it, watches it, and recovers from whatever comes between.
import { backoffMs } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { KubeClient, WatchEvent } from './kube-client.ts';
import { KubeError } from './kube-error.ts';
import { listAll } from './paged-list.ts';
import { metadataOf, textOf, type RawObject } from './raw-object.ts';
import type { ListedResource } from './resources.ts';

/** What a reflector tells, one call at a time. */
export interface ReflectorListener {
  /** All objects of the kind, trimmed. False: that is not believed, and the kind is listed again after a while. */
  listed(objects: readonly RawObject[]): Promise<boolean>;
  /** Events of one moment, in order. False: they are not believed, and the kind is listed again after a while. */
  happened(events: readonly WatchEvent[]): Promise<boolean>;
  /** The server will not let us see the kind (401, 403) or does not have it (404): told at each attempt. */
  refused(error: KubeError): Promise<void>;
  /** A watch that was refused is open again. */
  served(): void;
}

export interface ReflectorOptions {
  readonly client: Pick<KubeClient, 'request' | 'watch'>;
  readonly resource: ListedResource;
  readonly listener: ReflectorListener;
  readonly logger: Logger;
  readonly clock: Clock;
  /** A number from 0 to 1, another one at each call. */
  readonly random: () => number;
  readonly timing?: Partial<ReflectorTiming>;
}

export interface ReflectorTiming {
  /** Objects per page of a list. */
  readonly pageLimit: number;
  /** The server ends a watch after this, or up to twice as long. */
  readonly watchMs: number;
  /** A watch in which nothing comes for so long, not even a bookmark (one a minute), is broken. */
  readonly inactivityMs: number;
  /** Bounds of the wait after a failure. */
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}

const defaultTiming: ReflectorTiming = {
  pageLimit: 500,
  watchMs: 300_000,
  inactivityMs: 150_000,
  minDelayMs: 500,
  maxDelayMs: 10_000,
};

export class Reflector {
  /** Lists that were complete, and watches that were opened, since the start. */
  readonly counts = { lists: 0, watches: 0 };
  readonly #options: ReflectorOptions;
  readonly #timing: ReflectorTiming;
  /** Where the watch goes on; empty: the kind must be listed. */
  #resourceVersion = '';
  /** Failures since the last success. */
  #failures = 0;
  /** How often in a row a watch could not go on where its list ended. */
  #expiries = 0;
  /** The last list took longer than the server remembers: the next one comes in one piece. */
  #isTooSlow = false;

  constructor(options: ReflectorOptions) {
    this.#options = options;
    this.#timing = { ...defaultTiming, ...options.timing };
  }

  /** Runs until `signal` is aborted, then resolves. @throws only what the listener throws, and KUBE_CONFIG errors */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#resourceVersion === '') await this.#list(signal);
        else await this.#watch(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof KubeError)) throw error;
        await this.#recover(error, signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, resource, listener } = this.#options;
    const limit = this.#isTooSlow ? 0 : this.#timing.pageLimit;
    const { objects, resourceVersion } = await listAll(client, resource, limit, signal);
    this.#isTooSlow = false;
    this.counts.lists += 1;
    if (!(await listener.listed(objects))) return this.#wait(signal);
    this.#succeeded();
    this.#resourceVersion = resourceVersion;
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { client, resource, random, clock } = this.#options;
    const begunAt = clock.now();
    const query = {
      resourceVersion: this.#resourceVersion,
      allowWatchBookmarks: true,
      timeoutSeconds: Math.ceil((this.#timing.watchMs * (1 + random())) / 1000),
      ...(resource.fieldSelector !== undefined && { fieldSelector: resource.fieldSelector }),
    };
    const { inactivityMs } = this.#timing;
    let [isOpen, count] = [false, 0];
    this.counts.watches += 1;
    try {
      for await (const events of client.watch({ path: resource.path, query, inactivityMs }, signal)) {
        isOpen = true;
        this.#options.listener.served();
        count += events.length;
        if (events.length > 0 && !(await this.#take(events))) return await this.#wait(signal);
      }
    } catch (error) {
      if (isOpen && error instanceof KubeError && error.code === 'KUBE_TIMEOUT') return this.#fellSilent();
      throw error;
    }
    // A server or proxy that ends watches at once must not be asked in a busy loop.
    if (count === 0 && clock.now() - begunAt < shortWatchMs) await this.#wait(signal);
    else this.#succeeded();
  }

  /**
   * Nothing has come for long, and there may be nothing wrong: a server sends no bookmarks for a kind of which it has not
   * seen a change since its own start. Whether it is there is seen when the next watch is opened.
   */
  #fellSilent(): void {
    const { resource, logger } = this.#options;
    logger.debug({ resource: resource.name }, 'a watch fell silent; opened again');
  }

  /** False: the watch must end, since its events were not believed. */
  async #take(events: readonly WatchEvent[]): Promise<boolean> {
    const changes = events.filter(({ type }) => type !== 'BOOKMARK');
    if (changes.length > 0 && !(await this.#options.listener.happened(changes))) {
      this.#resourceVersion = '';
      return false;
    }
    const last = events.at(-1)?.object ?? {};
    this.#resourceVersion = textOf(metadataOf(last)['resourceVersion']);
    this.#expiries = 0;
    this.#succeeded();
    return true;
  }

  async #recover(error: KubeError, signal: AbortSignal): Promise<void> {
    const { resource, listener, logger } = this.#options;
    const wasListing = this.#resourceVersion === '';
    const fields = { resource: resource.name, code: error.code, reason: error.message };
    if (error.code === 'KUBE_GONE') {
      logger.debug(fields, 'too old; listed again');
      this.#resourceVersion = '';
      this.#isTooSlow = wasListing;
      // Once is what happens after a pause; again and again would be a busy loop.
      if (!wasListing && this.#expiries++ === 0) return;
    } else if (isRefusal(error)) await listener.refused(error);
    else if (this.#failures === 0)
      logger.warn(fields, hasAnswered(error) ? cannotAnswer : 'the API server does not answer; tried again');
    // An answer that is an error may be about the resourceVersion: a list needs none.
    if (error.status !== 0 && error.status !== 429) this.#resourceVersion = '';
    await this.#wait(signal, error.retryAfterMs);
  }

  #succeeded(): void {
    const { resource, logger } = this.#options;
    if (this.#failures > 1) logger.info({ resource: resource.name }, 'the API server answers again');
    this.#failures = 0;
  }

  async #wait(signal: AbortSignal, atLeastMs = 0): Promise<void> {
    const { clock, random } = this.#options;
    // A list that succeeds between two watches that are too old is no success.
    const attempt = Math.max(this.#failures, this.#expiries - 2);
    const delayMs = backoffMs(this.#timing, attempt, random());
    this.#failures++;
    await clock.sleep(Math.max(delayMs, atLeastMs), signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}

const shortWatchMs = 1000;

/** As one says that is starting, or overloaded. */
const cannotAnswer = 'the API server cannot answer now; tried again';

const hasAnswered = ({ status }: KubeError): boolean => status !== 0;

function isRefusal({ status }: KubeError): boolean {
  return status === 401 || status === 403 || status === 404;
}
