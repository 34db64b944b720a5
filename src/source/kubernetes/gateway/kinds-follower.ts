// Follows the kinds of others that routes are made of: those that are served, as long as they are.
import { backoffMs } from '../../../base/backoff.ts';
import type { Clock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import { foreignKindNames, foreignKinds } from '../../../gateway/foreign-kind.ts';
import type { ForeignKind } from '../../../gateway/foreign-kind.ts';
import { decodeForeign } from '../../../gateway/foreign-object.ts';
import type { ForeignObjects } from '../../../gateway/foreign-objects.ts';
import { servedKinds } from './served-kinds.ts';
import type { KubeClient, WatchEvent } from '../kube-client.ts';
import { KubeError } from '../kube-error.ts';
import type { RawObject } from '../raw-object.ts';
import { Reflector, type ReflectorListener, type ReflectorTiming } from '../reflector.ts';

export interface KindsFollowerOptions {
  readonly client: Pick<KubeClient, 'request' | 'watch'>;
  /** Takes what is found. */
  readonly cluster: ForeignObjects;
  readonly changed: () => void;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly timing?: Partial<ReflectorTiming>;
  /** How often the server is asked which kinds it has; they are installed when somebody does. */
  readonly discoveryMs?: number;
}

interface Following {
  readonly apiVersion: string;
  readonly end: AbortController;
  readonly running: Promise<void>;
  /** All objects are known, or the server will not let us see them. */
  isKnown: boolean;
}

const retry = { minDelayMs: 200, maxDelayMs: 10_000 };

export class KindsFollower {
  readonly #options: KindsFollowerOptions;
  readonly #following = new Map<ForeignKind, Following>();
  #isDiscovered = false;

  constructor(options: KindsFollowerOptions) {
    this.#options = options;
  }

  /** Whether all that is there has been told. */
  get isComplete(): boolean {
    return this.#isDiscovered && [...this.#following.values()].every(({ isKnown }) => isKnown);
  }

  /** Runs until `signal` is aborted, then resolves with nothing left open. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, discoveryMs = 30_000 } = this.#options;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const isFound = await this.#discover(signal);
      if (isFound) attempt = 0;
      const waitMs = isFound ? discoveryMs : backoffMs(retry, attempt, Math.random());
      await clock.sleep(waitMs, signal).catch(() => undefined);
    }
    const running = [...this.#following.values()].map((each) => {
      each.end.abort();
      return each.running;
    });
    await Promise.all(running);
  }

  async #discover(signal: AbortSignal): Promise<boolean> {
    const { client, logger } = this.#options;
    try {
      const served = await servedKinds(client, signal);
      signal.throwIfAborted();
      for (const kind of foreignKindNames) this.#follow(kind, served.get(kind));
      const isFirst = !this.#isDiscovered;
      this.#isDiscovered = true;
      if (isFirst) this.#options.changed();
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      if (!(error instanceof KubeError)) throw error;
      logger.debug({ code: error.code, reason: error.message }, 'the kinds of the API server cannot be seen');
      return false;
    }
  }

  #follow(kind: ForeignKind, apiVersion: string | undefined): void {
    const known = this.#following.get(kind);
    if (known?.apiVersion === apiVersion) return;
    const { cluster, logger, changed } = this.#options;
    known?.end.abort();
    this.#following.delete(kind);
    cluster.serve(kind, apiVersion);
    if (apiVersion !== undefined) {
      logger.debug({ kind, apiVersion }, 'the API server has a kind that routes are made of');
      this.#following.set(kind, this.#start(kind, apiVersion));
    }
    changed();
  }

  #start(kind: ForeignKind, apiVersion: string): Following {
    const { client, logger, clock, timing = {} } = this.#options;
    const { plural, group } = foreignKinds[kind];
    const resource = { kind, apiVersion, name: `${plural}.${group}`, path: `/apis/${apiVersion}/${plural}` };
    const end = new AbortController();
    const following = { apiVersion, end, isKnown: false, running: Promise.resolve() };
    const listener = this.#listener(kind, following);
    const reflector = new Reflector({
      client,
      resource,
      listener,
      logger,
      clock,
      random: Math.random,
      timing,
    });
    const running = reflector.run(end.signal).catch((error: unknown) => {
      if (!end.signal.aborted) logger.error({ kind, err: error }, 'a kind is not followed any more');
    });
    return Object.assign(following, { running });
  }

  #listener(
    kind: ForeignKind,
    following: { isKnown: boolean; readonly end: AbortController },
  ): ReflectorListener {
    const { cluster, changed, logger } = this.#options;
    const know = (): Promise<boolean> => {
      if (following.end.signal.aborted) return Promise.resolve(true);
      following.isKnown = true;
      changed();
      return Promise.resolve(true);
    };
    return {
      listed: (objects) => {
        this.#replace(kind, objects);
        return know();
      },
      happened: (events) => {
        for (const event of events) this.#take(kind, event);
        return know();
      },
      refused: async ({ code, message }) => {
        if (following.isKnown) return;
        const what = foreignKinds[kind].plural;
        logger.error(
          { code, reason: message },
          `routes do without ${what}: let ovn-projector list and watch them`,
        );
        cluster.serve(kind, undefined);
        await know();
      },
      served: () => {},
    };
  }

  #replace(kind: ForeignKind, raws: readonly RawObject[]): void {
    const { cluster } = this.#options;
    const objects = raws.map((raw) => decodeForeign(kind, raw));
    const keys = new Set(objects.map(({ key }) => key));
    for (const { key } of cluster.ofKind(kind)) if (!keys.has(key)) cluster.remove(key);
    for (const object of objects) cluster.put(object);
  }

  #take(kind: ForeignKind, { type, object: raw }: WatchEvent): void {
    const { cluster } = this.#options;
    const object = decodeForeign(kind, raw);
    if (type !== 'DELETED') cluster.put(object);
    // One that was made anew since is another one.
    else if (cluster.get(object.key)?.uid === object.uid) cluster.remove(object.key);
  }
}
