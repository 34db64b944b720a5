// Requests to the API server and watches of it, over one set of connections.
import type { Dispatcher } from 'undici';
import { request as send } from 'undici';
import { type Clock, systemClock } from '../../base/clock.ts';
import { Credentials, type Access, type KubeLocation } from './credentials.ts';
import { jsonLines } from './json-lines.ts';
import { badAnswer, errorOfFailure, errorOfStatus, KubeError } from './kube-error.ts';
import { isObject, type RawObject } from './raw-object.ts';

export interface KubeRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/api/v1/pods` */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Of the body; `application/json` when absent, `application/apply-patch+yaml` for server-side apply. */
  readonly contentType?: string;
  /** For the whole answer. */
  readonly timeoutMs?: number;
}

export interface WatchRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string | number | boolean>>;
  /** The watch counts as broken when nothing, not even a bookmark, has come for so long. */
  readonly inactivityMs: number;
}

/** One line of a watch. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: RawObject;
}

const defaultTimeoutMs = 30_000;

export class KubeClient {
  readonly #credentials: Credentials;

  constructor(location: KubeLocation, clock: Pick<Clock, 'now'> = systemClock) {
    this.#credentials = new Credentials(location, clock);
  }

  /** Address of the server. @throws KUBE_NO_CONFIG, KUBE_CONFIG */
  async server(): Promise<string> {
    return (await this.#credentials.access()).server;
  }

  /**
   * Sends a request and returns the parsed answer. When the server does not know us (401), credentials are read again
   * and it is sent once more.
   * @throws KubeError; KUBE_NO_CONFIG, KUBE_CONFIG; the signal's reason
   */
  async request(request: KubeRequest, signal?: AbortSignal): Promise<unknown> {
    const { method = 'GET', path, timeoutMs = defaultTimeoutMs } = request;
    const what = `${method} ${path}`;
    const deadline = AbortSignal.timeout(timeoutMs);
    const either = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    return this.#guard(what, signal, async () => {
      const answer = await this.#sendKnown(request, { signal: either });
      const text = await answer.body.text();
      return parse(what, text);
    });
  }

  /**
   * Yields what the server tells, a list per piece of the stream: first an empty one when the watch is open. Ends when
   * the server ends it. A consumer that stops early ends the watch.
   * @throws as {@link KubeClient.request}; KUBE_GONE when events since `resourceVersion` are not known any more
   */
  async *watch(watch: WatchRequest, signal: AbortSignal): AsyncGenerator<readonly WatchEvent[]> {
    const what = `watch ${watch.path}`;
    const query = { ...watch.query, watch: true };
    const ended = new AbortController();
    const either = AbortSignal.any([signal, ended.signal]);
    const options = { signal: either, bodyTimeout: watch.inactivityMs, headersTimeout: defaultTimeoutMs };
    try {
      const request = { path: watch.path, query };
      const answer = await this.#guard(what, signal, () => this.#sendKnown(request, options));
      yield [];
      const lines = jsonLines(answer.body);
      for (;;) {
        const next = await this.#guard(what, signal, () => lines.next());
        if (next.done === true) return;
        yield next.value.map((line) => eventOf(what, line));
      }
    } finally {
      ended.abort();
    }
  }

  /** Ends all connections, and whatever runs on them. */
  async close(): Promise<void> {
    await this.#credentials.close();
  }

  /** Wraps what the HTTP client throws. */
  async #guard<T>(what: string, signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof KubeError || isConfigError(error)) throw error;
      if (error instanceof SyntaxError) throw badAnswer(what, 'the answer is not JSON', error);
      throw errorOfFailure(what, error);
    }
  }

  async #sendKnown(request: KubeRequest, options: SendOptions): Promise<Dispatcher.ResponseData> {
    const access = await this.#credentials.access();
    const answer = await sendTo(access, request, options);
    if (answer.statusCode !== 401) return accepted(request, answer);
    await answer.body.dump();
    this.#credentials.renew(access);
    return accepted(request, await sendTo(await this.#credentials.access(), request, options));
  }
}

interface SendOptions {
  readonly signal: AbortSignal;
  readonly bodyTimeout?: number;
  readonly headersTimeout?: number;
}

async function sendTo(
  { server, headers, dispatcher }: Access,
  { method = 'GET', path, query = {}, body, contentType = 'application/json' }: KubeRequest,
  options: SendOptions,
): Promise<Dispatcher.ResponseData> {
  const pairs = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]);
  const search = new URLSearchParams(pairs).toString();
  return send(`${server}${path}${search === '' ? '' : `?${search}`}`, {
    ...options,
    method,
    dispatcher,
    headers: {
      'user-agent': 'ovn-projector',
      accept: 'application/json',
      ...headers,
      ...(body === undefined ? {} : { 'content-type': contentType }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function accepted(
  request: KubeRequest,
  answer: Dispatcher.ResponseData,
): Promise<Dispatcher.ResponseData> {
  if (answer.statusCode < 300) return answer;
  const text = await answer.body.text();
  const retryAfter = answer.headers['retry-after'];
  const what = `${request.method ?? 'GET'} ${request.path}`;
  const after = typeof retryAfter === 'string' ? retryAfter : undefined;
  throw errorOfStatus(what, jsonOr(text), answer.statusCode, after);
}

function eventOf(what: string, line: unknown): WatchEvent {
  const { type, object } = isObject(line) ? line : {};
  if (!isObject(object)) throw badAnswer(what, 'an event has no object');
  if (type === 'ERROR') throw errorOfStatus(what, object);
  if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK')
    return { type, object };
  throw badAnswer(what, `an event is of the unknown type ${JSON.stringify(type)}`);
}

function parse(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badAnswer(what, 'the answer is not JSON, or not all of it', error);
  }
}

/** The Status object of an error, or the text that a server or proxy sends instead of one. */
function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isConfigError(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'KUBE_NO_CONFIG' || error.code === 'KUBE_CONFIG')
  );
}
