// What the daemon counts, in Prometheus' words. Most of it is read when it is asked for; durations are told.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What is read at the moment of a scrape. Keys of maps become the value of the one label. */
export interface MetricSources {
  /** Counts since the start, by name without prefix and `_total`: `{ transactions: 12 }`. */
  readonly counters: () => Readonly<Record<CounterName, number>>;
  readonly gauges: () => Readonly<Record<GaugeName, number>>;
  readonly problemsByCode: () => ReadonlyMap<string, number>;
  readonly pools: () => readonly PoolUsage[];
}

export interface PoolUsage {
  readonly pool: string;
  /** Addresses, or blocks, that can be given out. */
  readonly size: bigint;
  readonly used: bigint;
}

const prefix = 'ovn_projector_';

const counters = {
  rounds: 'Looks at a unit: modelled, compiled and compared.',
  transactions: 'Transactions committed to NB.',
  rows_inserted: 'Rows inserted into NB.',
  rows_updated: 'Rows of NB updated.',
  rows_deleted: 'Rows deleted from NB.',
  retries: 'Rounds that were put off because the world was in the way.',
  failures: 'Rounds that failed.',
  nb_reconnects: 'Times that the connection to NB was made anew.',
  nb_notifications: 'Update notifications received from NB.',
  nb_uncertain: 'Transactions whose reply was lost.',
} as const;

const gauges = {
  units: 'Units known: one per VPC and external network.',
  units_blocked: 'Units that stay as they are because of a problem at their root.',
  units_failed: 'Units that could not be brought in step.',
  deletes_held: 'Rows that are to go and stay for now.',
  rows_owned: 'Rows of NB that are ours.',
  leading: '1 while this instance is the one that writes.',
  nb_connected: '1 while the replica follows NB.',
} as const;

const labelled = {
  problems: 'Problems of objects that people wrote, by `code`.',
  pool_size: 'Addresses, or blocks, that a `pool` can give out.',
  pool_allocated: 'Addresses, or blocks, of a `pool` that are held.',
} as const;

const histograms = {
  plan_duration_seconds: 'From the objects of a unit to its change set.',
  commit_duration_seconds: 'From handing a change set over to its answer by NB.',
} as const;

/** Every metric of ours by its full name, with what it means. */
export function describeMetrics(): readonly (readonly [name: string, meaning: string])[] {
  const named = (metrics: Readonly<Record<string, string>>, suffix = ''): [string, string][] =>
    Object.entries(metrics).map(([name, help]) => [`${prefix}${name}${suffix}`, help]);
  return [...named(counters, '_total'), ...named(gauges), ...named(labelled), ...named(histograms)];
}

export type CounterName = keyof typeof counters;
export type GaugeName = keyof typeof gauges;

/** Seconds from which the buckets of the histograms follow: a round takes a millisecond, a slow commit seconds. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** A registry of one daemon's metrics, with those of the process beside them. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #sources: MetricSources;
  readonly #plan: Histogram;
  readonly #commit: Histogram;

  constructor(sources: MetricSources) {
    this.#sources = sources;
    collectDefaultMetrics({ register: this.#registry });
    this.#plan = this.#histogram('plan_duration_seconds', histograms.plan_duration_seconds);
    this.#commit = this.#histogram('commit_duration_seconds', histograms.commit_duration_seconds);
    for (const [name, help] of Object.entries(counters)) this.#counter(name, help);
    for (const [name, help] of Object.entries(gauges)) this.#gauge(name, help);
    this.#labelled('problems', labelled.problems, 'code', () => [...this.#sources.problemsByCode()]);
    this.#pool('pool_size', labelled.pool_size, ({ size }) => size);
    this.#pool('pool_allocated', labelled.pool_allocated, ({ used }) => used);
  }

  planned(seconds: number): void {
    this.#plan.observe(seconds);
  }

  committed(seconds: number): void {
    this.#commit.observe(seconds);
  }

  async scrape(): Promise<{ readonly contentType: string; readonly text: string }> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }

  #histogram(name: string, help: string): Histogram {
    const histogram = new Histogram({ name: `${prefix}${name}`, help, buckets, registers: [] });
    this.#registry.registerMetric(histogram);
    return histogram;
  }

  #counter(name: string, help: string): void {
    const read = (): number => this.#read(this.#sources.counters(), name);
    let told = 0;
    this.#registry.registerMetric(
      new Counter({
        name: `${prefix}${name}_total`,
        help,
        registers: [],
        collect() {
          const value = read();
          this.inc(Math.max(0, value - told));
          told = value;
        },
      }),
    );
  }

  #gauge(name: string, help: string): void {
    const read = (): number => this.#read(this.#sources.gauges(), name);
    this.#registry.registerMetric(
      new Gauge({
        name: `${prefix}${name}`,
        help,
        registers: [],
        collect() {
          this.set(read());
        },
      }),
    );
  }

  #pool(name: string, help: string, value: (usage: PoolUsage) => bigint): void {
    this.#labelled(name, help, 'pool', () =>
      this.#sources.pools().map((usage) => [usage.pool, Number(value(usage))]),
    );
  }

  #labelled(name: string, help: string, label: string, read: () => readonly [string, number][]): void {
    this.#registry.registerMetric(
      new Gauge({
        name: `${prefix}${name}`,
        help,
        labelNames: [label],
        registers: [],
        collect() {
          this.reset();
          for (const [key, value] of read()) this.set({ [label]: key }, value);
        },
      }),
    );
  }

  #read(values: Readonly<Record<string, number>>, name: string): number {
    return values[name] ?? 0;
  }
}
