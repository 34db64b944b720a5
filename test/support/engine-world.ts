// The loop over a real NB, fed with YAML text: one pass, or one that stays and follows.
import type { MissingKinds } from '../../src/api/missing-kinds.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { Logger } from '../../src/base/logger.ts';
import type { Config } from '../../src/config/config.ts';
import { defaultConfig } from '../../src/config/parse-config.ts';
import { Engine } from '../../src/controller/engine.ts';
import type { Report } from '../../src/controller/report.ts';
import type { Pipeline } from '../../src/controller/unit-planner.ts';
import type { OutcomeListener } from '../../src/source/outcome-listener.ts';
import type { ObjectChange } from '../../src/source/source.ts';
import { openTarget } from '../../src/target/open-target.ts';
import type { Target } from '../../src/target/target.ts';
import { inBackground } from './background.ts';
import { decodeYaml } from './model-world.ts';

export interface EngineWorldOptions {
  readonly nb: string;
  readonly sb?: string;
  readonly config?: Partial<Config>;
  readonly allowMassDelete?: boolean;
  /** True: some input cannot be read. */
  readonly incomplete?: boolean;
  /** Kinds of which nothing is known at the start. */
  readonly missing?: MissingKinds;
  readonly pipeline?: Pipeline;
  readonly outcomes?: OutcomeListener;
  readonly logger?: Logger;
  readonly connectTimeoutMs?: number;
}

/** Opens, takes the objects in, and does one pass. */
export async function onePass(
  kind: 'plan' | 'converge',
  yaml: string,
  options: EngineWorldOptions,
): Promise<Report> {
  const { engine, target } = await openEngine(options);
  try {
    feed(engine, yaml, options);
    return await engine[kind]();
  } finally {
    await target.close();
  }
}

export const converge = (yaml: string, options: EngineWorldOptions): Promise<Report> =>
  onePass('converge', yaml, options);

/** An engine that follows. */
export interface RunningEngine extends AsyncDisposable {
  readonly engine: Engine;
  /** Replaces the objects by those of `yaml`, as one change; `incomplete` and `missing` as the source would tell them. */
  set(yaml: string, incomplete?: boolean, missing?: MissingKinds): void;
  /** Removes objects by key, each as a change of its own. */
  removeOneByOne(...keys: readonly string[]): void;
  /** Ends it; rejects when it had to end by itself. */
  stop(): Promise<void>;
  /** Resolves to why it ended by itself. */
  readonly ended: Promise<unknown>;
}

export async function follow(yaml: string, options: EngineWorldOptions): Promise<RunningEngine> {
  const { engine, target } = await openEngine(options);
  let known = new Set(feed(engine, yaml, options));
  const { ended, stop } = inBackground(
    (signal) => engine.run(signal),
    () => target.close(),
  );
  return {
    engine,
    ended,
    set: (text, incomplete = false, missing = new Map()) => {
      const { changes, problems } = decodeYaml(text);
      const keys = new Set(changes.map(({ key }) => key));
      const gone = incomplete ? [] : [...known.difference(keys)];
      known = incomplete ? known.union(keys) : keys;
      engine.sink.incomplete(incomplete);
      engine.sink.missing(missing);
      engine.sink.changed([...changes, ...gone.map((key) => ({ key, object: undefined }))]);
      engine.sink.problems(problems);
    },
    removeOneByOne: (...keys) => {
      known = known.difference(new Set(keys));
      for (const key of keys) engine.sink.changed([{ key, object: undefined } satisfies ObjectChange]);
    },
    stop,
    [Symbol.asyncDispose]: () => stop().catch(() => undefined),
  };
}

export async function openEngine(
  options: EngineWorldOptions,
): Promise<{ readonly engine: Engine; readonly target: Target }> {
  const config = { ...defaultConfig(), gatewayChassis: ['chassis-1', 'chassis-2'], ...options.config };
  const logger = options.logger ?? silentLogger;
  const { nb, sb, connectTimeoutMs, allowMassDelete, pipeline, outcomes } = options;
  const target = await openTarget({
    nb,
    sb,
    owner: config.owner,
    gatewayChassis: config.gatewayChassis,
    logger,
    connectTimeoutMs,
  });
  const engine = new Engine({
    config,
    target,
    logger,
    ...(allowMassDelete !== undefined && { allowMassDelete }),
    ...(pipeline !== undefined && { pipeline }),
    ...(outcomes !== undefined && { outcomes }),
  });
  return { engine, target };
}

/** Delivers everything as a source does at its start; returns the keys. */
function feed({ sink }: Engine, yaml: string, options: EngineWorldOptions): string[] {
  const { changes, problems } = decodeYaml(yaml);
  sink.incomplete(options.incomplete ?? false);
  sink.missing(options.missing ?? new Map());
  sink.changed(changes);
  sink.problems(problems);
  sink.synced();
  return changes.map(({ key }) => key);
}
