// `ovn-projector run`: stays, and keeps the database equal to what the objects of files or an API server mean.
import { Command, InvalidArgumentError } from 'commander';
import { systemClock } from '../base/clock.ts';
import { CodedError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { type ListenAddress, parseListenAddress } from '../server/listen-address.ts';
import type { LeaseName } from '../source/kubernetes/lease.ts';
import { settle } from '../source/kubernetes/settle.ts';
import type { CommandContext } from './command-context.ts';
import type { DaemonServer } from './daemon-server.ts';
import { type EngineFlags, type EngineSession, openSession, type SessionParts } from './engine-session.ts';
import { addConnectionFlags, addInputFlags } from './flags.ts';
import { type FollowedInput, followInput } from './input.ts';
import { leaseName, whileLeading } from './leadership.ts';
import { createLogger } from './logger.ts';

const examples = `
Follows the objects and the database: a change of either is compiled and committed at once, and a row of ours that
somebody deletes or changes by hand is put back. Logs JSON lines to stderr. A database or API server that is away is
waited for, and so are our kinds: ovn-projector crd | kubectl apply -f -
SIGTERM and SIGINT end it cleanly (exit code 0); what is being committed is finished first.

Examples:
  $ ovn-projector run                                in a pod: follow the API server of its cluster
  $ ovn-projector run --kubeconfig ~/.kube/config    from outside
  $ ovn-projector run -f networks/                   follow files, without any API server
  $ ovn-projector run -f networks/ --nb tcp:192.0.2.1:6641,tcp:192.0.2.2:6641 --sb tcp:192.0.2.1:6642
  $ ovn-projector run -f networks/ --log-level debug 2>&1 | jq .
`;

export function runCommand(context: CommandContext): Command {
  const command = new Command('run')
    .description('stay: follow an API server or files, and the database, and repair drift')
    .option('--allow-mass-delete', 'carry out changes that delete most of what is there', false)
    .option(
      '--listen <address>',
      'serve /healthz, /readyz and /metrics, for example on 127.0.0.1:9476',
      listenAddress,
    )
    .option(
      '--lease <namespace/name>',
      'with an API server: the Lease of the one of several instances that writes',
      leaseName,
      { namespace: 'kube-system', name: 'ovn-projector' },
    )
    .option('--no-lease', 'with an API server: write without asking for a Lease')
    .addHelpText('after', examples)
    .action((flags: RunFlags) => follow(flags, createLogger(flags.logLevel ?? 'info'), context.signal));
  return addConnectionFlags(addInputFlags(command));
}

export interface RunFlags extends EngineFlags {
  readonly listen?: ListenAddress;
  /** False with `--no-lease`. */
  readonly lease?: LeaseName | false;
}

/** Follows until `signal` is aborted, then resolves with everything closed. @throws what makes going on impossible */
export async function follow(flags: RunFlags, logger: Logger, signal: AbortSignal): Promise<void> {
  const input = await followInput(flags, flags.lease === false ? undefined : flags.lease, logger);
  const server = flags.listen === undefined ? undefined : await serve(flags.listen, logger);
  try {
    const parts = { stopwatch: server?.stopwatch, writer: input.writer };
    const session = await connect(flags, logger, parts, signal);
    server?.attach({ ...session, ...input });
    try {
      await followWith(session, input, signal);
    } finally {
      await input.writer?.close();
      await session.target.close();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await server?.close();
    await input.close();
  }
  logger.info({}, 'ended');
}

/** Loaded only when it is wanted: it takes as long to load as everything else. */
async function serve(address: ListenAddress, logger: Logger): Promise<DaemonServer> {
  const { DaemonServer } = await import('./daemon-server.ts');
  const server = new DaemonServer();
  logger.info({ address: await server.listen(address) }, 'listening');
  return server;
}

function listenAddress(text: string): ListenAddress {
  const address = parseListenAddress(text);
  if (address === undefined)
    throw new InvalidArgumentError('It must be an address and a port: 127.0.0.1:9476, [::1]:9476 or :9476.');
  return address;
}

const initialisationRetryMs = 500;

/** The signal ends the wait for the databases, but not the databases: the engine finishes what it is committing. */
async function connect(
  flags: EngineFlags,
  logger: Logger,
  parts: SessionParts,
  signal: AbortSignal,
): Promise<EngineSession> {
  const waiting = new AbortController();
  const giveUp = (): void => waiting.abort(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      try {
        return await openSession(flags, logger, waiting.signal, Number.POSITIVE_INFINITY, parts);
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
  { engine, config }: EngineSession,
  { source, election, writer, ...input }: FollowedInput,
  signal: AbortSignal,
): Promise<void> {
  const routes = await input.routes(config);
  const failure = new AbortController();
  const end = AbortSignal.any([signal, failure.signal]);
  const lead = async (leading: AbortSignal): Promise<void> => {
    writer?.begin();
    const ended = new AbortController();
    const together = AbortSignal.any([leading, ended.signal]);
    const works = [engine.run(together), routes?.run(together)];
    await settle(works.map(async (work) => work?.finally(() => ended.abort())));
  };
  const writing = election === undefined ? lead(end) : whileLeading(election, end, lead);
  const written = writer?.tap(engine.sink) ?? engine.sink;
  const sink = routes?.tap(written) ?? written;
  const parts = [source.run(sink, end), writing].map(async (part) => {
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
