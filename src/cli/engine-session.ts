// From flags to an engine that knows the objects and the database: what `plan`, `apply` and `run` have in common.
import { systemClock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { objectKey } from '../api/api-object.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import { Engine } from '../controller/engine.ts';
import type { Stopwatch } from '../controller/unit-runner.ts';
import type { StatusWriter } from '../source/kubernetes/status-writer.ts';
import type { LoadedObjects, SourceSink } from '../source/source.ts';
import { openTarget } from '../target/open-target.ts';
import type { Target } from '../target/target.ts';
import type { CommandContext } from './command-context.ts';
import type { CommonFlags, ConnectionFlags, InputFlags } from './flags.ts';
import { loadInput } from './input.ts';
import { createLogger } from './logger.ts';
import { readTlsOptions } from './tls-files.ts';

export interface EngineFlags extends CommonFlags, ConnectionFlags, InputFlags {
  readonly allowMassDelete?: boolean;
}

export interface EngineSession {
  readonly config: Config;
  readonly engine: Engine;
  readonly target: Target;
}

/** Reads the objects once, opens the databases, and closes them when `use` has ended. */
export async function withEngine<T>(
  flags: EngineFlags,
  context: CommandContext,
  use: (session: EngineSession, input: LoadedObjects) => Promise<T>,
): Promise<T> {
  const logger = createLogger(flags.logLevel ?? 'silent');
  const input = await loadInput(flags, context.terminal, context.signal);
  const session = await openSession(flags, logger, context.signal, flags.timeout * 1000);
  try {
    deliver(input, session.engine.sink);
    return await use(session, input);
  } finally {
    await session.target.close();
  }
}

/** What a session may have beside the engine. */
export interface SessionParts {
  readonly stopwatch?: Stopwatch | undefined;
  readonly writer?: StatusWriter | undefined;
}

/** Opens the databases; `connectTimeoutMs` may be Infinity. The caller closes the target. */
export async function openSession(
  flags: EngineFlags,
  logger: Logger,
  signal: AbortSignal,
  connectTimeoutMs: number,
  { stopwatch, writer }: SessionParts = {},
): Promise<EngineSession> {
  const config = await readConfig(flags);
  const target = await openTarget({
    nb: flags.nb,
    sb: flags.sb,
    owner: config.owner,
    gatewayChassis: config.gatewayChassis,
    allowSharedNb: flags.allowSharedNb,
    tls: await readTlsOptions(flags, [flags.nb, flags.sb]),
    logger,
    signal,
    connectTimeoutMs,
  });
  const engine = new Engine({
    config,
    target,
    logger,
    clock: systemClock,
    allowMassDelete: flags.allowMassDelete ?? false,
    ...(stopwatch !== undefined && { stopwatch }),
    ...(writer !== undefined && { outcomes: writer }),
  });
  writer?.attach({
    view: engine.view,
    realise: (end) => target.realise(end),
    mtuBytes: config.mtu,
  });
  return { config, engine, target };
}

async function readConfig({ config: file, owner }: EngineFlags): Promise<Config> {
  const config = await loadConfig(file);
  return owner === undefined ? config : { ...config, owner };
}

/** Hands everything over at once, as a source that will never tell of a change. */
function deliver({ objects, invalidKeys, problems, complete }: LoadedObjects, sink: SourceSink): void {
  sink.incomplete(!complete);
  sink.changed([
    ...objects.map((object) => ({ key: objectKey(object), object })),
    ...[...invalidKeys].map((key) => ({ key, object: undefined, invalid: true })),
  ]);
  sink.problems(problems);
  sink.synced();
}
