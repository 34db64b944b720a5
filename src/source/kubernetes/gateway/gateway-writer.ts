// Keeps the routes of annotated Services: plans them from all that is known, writes, and plans again.
import { backoffMs } from '../../../base/backoff.ts';
import { type Clock, systemClock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import type { Config } from '../../../config/config.ts';
import { ExposedServices } from '../../../gateway/exposed-services.ts';
import { gatewayFieldManager } from '../../../gateway/foreign-object.ts';
import { ForeignObjects } from '../../../gateway/foreign-objects.ts';
import type { GatewayInput } from '../../../gateway/gateway-input.ts';
import { planGateway } from '../../../gateway/plan-gateway.ts';
import type { SourceSink } from '../../source.ts';
import { EventRecorder } from '../event-recorder.ts';
import { KindsFollower } from './kinds-follower.ts';
import { PlanWrites } from './plan-writes.ts';
import type { KubeClient } from '../kube-client.ts';
import { KubeError } from '../kube-error.ts';
import { ObjectWriter } from '../object-writer.ts';
import type { HeldObjects } from '../recent-objects.ts';
import type { ReflectorTiming } from '../reflector.ts';
import { refusedRetryMs } from '../refusals.ts';
import { settle } from '../settle.ts';

export interface GatewayWriterOptions {
  readonly client: Pick<KubeClient, 'request' | 'watch'>;
  /** What the watches have brought. */
  readonly server: HeldObjects;
  readonly config: Pick<Config, 'gateway' | 'managementVpc'>;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly timing?: Partial<ReflectorTiming>;
  readonly discoveryMs?: number;
}

/** What comes in one go is looked at in one go. */
const gatherMs = 50;
/** Kinds without which no plan is made. */
const needed = ['Service', 'Namespace', 'Project', 'Subnet', 'EIp', 'EndpointSlice'] as const;
const backoff = { minDelayMs: 100, maxDelayMs: 10_000 };

/** Give {@link GatewayWriter.tap} between source and loop, and run it while leading. Without `config.gateway` it does nothing. */
export class GatewayWriter {
  readonly #options: GatewayWriterOptions;
  readonly #clock: Clock;
  readonly #services = new ExposedServices();
  readonly #cluster = new ForeignObjects();
  #isSynced = false;
  #isIncomplete = false;
  /** Of some kind that routes depend on nothing is known. */
  #isBlind = false;
  /** Somebody has something to look at. */
  #isDue = false;
  #wake: () => void = () => {};
  #isIdle = false;

  constructor(options: GatewayWriterOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** The loop's sink, with an ear for what concerns routes. */
  tap(sink: SourceSink): SourceSink {
    return {
      changed: (changes) => {
        sink.changed(changes);
        if (this.#services.apply(changes)) this.#due();
      },
      problems: (problems) => sink.problems(problems),
      incomplete: (incomplete) => {
        sink.incomplete(incomplete);
        this.#isIncomplete = incomplete;
        this.#due();
      },
      missing: (kinds) => {
        sink.missing(kinds);
        this.#isBlind = needed.some((kind) => kinds.has(kind));
        this.#due();
      },
      synced: () => {
        sink.synced();
        this.#isSynced = true;
        this.#due();
      },
    };
  }

  /** Whether nothing is left to do, as far as is known. */
  get isIdle(): boolean {
    return this.#isIdle && !this.#isDue;
  }

  /** Runs until `signal` is aborted, then resolves with nothing left open. */
  async run(signal: AbortSignal): Promise<void> {
    const { client, server, config, logger } = this.#options;
    const { gateway } = config;
    if (gateway === undefined) return;
    const clock = this.#clock;
    const cluster = this.#cluster;
    const writer = new ObjectWriter({ client, clock, fieldManager: gatewayFieldManager });
    const events = new EventRecorder({ writer, server, clock, logger, signal });
    const input = (): GatewayInput => ({
      config: gateway,
      managementVpc: config.managementVpc,
      objects: this.#services,
      cluster,
      isFinal: false,
    });
    const record = (event: Parameters<EventRecorder['record']>[0]): void => void events.record(event);
    const writes = new PlanWrites({ writer, cluster, input, record, signal });
    const follower = new KindsFollower({ ...this.#options, clock, cluster, changed: () => this.#due() });
    const ended = new AbortController();
    const together = AbortSignal.any([signal, ended.signal]);
    const works = [follower.run(together), this.#loop(follower, writes, input, together)];
    await settle(works.map((work) => work.finally(() => ended.abort())));
  }

  async #loop(
    follower: KindsFollower,
    writes: PlanWrites,
    input: () => GatewayInput,
    signal: AbortSignal,
  ): Promise<void> {
    this.#isDue = true;
    for (let failures = 0, forgottenAtMs = this.#clock.now(); !signal.aborted;) {
      await this.#wait(signal);
      if (signal.aborted) return;
      // While something is out of sight, what is missing is no reason to take a route down.
      if (!this.#isSynced || this.#isIncomplete || this.#isBlind || !follower.isComplete) continue;
      if (this.#clock.now() - forgottenAtMs >= refusedRetryMs) {
        this.#cluster.forgetRefusals();
        forgottenAtMs = this.#clock.now();
      }
      const waitMs = await this.#pass(writes, input(), failures, signal);
      failures = waitMs === undefined ? 0 : failures + 1;
      if (waitMs !== undefined) await this.#clock.sleep(waitMs, signal).catch(() => undefined);
    }
  }

  /** Returns how long to wait before the next one when this one failed. */
  async #pass(
    writes: PlanWrites,
    input: GatewayInput,
    failures: number,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const { logger } = this.#options;
    this.#isIdle = false;
    try {
      const hasWritten = await writes.carryOut(planGateway(input));
      if (hasWritten) this.#due();
      this.#isIdle = !hasWritten;
      return undefined;
    } catch (error) {
      if (signal.aborted) return undefined;
      this.#due();
      if (!(error instanceof KubeError)) logger.error({ err: error }, 'routes could not be written');
      else if (failures === 3)
        logger.warn({ code: error.code, reason: error.message }, 'routes cannot be written; tried again');
      return backoffMs(backoff, failures, Math.random());
    }
  }

  #due(): void {
    this.#isDue = true;
    this.#wake();
  }

  /** Until something is due, then a moment for what comes with it; what was refused is due again after a while. */
  async #wait(signal: AbortSignal): Promise<void> {
    if (!this.#isDue) {
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      await this.#clock.sleep(refusedRetryMs, AbortSignal.any([signal, woken.signal])).catch(() => undefined);
      this.#wake = () => {};
    }
    if (signal.aborted) return;
    await this.#clock.sleep(gatherMs, signal).catch(() => undefined);
    this.#isDue = false;
  }
}
