// One leader among several daemons: who holds the Lease writes, the others wait with everything at hand.
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Lease, LeaseStore } from './lease.ts';

export interface LeaderElectionOptions {
  readonly store: LeaseStore;
  /** Unique among the daemons, for example the name of the Pod and a random part. */
  readonly identity: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** After so long without a renewal anybody may take it. Default 6,000. */
  readonly leaseMs?: number;
  /** How often the leader renews it, and the others look. Default 1,500. */
  readonly periodMs?: number;
}

/** Why `hold` ended: `released` because it was asked to, `lost` because somebody else has the Lease. */
export type HoldEnd = 'released' | 'lost';

/**
 * Two leaders at once do no harm: every transaction is fenced by the epoch (DESIGN §4). So the Lease may be short, and
 * a leader that cannot renew it, because the API server is away, goes on: nobody else can take it either.
 * No clock is compared with another one: a Lease is stale when it was seen unchanged for as long as it lasts.
 * Source: Kubernetes, client-go leaderelection.
 */
export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  readonly #leaseMs: number;
  readonly #periodMs: number;
  /** The Lease as it was last seen, and when that was seen first. */
  #seen: { readonly lease: Lease; readonly sinceMs: number } | undefined;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? 6000;
    this.#periodMs = options.periodMs ?? 1500;
  }

  /** Whether the Lease is ours as far as is known. */
  get isLeading(): boolean {
    return this.leader === this.#options.identity;
  }

  /** Who leads as far as is known; empty: nobody, or not known. */
  get leader(): string {
    return this.#seen?.lease.holder ?? '';
  }

  /** Resolves when the Lease is ours. An API server that is away is waited for. @throws the signal's reason */
  async acquire(signal: AbortSignal): Promise<void> {
    const { clock, identity, logger } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      try {
        if (await this.#tryToTake(signal)) {
          logger.info({ identity }, 'leading');
          return;
        }
      } catch (error) {
        signal.throwIfAborted();
        // The leader could not renew it either, perhaps: its time begins anew.
        this.#seen = undefined;
        logger.warn({ err: error }, 'the Lease cannot be read or written');
      }
      await clock.sleep(this.#periodMs, signal);
    }
  }

  /**
   * Renews the Lease until `signal` is aborted, and gives it back then, so that the next one need not wait. Ends early
   * when it is seen to be somebody else's.
   */
  async hold(signal: AbortSignal): Promise<HoldEnd> {
    const { clock, logger } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(this.#periodMs, signal).catch(() => undefined);
      if (signal.aborted) break;
      try {
        if (!(await this.#renew(signal))) return 'lost';
      } catch (error) {
        if (signal.aborted) break;
        logger.warn({ err: error }, 'the Lease cannot be renewed');
      }
    }
    await this.#release();
    return 'released';
  }

  async #tryToTake(signal: AbortSignal): Promise<boolean> {
    const { store, identity } = this.#options;
    const lease = await store.read(signal);
    if (lease === undefined) return this.#took(await store.write(this.#spec(undefined), undefined, signal));
    this.#look(lease);
    if (lease.holder !== '' && lease.holder !== identity && !this.#isStale()) return false;
    return this.#took(await store.write(this.#spec(lease), lease.resourceVersion, signal));
  }

  async #renew(signal: AbortSignal): Promise<boolean> {
    const { store, identity } = this.#options;
    const { lease } = this.#seen ?? {};
    const written = lease && (await store.write(this.#spec(lease), lease.resourceVersion, signal));
    if (written !== undefined) return this.#took(written);
    const other = await store.read(signal);
    if (other !== undefined) this.#look(other);
    if (other?.holder !== identity) return false;
    return this.#took(await store.write(this.#spec(other), other.resourceVersion, signal));
  }

  async #release(): Promise<void> {
    const { store, identity, logger } = this.#options;
    const { lease } = this.#seen ?? {};
    if (lease?.holder !== identity) return;
    const spec = { ...this.#spec(lease), holder: '' };
    try {
      await store.write(spec, lease.resourceVersion, AbortSignal.timeout(this.#periodMs));
    } catch (error) {
      logger.warn({ err: error }, 'the Lease could not be given back; it runs out by itself');
    }
  }

  #took(lease: Lease | undefined): boolean {
    if (lease !== undefined) this.#look(lease);
    return lease !== undefined;
  }

  #look(lease: Lease): void {
    if (this.#seen?.lease.resourceVersion === lease.resourceVersion) return;
    this.#seen = { lease, sinceMs: this.#options.clock.now() };
  }

  #isStale(): boolean {
    if (this.#seen === undefined) return false;
    const { lease, sinceMs } = this.#seen;
    return this.#options.clock.now() - sinceMs >= lease.durationSeconds * 1000;
  }

  #spec(before: Lease | undefined): Omit<Lease, 'resourceVersion'> {
    const { clock, identity } = this.#options;
    const now = new Date(clock.now()).toISOString().replace('Z', '000Z');
    const isOurs = before?.holder === identity;
    return {
      holder: identity,
      durationSeconds: Math.ceil(this.#leaseMs / 1000),
      renewTime: now,
      acquireTime: isOurs ? before.acquireTime : now,
      transitions: (before?.transitions ?? 0) + (isOurs || before === undefined ? 0 : 1),
    };
  }
}
