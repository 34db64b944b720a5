// Writes that the API server has refused: said once, with what to do, and not tried again at once.
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { KubeError } from './kube-error.ts';

/** Whatever was in the way (a right that is missing, a policy) may be gone then. */
export const refusedRetryMs = 300_000;

/** So many texts of one object: while its unit is written, its status changes to and fro. */
const maximumTexts = 4;

interface Refusal {
  readonly message: string;
  /** Fingerprint → when it was refused, the oldest first. */
  readonly texts: ReadonlyMap<string, number>;
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
    const atMs = this.#refused.get(what)?.texts.get(fingerprintOf(body));
    return atMs !== undefined && this.#clock.now() - atMs < refusedRetryMs;
  }

  note(what: string, body: object, error: KubeError): void {
    const before = this.#refused.get(what);
    const { code, message } = error;
    if (error.isNamespaceEnding)
      this.#logger.debug({ what, code, reason: message }, 'nothing is made in a namespace that goes');
    else if (before?.message !== message)
      this.#logger.error(
        { what, code, reason: message, hint: hintFor(error) },
        'the API server refuses what should be written; tried again in a few minutes',
      );
    const text = fingerprintOf(body);
    const others = [...(before?.texts ?? [])].filter(([other]) => other !== text);
    const texts = new Map([...others.slice(1 - maximumTexts), [text, this.#clock.now()]]);
    this.#refused.set(what, { message, texts });
  }

  forget(what: string): void {
    this.#refused.delete(what);
  }
}

function hintFor({ status }: KubeError): string {
  if (status === 403)
    return 'apply deploy/kubernetes/rbac.yaml of this version, or change the policy or quota that the reason names';
  if (status === 422)
    return 'apply the definitions of this version (ovn-projector crd | kubectl apply -f -), or change the policy that the reason names';
  return 'change what the reason names';
}

/** Without the times of conditions, which are new ones until they are written. */
function fingerprintOf(body: object): string {
  return JSON.stringify(body, (member, value: unknown) =>
    member === 'lastTransitionTime' ? undefined : value,
  );
}
