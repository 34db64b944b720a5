// What the Kubernetes source tells of a real API server, folded into the state that it should add up to.
import type { ApiObject } from '../../src/api/api-object.ts';
import type { MissingKinds } from '../../src/api/missing-kinds.ts';
import type { Logger } from '../../src/base/logger.ts';
import type { Problem } from '../../src/base/problem.ts';
import type { HeldObject } from '../../src/source/kubernetes/kind-store.ts';
import { KubeClient } from '../../src/source/kubernetes/kube-client.ts';
import type { KubeLocation } from '../../src/source/kubernetes/credentials.ts';
import { KubernetesSource } from '../../src/source/kubernetes/kubernetes-source.ts';
import type { ReflectorTiming } from '../../src/source/kubernetes/reflector.ts';
import type { ObjectChange, SourceSink } from '../../src/source/source.ts';
import { inBackground } from './background.ts';

export interface FollowedApi extends AsyncDisposable {
  /** What is there, by key. */
  readonly objects: ReadonlyMap<string, ApiObject>;
  readonly invalid: ReadonlySet<string>;
  readonly problems: readonly Problem[];
  readonly missing: MissingKinds;
  readonly isIncomplete: boolean;
  /** How often `synced` was called. */
  readonly synced: number;
  /** Every change so far, in order; one list per call. */
  readonly calls: readonly (readonly ObjectChange[])[];
  /** `message` of every line logged so far. */
  readonly log: readonly string[];
  /** What the source knows of an object of the server. */
  held(key: string): HeldObject | undefined;
  /** Keys that were told to be gone. */
  gone(): string[];
  /** Ends it; rejects with what it ended with. */
  stop(): Promise<void>;
}

export interface FollowOptions {
  readonly timing?: Partial<ReflectorTiming>;
  /** As of the source; a minute by default, so that a test that waits for something does not start without it. */
  readonly graceMs?: number;
  /** Changes what the real client does. */
  readonly wrap?: (client: KubeClient) => Pick<KubeClient, 'request' | 'watch'>;
}

/** Waits between attempts are short; the rest is as in production. */
const quick = { minDelayMs: 50, maxDelayMs: 500 };

export function followApi(
  location: KubeLocation,
  { timing = {}, graceMs = 60_000, wrap }: FollowOptions = {},
): FollowedApi {
  const real = new KubeClient(location);
  const log: string[] = [];
  const keep = (_: object, message: string): void => void log.push(message);
  const logger: Logger = { debug: keep, info: keep, warn: keep, error: keep };
  const { sink, state } = folding();
  const client = wrap?.(real) ?? real;
  const source = new KubernetesSource({ client, logger, timing: { ...quick, ...timing }, graceMs });
  const { stop } = inBackground(
    (signal) => source.run(sink, signal),
    () => real.close(),
  );
  const held = (key: string): HeldObject | undefined => source.held(key);
  return Object.assign(state, { log, held, stop, [Symbol.asyncDispose]: stop });
}

/** A sink that adds up what it is told, and complains when the rules of {@link SourceSink} are broken. */
function folding() {
  const objects = new Map<string, ApiObject>();
  const invalid = new Set<string>();
  const calls: (readonly ObjectChange[])[] = [];
  const state = {
    objects,
    invalid,
    calls,
    problems: [] as readonly Problem[],
    missing: new Map() as MissingKinds,
    isIncomplete: false,
    synced: 0,
    gone: () => calls.flat().flatMap(({ key, object, invalid }) => (object || invalid ? [] : [key])),
  };
  const sink: SourceSink = {
    changed: (changes) => {
      const keys = new Set(changes.map(({ key }) => key));
      if (keys.size !== changes.length || changes.length === 0) throw new Error('a key twice, or nothing');
      calls.push(changes);
      for (const { key, object, invalid: isInvalid } of changes) {
        objects.delete(key);
        invalid.delete(key);
        if (object !== undefined) objects.set(key, object);
        else if (isInvalid === true) invalid.add(key);
      }
    },
    problems: (problems) => void (state.problems = problems),
    missing: (kinds) => void (state.missing = kinds),
    incomplete: (incomplete) => void (state.isIncomplete = incomplete),
    synced: () => void state.synced++,
  };
  return { sink, state };
}
