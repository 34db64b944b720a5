// `ovn-projector run`: stays, and keeps the database equal to what the files mean.
import { Command } from 'commander';
import { systemClock } from '../base/clock.ts';
import { CodedError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { createManifestSource } from '../source/manifests/manifest-source.ts';
import type { CommandContext } from './command-context.ts';
import { type EngineFlags, type EngineSession, openSession } from './engine-session.ts';
import { addConnectionFlags, addInputFlags } from './flags.ts';
import { createLogger } from './logger.ts';

const examples = `
Follows the files and the database: a change of either is compiled and committed at once, and a row of ours that
somebody deletes or changes by hand is put back. Logs JSON lines to stderr. A database that is away is waited for.
SIGTERM and SIGINT end it cleanly (exit code 0); what is being committed is finished first.

Examples:
  $ ovn-projector run -f networks/
  $ ovn-projector run -f networks/ --nb tcp:192.0.2.1:6641,tcp:192.0.2.2:6641 --sb tcp:192.0.2.1:6642
  $ ovn-projector run -f networks/ --log-level debug 2>&1 | jq .
`;

export function runCommand(context: CommandContext): Command {
  const command = new Command('run')
    .description('stay: follow the files and the database, and repair drift')
    .option('--allow-mass-delete', 'carry out changes that delete most of what is there', false)
    .addHelpText('after', examples)
    .action((flags: EngineFlags) => follow(flags, createLogger(flags.logLevel ?? 'info'), context.signal));
  return addConnectionFlags(addInputFlags(command));
}

/** Follows until `signal` is aborted, then resolves with everything closed. @throws what makes going on impossible */
export async function follow(flags: EngineFlags, logger: Logger, signal: AbortSignal): Promise<void> {
  if (flags.file.includes('-'))
    throw new CodedError('CLI_STDIN', 'run follows files, and stdin cannot be followed: use apply -f -', {
      retryable: false,
    });
  try {
    const session = await connect(flags, logger, signal);
    try {
      await followWith(session, flags, logger, signal);
    } finally {
      await session.target.close();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  logger.info({}, 'ended');
}

const initialisationRetryMs = 500;

/** The signal ends the wait for the databases, but not the databases: the engine finishes what it is committing. */
async function connect(flags: EngineFlags, logger: Logger, signal: AbortSignal): Promise<EngineSession> {
  const waiting = new AbortController();
  const giveUp = (): void => waiting.abort(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      try {
        return await openSession(flags, logger, waiting.signal, Number.POSITIVE_INFINITY);
      } catch (error) {
        // The server is up before ovn-northd has made the database its own.
        if (!(error instanceof CodedError) || error.code !== 'NB_NOT_INITIALISED') throw error;
        logger.warn({ code: error.code, reason: error.message }, 'waiting for ovn-northd');
        await systemClock.sleep(initialisationRetryMs, waiting.signal);
      }
    }
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/** Source and engine run together; when one fails, the other is ended too. */
async function followWith(
  { engine }: EngineSession,
  flags: EngineFlags,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const failure = new AbortController();
  const end = AbortSignal.any([signal, failure.signal]);
  const source = createManifestSource(flags.file, { logger });
  const parts = [source.run(engine.sink, end), engine.run(end)].map(async (part) => {
    try {
      await part;
    } catch (error) {
      failure.abort(error);
      throw error;
    }
  });
  const results = await Promise.allSettled(parts);
  if (failure.signal.aborted && !signal.aborted) throw failure.signal.reason;
  const rejected = results.find((result) => result.status === 'rejected');
  if (rejected !== undefined && !signal.aborted) throw rejected.reason;
}
