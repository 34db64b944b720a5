// The catalogue of error codes that this room raises, and the error that a JSON-RPC error reply becomes.
import { CodedError } from '../base/errors.ts';

interface CodeMeaning {
  readonly meaning: string;
  readonly retryable: boolean;
}

/** What the connection and the calls over it raise. Operation errors (RFC 7047 §4.1.3) are a `TransactionError`. */
export const connectionErrors = {
  OVSDB_INVALID_REMOTE: { meaning: 'A remote is not unix:, tcp: or ssl:.', retryable: false },
  OVSDB_UNREACHABLE: { meaning: 'No remote could be reached, or none served the database.', retryable: true },
  OVSDB_TLS: { meaning: 'The TLS handshake or the check of the server certificate failed.', retryable: true },
  OVSDB_DISCONNECTED: { meaning: 'The connection ended before the reply.', retryable: true },
  OVSDB_PROTOCOL: { meaning: 'The peer sent something that is not OVSDB.', retryable: true },
  OVSDB_PROBE: { meaning: 'The server was silent for too long.', retryable: true },
  OVSDB_DEADLINE: {
    meaning: 'The deadline of a call passed. A transaction that fails with this was never sent.',
    retryable: true,
  },
  OVSDB_CANCELLED: { meaning: 'The caller aborted the call. A transaction was not sent.', retryable: false },
  OVSDB_CLOSED: { meaning: 'The database object was closed. A transaction was not sent.', retryable: false },
  OVSDB_UNCERTAIN: {
    meaning: 'A transaction was sent and its fate is unknown. Plan again on the resynced replica.',
    retryable: true,
  },
  OVSDB_RPC: { meaning: 'The server refused a request; the reply is in `reply`.', retryable: false },
  OVSDB_UNKNOWN_METHOD: { meaning: 'The server does not know the method.', retryable: false },
  OVSDB_UNKNOWN_DATABASE: { meaning: 'The server does not serve the database, or not yet.', retryable: true },
} as const satisfies Record<string, CodeMeaning>;

export type ConnectionErrorCode = keyof typeof connectionErrors;

/** A coded error whose `retryable` comes from the catalogue. */
export function connectionError(code: ConnectionErrorCode, message: string, cause?: unknown): CodedError {
  return new CodedError(code, message, { retryable: connectionErrors[code].retryable, cause });
}

/** A request that the server answered with an error. `reply` is its `error` member: a string or an object. */
export class RpcError extends CodedError {
  readonly reply: unknown;

  constructor(method: string, reply: unknown) {
    const { error, details } = readReply(reply);
    const code = rpcCodes[error] ?? 'OVSDB_RPC';
    super(code, `${method}: ${error}${details === '' ? '' : ` (${details})`}`, {
      retryable: connectionErrors[code].retryable,
    });
    this.name = 'RpcError';
    this.reply = reply;
  }
}

const rpcCodes: Readonly<Record<string, ConnectionErrorCode>> = {
  'unknown method': 'OVSDB_UNKNOWN_METHOD',
  'unknown database': 'OVSDB_UNKNOWN_DATABASE',
};

function readReply(reply: unknown): { error: string; details: string } {
  if (typeof reply === 'string') return { error: reply, details: '' };
  if (typeof reply !== 'object' || reply === null) return { error: JSON.stringify(reply), details: '' };
  const error = 'error' in reply && typeof reply.error === 'string' ? reply.error : JSON.stringify(reply);
  const details = 'details' in reply && typeof reply.details === 'string' ? reply.details : '';
  return { error, details };
}

/** The error as a coded one, so that a cause is never lost and never wrapped twice. */
export function asCodedError(error: unknown, code: ConnectionErrorCode): CodedError {
  if (error instanceof CodedError) return error;
  return connectionError(code, error instanceof Error ? error.message : String(error), error);
}
