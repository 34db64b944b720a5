// Writes that the API server has refused: said once, and not tried again at once.
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { KubeError } from './kube-error.ts';

/** Whatever was in the way (a right that is missing, a policy) may be gone then. */
export const refusedRetryMs = 300_000;

interface Refusal {
  readonly fingerprint: string;
  readonly atMs: number;
  readonly message: string;
}

export class Refusals {
  readonly #logger: Logger;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #refused = new Map<string, Refusal>();

  constructor(logger: Logger, clock: Pick<Clock, 'now'>) {
    this.#logger = logger;
    this.#clock = clock;
  }

  /** Whether the same was refused not long ago. `what`: the object and what is written of it. */
  has(what: string, body: object): boolean {
    const known = this.#refused.get(what);
    if (known === undefined || this.#clock.now() - known.atMs >= refusedRetryMs) return false;
    return known.fingerprint === fingerprintOf(body);
  }

  note(what: string, body: object, { code, message }: KubeError): void {
    if (this.#refused.get(what)?.message !== message)
      this.#logger.error({ what, code, reason: message }, 'the API server refuses what should be written');
    this.#refused.set(what, { fingerprint: fingerprintOf(body), atMs: this.#clock.now(), message });
  }

  forget(what: string): void {
    this.#refused.delete(what);
  }
}

/** Without the times of conditions, which are new ones until they are written. */
function fingerprintOf(body: object): string {
  return JSON.stringify(body, (member, value: unknown) =>
    member === 'lastTransitionTime' ? undefined : value,
  );
}
