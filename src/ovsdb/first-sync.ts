// Waiting for the first load of a replica: for how long, and what to say when it does not come.
import type { CodedError } from '../base/errors.ts';
import { startDeadline } from './deadline.ts';
import { connectionError } from './errors.ts';

/** When the time is up, a load that is under way is still waited for, but no further attempt. */
export class FirstSync {
  readonly promise: Promise<void>;
  readonly #resolve: () => void;
  readonly #reject: (error: CodedError) => void;
  readonly #timeoutMs: number;
  readonly #timer: NodeJS.Timeout | undefined;
  #isLate = false;
  #lastFailure: CodedError | undefined;

  /** @param timeoutMs Infinity: for ever */
  constructor(timeoutMs: number, isLoading: () => boolean) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.promise = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timeoutMs = timeoutMs;
    this.#timer = startDeadline(timeoutMs, () => {
      this.#isLate = true;
      if (!isLoading()) this.#giveUp();
    });
  }

  succeed(): void {
    clearTimeout(this.#timer);
    this.#resolve();
  }

  attemptFailed(reason: CodedError): void {
    this.#lastFailure = reason;
    if (this.#isLate) this.#giveUp();
  }

  cancel(reason: unknown): void {
    clearTimeout(this.#timer);
    this.#reject(connectionError('OVSDB_CANCELLED', 'connect was aborted', reason));
  }

  #giveUp(): void {
    const cause = this.#lastFailure?.message ?? 'no answer';
    const text = `no server within ${this.#timeoutMs} ms; last: ${cause}`;
    this.#reject(connectionError('OVSDB_UNREACHABLE', text, this.#lastFailure));
  }
}
