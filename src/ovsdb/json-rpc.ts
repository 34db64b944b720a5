// JSON-RPC as OVSDB speaks it (RFC 7047 §4), on top of the package json-rpc-2.0, which keeps the requests in flight.
import { createJSONRPCErrorResponse, createJSONRPCSuccessResponse, JSONRPCClient } from 'json-rpc-2.0';
import type { JSONRPCRequest } from 'json-rpc-2.0';
import { CodedError } from '../base/errors.ts';
import { startDeadline } from './deadline.ts';
import { connectionError, RpcError } from './errors.ts';

export interface CallOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** The `params` of a call that are written already: a JSON array. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Params = readonly unknown[] | JsonText;

/** A request or, without `id`, a notification of the peer. */
export interface IncomingCall {
  readonly id: string | number | undefined;
  readonly method: string;
  readonly params: readonly unknown[];
}

/**
 * Where the two versions differ, this is the border: OVSDB drops the connection on a `jsonrpc` member, so it is cut
 * off and put back; it always wants `params` to be an array; its error replies carry a string or an object and have
 * no `result`, its good ones have `error: null`; its notifications may have `id: null`.
 */
export class JsonRpc {
  readonly #write: (text: string) => void;
  readonly #client: JSONRPCClient;
  #lastId = 0;
  #failure: CodedError | undefined;

  /** `write` takes one message as JSON text; it must not throw. */
  constructor(write: (text: string) => void) {
    this.#write = write;
    this.#client = new JSONRPCClient((request: JSONRPCRequest) => {
      const { method, id } = request;
      const params: unknown = request.params;
      const text = params instanceof JsonText ? params.text : JSON.stringify(params);
      write(`{"method":${JSON.stringify(method)},"params":${text},"id":${id}}`);
    });
  }

  /**
   * Resolves to the `result` of the reply. A reply that comes after the deadline is dropped.
   * @throws OVSDB_DEADLINE, OVSDB_CANCELLED, what `fail` was given, or an {@link RpcError}
   */
  async request(method: string, params: Params, options: CallOptions): Promise<unknown> {
    if (this.#failure) throw this.#failure;
    const { timeoutMs, signal } = options;
    const id = (this.#lastId += 1);
    const abandon = (error: CodedError): void => {
      this.#client.receive(createJSONRPCErrorResponse(id, 0, error.message, error));
    };
    const timer = startDeadline(timeoutMs, () => {
      abandon(connectionError('OVSDB_DEADLINE', `${method}: no reply within ${timeoutMs} ms`));
    });
    const onAbort = (): void =>
      abandon(connectionError('OVSDB_CANCELLED', `${method}: aborted`, signal?.reason));
    if (signal?.aborted) queueMicrotask(onAbort);
    signal?.addEventListener('abort', onAbort);
    try {
      const reply = await this.#client.requestAdvanced({ jsonrpc: '2.0', id, method, params });
      if (!reply.error) return reply.result as unknown;
      const reason: unknown = reply.error.data;
      throw reason instanceof CodedError ? reason : (this.#failure ?? new RpcError(method, reason));
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  notify(method: string, params: readonly unknown[]): void {
    this.#write(JSON.stringify({ method, params, id: null }));
  }

  /** Answers a request of the peer. */
  reply(id: string | number, result: unknown): void {
    this.#write(JSON.stringify({ result, error: null, id }));
  }

  /**
   * Takes one message of the peer. A reply settles its request, now, in the order of the stream; a call is returned.
   * @throws OVSDB_PROTOCOL when it is neither
   */
  receive(message: unknown): IncomingCall | undefined {
    if (typeof message !== 'object' || message === null)
      throw connectionError('OVSDB_PROTOCOL', 'message is not an object');
    const id = 'id' in message ? message.id : undefined;
    const callId = typeof id === 'number' || typeof id === 'string' ? id : undefined;
    if ('method' in message && typeof message.method === 'string') {
      const params: unknown = 'params' in message ? message.params : undefined;
      return { id: callId, method: message.method, params: Array.isArray(params) ? params : [] };
    }
    if (callId === undefined)
      throw connectionError('OVSDB_PROTOCOL', 'message is neither a call nor a reply');
    const error = 'error' in message ? (message.error ?? undefined) : undefined;
    const result = 'result' in message ? message.result : null;
    this.#client.receive(
      error === undefined
        ? createJSONRPCSuccessResponse(callId, result)
        : createJSONRPCErrorResponse(callId, 0, 'error reply', error),
    );
    return undefined;
  }

  /** Fails every request in flight and every later one with `error`. */
  fail(error: CodedError): void {
    this.#failure ??= error;
    this.#client.rejectAllPendingRequests(error.message);
  }
}
