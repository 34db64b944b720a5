// What the daemon counts, in Prometheus' words. Most of it is read when it is asked for; durations are told.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import {
  type CounterName,
  counters,
  fullName,
  type GaugeName,
  gauges,
  type HistogramName,
  histograms,
  type Labelled,
  type LabelledName,
  labelled,
  prefix,
} from './metric-names.ts';

/** What is read at the moment of a scrape. */
export interface MetricSources {
  /** Counts since the start, by name without prefix and `_total`: `{ transactions: 12 }`. */
  readonly counters: () => Readonly<Record<CounterName, number>>;
  readonly gauges: () => Readonly<Record<GaugeName, number>>;
  /** By name without prefix and `_total`; each has the labels that it is described with. */
  readonly labelled: () => Readonly<Record<LabelledName, readonly Sample[]>>;
}

export interface Sample {
  /** `{ pool: 'ExternalNetwork/ext-cloud' }` */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Seconds from which the buckets of the histograms follow: a round takes a millisecond, a slow commit seconds. */
const durations = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
/** A status may change one row, a project that is made thirty, a large one hundreds. */
const rowCounts = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000];

/** A registry of one daemon's metrics, with those of the process beside them. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #sources: MetricSources;
  readonly #plan: Histogram;
  readonly #compile: Histogram;
  readonly #planRows: Histogram;
  readonly #commit: Histogram;

  constructor(sources: MetricSources) {
    this.#sources = sources;
    collectDefaultMetrics({ register: this.#registry });
    this.#plan = this.#histogram('plan_duration_seconds', durations);
    this.#compile = this.#histogram('compile_duration_seconds', durations, ['unit']);
    this.#planRows = this.#histogram('plan_rows', rowCounts);
    this.#commit = this.#histogram('commit_duration_seconds', durations);
    for (const [name, help] of Object.entries(counters)) this.#counter(name, help);
    for (const [name, help] of Object.entries(gauges)) this.#gauge(name, help);
    for (const [name, metric] of Object.entries(labelled)) this.#labelled(name, metric);
  }

  /** `rows`: of the change set. */
  planned(seconds: number, rows: number): void {
    this.#plan.observe(seconds);
    if (rows > 0) this.#planRows.observe(rows);
  }

  /** `unit`: its kind. */
  compiled(unit: string, seconds: number): void {
    this.#compile.observe({ unit }, seconds);
  }

  committed(seconds: number): void {
    this.#commit.observe(seconds);
  }

  async scrape(): Promise<{ readonly contentType: string; readonly text: string }> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }

  #histogram(name: HistogramName, buckets: number[], labelNames: string[] = []): Histogram {
    const help = histograms[name];
    const histogram = new Histogram({ name: `${prefix}${name}`, help, buckets, labelNames, registers: [] });
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

  #labelled(name: string, metric: Labelled): void {
    const samples = (): readonly Sample[] => {
      const all: Readonly<Record<string, readonly Sample[]>> = this.#sources.labelled();
      return all[name] ?? [];
    };
    const common = {
      name: fullName(name, metric),
      help: metric.help,
      labelNames: [...metric.labels],
      registers: [],
    };
    const all = (set: (labels: Record<string, string>, value: number) => void): void => {
      for (const { labels, value } of samples()) set({ ...labels }, value);
    };
    const made =
      metric.type === 'gauge'
        ? new Gauge({
            ...common,
            collect() {
              this.reset();
              all((labels, value) => this.set(labels, value));
            },
          })
        : new Counter({
            ...common,
            collect() {
              this.reset();
              all((labels, value) => this.inc(labels, value));
            },
          });
    this.#registry.registerMetric(made);
  }

  #read(values: Readonly<Record<string, number>>, name: string): number {
    return values[name] ?? 0;
  }
}
