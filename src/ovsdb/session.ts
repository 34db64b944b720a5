// One connection to one server: requests, notifications, echo both ways, and its end.
import type { Socket } from 'node:net';
import type { CodedError } from '../base/errors.ts';
import { asCodedError, connectionError } from './errors.ts';
import { parseExactJson } from './exact-json.ts';
import { Framer } from './framer.ts';
import type { Frame, FramerLimits } from './framer.ts';
import { JsonRpc } from './json-rpc.ts';
import type { IncomingCall, Params } from './json-rpc.ts';
import { probeStep } from './reconnect.ts';
import type { Remote } from './remote.ts';
import { openSocket } from './transport.ts';
import type { TlsOptions } from './transport.ts';

export interface SessionOptions extends FramerLimits {
  readonly tls?: TlsOptions | undefined;
  /** For the connection and the TLS handshake. Default 5 s. */
  readonly connectTimeoutMs?: number | undefined;
  /** Deadline of a request that names none. Default 30 s. */
  readonly rpcTimeoutMs?: number | undefined;
  /** Silence after which the server is probed; after twice that it counts as dead. Default 5 s; 0: never. */
  readonly probeIntervalMs?: number | undefined;
  /** Aborting ends the session. */
  readonly signal?: AbortSignal | undefined;
}

export interface RequestOptions {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The server may work on it in silence for long: no probe meanwhile, only the deadline counts. */
  readonly slow?: boolean;
}

export type NotificationListener = (method: string, params: readonly unknown[]) => void;

/**
 * A session never reconnects. Messages are handled in the order of the stream, each to its end, before the next:
 * what a notification changed is visible when the promise of a later reply resolves.
 */
export class Session {
  /** Why the session ended. Resolves once, never rejects. */
  readonly closed: Promise<CodedError>;
  readonly #socket: Socket;
  readonly #rpc: JsonRpc;
  readonly #framer: Framer;
  readonly #rpcTimeoutMs: number;
  readonly #probeIntervalMs: number;
  readonly #notificationListeners = new Set<NotificationListener>();
  readonly #drainListeners = new Set<() => void>();
  readonly #resolveClosed: (reason: CodedError) => void;
  #outbox: string[] = [];
  #ended: CodedError | undefined;
  #slowRequests = 0;
  #lastHeardMs = performance.now();
  #probedMs: number | undefined;
  #probeTimer: NodeJS.Timeout | undefined;

  /** @throws OVSDB_UNREACHABLE, OVSDB_TLS, OVSDB_CANCELLED */
  static async open(remote: Remote, options: SessionOptions = {}): Promise<Session> {
    const { tls, signal, connectTimeoutMs } = options;
    return new Session(
      await openSocket(remote, { tls, signal, timeoutMs: connectTimeoutMs ?? 5000 }),
      options,
    );
  }

  private constructor(socket: Socket, options: SessionOptions) {
    const { promise, resolve } = Promise.withResolvers<CodedError>();
    this.closed = promise;
    this.#resolveClosed = resolve;
    this.#socket = socket;
    this.#framer = new Framer(options);
    this.#rpc = new JsonRpc((text) => this.#send(text));
    this.#rpcTimeoutMs = options.rpcTimeoutMs ?? 30_000;
    this.#probeIntervalMs = options.probeIntervalMs ?? 5000;
    this.#watchSocket(options.signal);
    if (this.#probeIntervalMs > 0) this.#scheduleProbe(this.#probeIntervalMs);
  }

  get bytesIn(): number {
    return this.#socket.bytesRead;
  }

  get bytesOut(): number {
    return this.#socket.bytesWritten;
  }

  /** False while the server does not take what was written: more requests should wait for `onDrain`. */
  get writable(): boolean {
    return this.#ended === undefined && !this.#socket.writableNeedDrain;
  }

  /**
   * Sends a request; `params` as RFC 7047 §4.1 has them. Resolves to its `result`.
   * @throws OVSDB_DEADLINE, OVSDB_CANCELLED, what ended the session, or an RpcError
   */
  async request(method: string, params: Params, options: RequestOptions = {}): Promise<unknown> {
    const slow = options.slow === true ? 1 : 0;
    this.#slowRequests += slow;
    try {
      const timeoutMs = options.timeoutMs ?? this.#rpcTimeoutMs;
      return await this.#rpc.request(method, params, { timeoutMs, signal: options.signal });
    } finally {
      this.#slowRequests -= slow;
    }
  }

  notify(method: string, params: readonly unknown[]): void {
    if (this.#ended === undefined) this.#rpc.notify(method, params);
  }

  /** Calls `listener` for every notification, in order; returns how to stop. What it throws ends the session. */
  onNotification(listener: NotificationListener): () => void {
    this.#notificationListeners.add(listener);
    return () => void this.#notificationListeners.delete(listener);
  }

  /** Calls `listener` whenever `writable` becomes true again; returns how to stop. */
  onDrain(listener: () => void): () => void {
    this.#drainListeners.add(listener);
    return () => void this.#drainListeners.delete(listener);
  }

  /** Ends the session at once. What was not written yet is lost; every request in flight fails with `reason`. */
  close(reason: CodedError = connectionError('OVSDB_CLOSED', 'the session was closed')): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    clearTimeout(this.#probeTimer);
    this.#socket.destroy();
    this.#rpc.fail(reason);
    this.#resolveClosed(reason);
  }

  #watchSocket(signal: AbortSignal | undefined): void {
    const socket = this.#socket;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('drain', () => {
      for (const listener of this.#drainListeners) listener();
    });
    socket.on('error', (error) => this.close(connectionError('OVSDB_DISCONNECTED', error.message, error)));
    socket.on('close', () =>
      this.close(connectionError('OVSDB_DISCONNECTED', 'the server closed the connection')),
    );
    const onAbort = (): void =>
      this.close(connectionError('OVSDB_CANCELLED', 'the session was aborted', signal?.reason));
    signal?.addEventListener('abort', onAbort, { once: true });
    void this.closed.then(() => signal?.removeEventListener('abort', onAbort));
  }

  #receive(chunk: Buffer): void {
    this.#lastHeardMs = performance.now();
    try {
      this.#framer.push(chunk, (frame) => this.#handle(frame));
    } catch (error) {
      this.close(asCodedError(error, 'OVSDB_PROTOCOL'));
    }
  }

  #handle(frame: Frame): void {
    if (this.#ended !== undefined) return;
    const call = this.#rpc.receive(frame.hasLongDigits ? parseExactJson(frame.text) : JSON.parse(frame.text));
    if (call !== undefined) this.#answer(call);
  }

  #answer({ id, method, params }: IncomingCall): void {
    if (method === 'echo' && id !== undefined) this.#rpc.reply(id, params);
    else for (const listener of this.#notificationListeners) listener(method, params);
  }

  /** Joins what is sent in one turn of the event loop into one write. */
  #send(text: string): void {
    this.#outbox.push(text);
    if (this.#outbox.length > 1) return;
    process.nextTick(() => {
      const bytes = this.#outbox.join('');
      this.#outbox = [];
      if (this.#ended === undefined) this.#socket.write(bytes);
    });
  }

  #scheduleProbe(afterMs: number): void {
    // A late timer must not condemn a server whose bytes wait in the socket: look after the next round of reading.
    this.#probeTimer = setTimeout(() => setImmediate(() => this.#probe()), afterMs);
  }

  #probe(): void {
    if (this.#ended !== undefined) return;
    if (this.#slowRequests > 0) this.#lastHeardMs = performance.now();
    const now = performance.now();
    const step = probeStep(now, this.#lastHeardMs, this.#probedMs, this.#probeIntervalMs);
    if (step.action === 'drop') {
      const silentMs = Math.round(now - this.#lastHeardMs);
      this.close(connectionError('OVSDB_PROBE', `the server was silent for ${silentMs} ms`));
      return;
    }
    if (step.action === 'probe') {
      this.#probedMs = now;
      const ignore = (): void => {};
      this.request('echo', [], { timeoutMs: this.#probeIntervalMs * 2 }).then(ignore, ignore);
    }
    this.#scheduleProbe(step.lookAgainMs);
  }
}
