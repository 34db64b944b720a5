// Coded errors: failures of the world outside (a server, a file, a socket), never a user's mistake.

/** What every coded error says beyond its message. */
export interface CodedErrorOptions {
  /** True when the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean;
  readonly cause?: unknown;
}

/**
 * An error with a stable `code` such as `OVSDB_CONSTRAINT_VIOLATION`. Match on the code, never on the text.
 * A layer wraps the error of the layer below once, as `cause`.
 */
export class CodedError extends Error {
  readonly code: string;
  readonly retryable: boolean;

  constructor(code: string, message: string, options: CodedErrorOptions) {
    super(message, { cause: options.cause });
    this.name = 'CodedError';
    this.code = code;
    this.retryable = options.retryable;
  }
}

/** Raised by {@link invariant}: a bug of ours. It fails the round loudly and is never retried silently. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Asserts what must hold by construction. @throws InvariantError */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
