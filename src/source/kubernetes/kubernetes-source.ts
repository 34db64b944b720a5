// A source that follows an API server: every kind with a reflector of its own, told on as one.
import type { MissingKinds } from '../../api/missing-kinds.ts';
import { type Clock, systemClock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { sortProblems } from '../../base/problem.ts';
import type { Problem } from '../../base/problem.ts';
import type { ObjectChange, Source, SourceSink } from '../source.ts';
import { KindFollower } from './kind-follower.ts';
import type { HeldObject } from './kind-store.ts';
import type { KubeClient } from './kube-client.ts';
import { Reflector, type ReflectorTiming } from './reflector.ts';
import { resources } from './resources.ts';

export interface KubernetesSourceOptions {
  readonly client: Pick<KubeClient, 'request' | 'watch'>;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly timing?: Partial<ReflectorTiming>;
  /** How long at the start a kind is waited for that the server does not let us see. Default 15,000. */
  readonly graceMs?: number;
}

/** Rights and definitions are often applied at the same time as the daemon; a server that starts lacks them for seconds. */
const defaultGraceMs = 15_000;

interface ProblemText {
  /** What they were put together of: each the same list, or problem, until it changes. */
  readonly parts: readonly unknown[];
  /** All, sorted. */
  readonly problems: readonly Problem[];
  readonly text: string;
}

/** Of one kind. */
export interface WatchCounts {
  readonly kind: string;
  readonly lists: number;
  readonly watchRestarts: number;
}

/**
 * Follows every kind that is read. It is synced when each kind has been listed once, or is known not to be there, or has
 * been waited for in vain: that one is missing then. A kind that cannot be seen makes the input incomplete, and its objects
 * stay as they were. Runs once.
 */
export class KubernetesSource implements Source {
  readonly #options: KubernetesSourceOptions;
  readonly #kinds: readonly KindFollower[];
  readonly #byKind: ReadonlyMap<string, KindFollower>;
  readonly #reflectors: readonly { readonly kind: string; readonly reflector: Reflector }[];
  readonly #end = new AbortController();
  #onQuiet: (key: string) => void = () => {};
  #sink: SourceSink | undefined;
  #isSynced = false;
  #isWaiting = false;
  #told = { incomplete: false, missing: '[]', problems: '[]' };
  #problems: ProblemText = { parts: [], problems: [], text: '[]' };

  constructor(options: KubernetesSourceOptions) {
    this.#options = options;
    const { client } = options;
    const tell = (changes: readonly ObjectChange[]): void => this.#tell(changes);
    const quiet = (key: string): void => this.#onQuiet(key);
    const { signal } = this.#end;
    this.#kinds = resources.map((resource) => new KindFollower({ client, resource, signal, tell, quiet }));
    this.#byKind = new Map(this.#kinds.map((follower) => [follower.resource.kind, follower]));
    this.#reflectors = this.#kinds.map((follower) => ({
      kind: follower.resource.kind,
      reflector: this.#reflector(follower),
    }));
  }

  /** What the API server has under this key, as far as it is known; also what is rejected, or ending. */
  held(key: string): HeldObject | undefined {
    return this.#byKind.get(key.slice(0, key.indexOf('/')))?.store.objects.get(key);
  }

  /** How often each kind was listed, and its watch opened again, since the start. */
  get counts(): readonly WatchCounts[] {
    return this.#reflectors.map(({ kind, reflector: { counts } }) => ({
      kind,
      lists: counts.lists,
      watchRestarts: Math.max(0, counts.watches - 1),
    }));
  }

  /** Tells one listener of objects that changed in their status or their finalizers, which no sink is told of. */
  onQuiet(listener: (key: string) => void): void {
    this.#onQuiet = listener;
  }

  /** Keys of objects that the API server has and that are told to nobody: rejected, or ending. */
  *unseen(): Generator<string> {
    for (const { store } of this.#kinds) yield* store.unseen.all;
  }

  /** Those of {@link unseen} that can have a finalizer of ours and are of the namespace of a project. */
  *unseenOf(namespace: string): Generator<string> {
    for (const { store } of this.#kinds) yield* store.unseen.ofNamespace(namespace);
  }

  /** Projects among those of {@link unseen}. */
  *unseenProjects(): Generator<string> {
    yield* this.#byKind.get('Project')?.store.unseen.all ?? [];
  }

  /** @throws KUBE_NO_CONFIG, KUBE_CONFIG */
  async run(sink: SourceSink, signal: AbortSignal): Promise<void> {
    this.#sink = sink;
    const stop = (): void => this.#end.abort(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    // When one fails, all end.
    const runs = this.#reflectors.map(({ reflector }) =>
      reflector.run(this.#end.signal).catch((error: unknown) => this.#end.abort(error)),
    );
    await Promise.all(runs);
    signal.removeEventListener('abort', stop);
    if (!signal.aborted) throw this.#end.signal.reason;
  }

  #reflector(listener: KindFollower): Reflector {
    const { client, logger, clock = systemClock, random = Math.random, timing = {} } = this.#options;
    return new Reflector({ client, resource: listener.resource, listener, logger, clock, random, timing });
  }

  #tell(changes: readonly ObjectChange[]): void {
    const sink = this.#sink;
    if (sink === undefined || this.#end.signal.aborted) return;
    const incomplete = this.#kinds.some(({ trouble }) => trouble !== undefined);
    const { problems, text } = this.#currentProblems();
    const missing = this.#isSynced ? this.#missing() : new Map();
    const told = { incomplete, missing: JSON.stringify([...missing]), problems: text };
    if (told.incomplete !== this.#told.incomplete) sink.incomplete(incomplete);
    if (told.missing !== this.#told.missing) sink.missing(missing);
    if (changes.length > 0) sink.changed(changes);
    if (told.problems !== this.#told.problems) sink.problems(problems);
    this.#told = told;
    if (!this.#isSynced) this.#seeWhetherSynced(sink);
  }

  /** Put together anew only when those of some kind are others: most changes are of objects that have none. */
  #currentProblems(): ProblemText {
    const parts = this.#kinds.flatMap(({ store, trouble }) => [store.problems(), trouble]);
    if (parts.length === this.#problems.parts.length && parts.every(this.#isPart)) return this.#problems;
    const problems = sortProblems(parts.flatMap((part) => part ?? []));
    this.#problems = { parts, problems, text: JSON.stringify(problems) };
    return this.#problems;
  }

  readonly #isPart = (part: unknown, index: number): boolean => part === this.#problems.parts[index];

  #seeWhetherSynced(sink: SourceSink): void {
    const open = this.#kinds.filter(({ isListed }) => !isListed);
    if (open.length === 0) this.#synced(sink);
    else if (open.every(isMissing)) void this.#waitForMissing(sink);
  }

  #synced(sink: SourceSink): void {
    this.#isSynced = true;
    const [count, missing] = [this.#count(), [...this.#missing().keys()]];
    if (missing.length === 0) this.#options.logger.info({ objects: count }, 'all kinds are listed');
    else
      this.#options.logger.warn({ objects: count, missing }, 'some kinds cannot be listed; started without');
    // Here it is told what is missing, if something is.
    this.#tell([]);
    sink.synced();
  }

  async #waitForMissing(sink: SourceSink): Promise<void> {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    const { clock = systemClock, graceMs = defaultGraceMs } = this.#options;
    const { signal } = this.#end;
    await clock.sleep(graceMs, signal).catch(() => undefined);
    this.#isWaiting = false;
    const isOver = this.#kinds.every((kind) => kind.isListed || isMissing(kind));
    if (isOver && !signal.aborted && !this.#isSynced) this.#synced(sink);
  }

  #missing(): MissingKinds {
    const missing = this.#kinds.map(({ resource, missing: why }) => [resource.kind, why] as const);
    return new Map(missing.flatMap(([kind, why]) => (why === undefined ? [] : [[kind, why] as const])));
  }

  #count(): number {
    return this.#kinds.reduce((sum, { store }) => sum + store.objects.size, 0);
  }
}

const isMissing = ({ missing }: KindFollower): boolean => missing !== undefined;
