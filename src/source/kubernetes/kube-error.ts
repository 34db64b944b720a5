// Failures of the API server and of the way to it, as coded errors.
import { CodedError } from '../../base/errors.ts';
import { isObject, textOf, type RawObject } from './raw-object.ts';

/** What the server said beyond its status. */
export interface KubeAnswer {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** `reason` of the Status object (`NotFound`, `Expired`, …); empty when there is none. */
  readonly reason: string;
  /** How long the server asked us to wait. */
  readonly retryAfterMs?: number;
  /** True: the namespace is being deleted, so nothing is made in it any more. */
  readonly isNamespaceEnding?: boolean;
}

/**
 * A request that did not succeed. Codes: `KUBE_UNREACHABLE`, `KUBE_TIMEOUT`, `KUBE_BAD_ANSWER` (no answer, or none that
 * can be read), and by status {@link codes}; what is not in that table is `KUBE_REFUSED` or, from 500 on, `KUBE_SERVER`.
 */
export class KubeError extends CodedError implements KubeAnswer {
  readonly status: number;
  readonly reason: string;
  readonly retryAfterMs?: number;
  readonly isNamespaceEnding: boolean;

  constructor(code: string, message: string, answer: KubeAnswer, cause?: unknown) {
    super(code, message, { retryable: isRetryable(answer.status), cause });
    this.name = 'KubeError';
    this.status = answer.status;
    this.reason = answer.reason;
    this.isNamespaceEnding = answer.isNamespaceEnding ?? false;
    if (answer.retryAfterMs !== undefined) this.retryAfterMs = answer.retryAfterMs;
  }
}

const codes: Readonly<Record<number, string>> = {
  400: 'KUBE_BAD_REQUEST',
  401: 'KUBE_UNAUTHORIZED',
  403: 'KUBE_FORBIDDEN',
  404: 'KUBE_NOT_FOUND',
  409: 'KUBE_CONFLICT',
  410: 'KUBE_GONE',
  422: 'KUBE_INVALID',
  429: 'KUBE_TOO_MANY_REQUESTS',
};

/** From an answer with an error status, or the object of an `ERROR` event of a watch (then `status` is in the object). */
export function errorOfStatus(what: string, body: unknown, status?: number, retryAfter?: string): KubeError {
  const answered = isObject(body) ? body : {};
  const code = status ?? (typeof answered['code'] === 'number' ? answered['code'] : 500);
  const reason = textOf(answered['reason']);
  const message = textOf(answered['message']) || (typeof body === 'string' ? body.trim().slice(0, 200) : '');
  const name = codes[code] ?? (code >= 500 ? 'KUBE_SERVER' : 'KUBE_REFUSED');
  const seconds = Number(retryAfter ?? Number.NaN);
  const wait = Number.isFinite(seconds) ? { retryAfterMs: seconds * 1000 } : {};
  const isNamespaceEnding = causesOf(answered).includes('NamespaceTerminating');
  const answer = { status: code, reason, isNamespaceEnding, ...wait };
  return new KubeError(name, `${what}: ${message || `status ${code}`}`, answer);
}

/** Source: Kubernetes API, meta/v1 Status: details.causes. */
function causesOf({ details }: RawObject): readonly string[] {
  const causes: unknown = isObject(details) ? details['causes'] : undefined;
  return Array.isArray(causes)
    ? causes.map((cause: unknown) => (isObject(cause) ? textOf(cause['reason']) : ''))
    : [];
}

/** From an exception of the HTTP client. */
export function errorOfFailure(what: string, cause: unknown): KubeError {
  const isTimeout = cause instanceof Error && timeouts.has(codeOf(cause) ?? cause.name);
  const code = isTimeout ? 'KUBE_TIMEOUT' : 'KUBE_UNREACHABLE';
  const text = isTimeout ? 'no answer in time' : 'the API server cannot be reached';
  return new KubeError(code, `${what}: ${text}`, { status: 0, reason: '' }, cause);
}

/** An answer that is not what was asked for. */
export function badAnswer(what: string, problem: string, cause?: unknown): KubeError {
  return new KubeError('KUBE_BAD_ANSWER', `${what}: ${problem}`, { status: 0, reason: '' }, cause);
}

const timeouts = new Set([
  'TimeoutError',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
]);

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function isRetryable(status: number): boolean {
  return status === 0 || status === 409 || status === 410 || status === 429 || status >= 500;
}
