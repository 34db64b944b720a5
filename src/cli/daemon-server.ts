// `run --listen`: what the daemon says of itself over HTTP, put together from the loop and the database.
import type { Engine } from '../controller/engine.ts';
import type { Stopwatch } from '../controller/unit-runner.ts';
import type { HealthCheck } from '../server/health.ts';
import { startHttpServer } from '../server/http-server.ts';
import type { RunningHttpServer } from '../server/http-server.ts';
import type { ListenAddress } from '../server/listen-address.ts';
import { Metrics } from '../server/metrics.ts';
import type { CounterName, GaugeName, LabelledName } from '../server/metric-names.ts';
import type { Sample } from '../server/metrics.ts';
import type { KubernetesSource } from '../source/kubernetes/kubernetes-source.ts';
import type { LeaderElection } from '../source/kubernetes/leader-election.ts';
import type { StatusWriter } from '../source/kubernetes/status-writer.ts';
import type { Target } from '../target/target.ts';

/** What there is to report on. */
export interface DaemonParts {
  readonly engine: Engine;
  readonly target: Target;
  /** Undefined: whoever runs writes. */
  readonly election: LeaderElection | undefined;
  /** Undefined: there is no API server. */
  readonly writer: Pick<StatusWriter, 'counts' | 'retries' | 'waiting'> | undefined;
  readonly watches: Pick<KubernetesSource, 'counts'> | undefined;
}

/** Answers from the start on; `attach` names what it speaks for as soon as that exists. */
export class DaemonServer {
  readonly stopwatch: Stopwatch;
  readonly #metrics: Metrics;
  #parts: DaemonParts | undefined;
  #server: RunningHttpServer | undefined;

  constructor() {
    this.#metrics = new Metrics({
      counters: () => readCounters(this.#parts),
      gauges: () => readGauges(this.#parts),
      labelled: () => readLabelled(this.#parts),
    });
    this.stopwatch = {
      compiled: (kind, durationMs) => this.#metrics.compiled(kind, durationMs / 1000),
      planned: (durationMs, rows) => this.#metrics.planned(durationMs / 1000, rows),
      committed: (durationMs) => this.#metrics.committed(durationMs / 1000),
    };
  }

  attach(parts: DaemonParts): void {
    this.#parts = parts;
  }

  /** Returns where it listens. @throws SERVER_LISTEN */
  async listen(address: ListenAddress): Promise<string> {
    this.#server = await startHttpServer({
      address,
      live: [],
      ready: readiness(() => this.#parts),
      metrics: () => this.#metrics.scrape(),
    });
    return this.#server.address;
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }
}

function readiness(parts: () => DaemonParts | undefined): HealthCheck[] {
  return [
    {
      name: 'northbound',
      obstacle: () => (parts()?.target.connection.isSynced === true ? undefined : 'the database is away'),
    },
    {
      name: 'objects',
      obstacle: () => objectsObstacle(parts()?.engine),
    },
    {
      name: 'in-step',
      obstacle: () => {
        const { engine, election } = parts() ?? {};
        if (engine?.isInStep === true || election?.isLeading === false) return undefined;
        return 'what was there at the start has not been looked at and written yet';
      },
    },
  ];
}

/** What cannot be read is named: nobody may be there who reads the log. */
function objectsObstacle(engine: Engine | undefined): string | undefined {
  const unreadable = engine?.unreadable.map(({ message }) => message) ?? [];
  if (unreadable.length > 0) return unreadable.join('; ');
  return engine?.isSynced === true ? undefined : 'not all are known yet';
}

function readCounters(parts: DaemonParts | undefined): Record<CounterName, number> {
  const loop = parts?.engine.counters;
  const stats = parts?.target.connection.stats;
  return {
    rounds: loop?.rounds ?? 0,
    transactions: loop?.transactions ?? 0,
    rows_inserted: loop?.insert ?? 0,
    rows_updated: loop?.update ?? 0,
    rows_deleted: loop?.delete ?? 0,
    retries: loop?.retries ?? 0,
    failures: loop?.failures ?? 0,
    drift_repairs: loop?.repairs ?? 0,
    object_changes: parts?.engine.view.revision() ?? 0,
    api_write_retries: parts?.writer?.retries ?? 0,
    nb_reconnects: stats?.reconnects ?? 0,
    nb_notifications: stats?.notifications ?? 0,
    nb_uncertain: stats?.uncertain ?? 0,
  };
}

function readGauges(parts: DaemonParts | undefined): Record<GaugeName, number> {
  const report = parts?.engine.report();
  return {
    units: parts?.engine.unitCount ?? 0,
    units_blocked: report?.blocked.length ?? 0,
    units_failed: report?.failures.length ?? 0,
    deletes_held: report?.heldDeletes.length ?? 0,
    rows_owned: parts?.target.owned.total ?? 0,
    api_writes_waiting: parts?.writer?.waiting ?? 0,
    leading: parts !== undefined && parts.election?.isLeading !== false ? 1 : 0,
    nb_connected: parts?.target.connection.isSynced === true ? 1 : 0,
  };
}

function readLabelled(parts: DaemonParts | undefined): Record<LabelledName, readonly Sample[]> {
  const codes = Map.groupBy(parts?.engine.report().problems ?? [], ({ code }) => code);
  const pools = parts?.engine.pools ?? [];
  const kinds = parts?.watches?.counts ?? [];
  const sample = (label: string, key: string, value: number | bigint): Sample => ({
    labels: { [label]: key },
    value: Number(value),
  });
  return {
    problems: [...codes].map(([code, problems]) => sample('code', code, problems.length)),
    rows: [...(parts?.target.owned.tables ?? [])].map(([table, count]) => sample('table', table, count)),
    rules: [...(parts?.target.owned.rules ?? [])].map(([kind, count]) => sample('kind', kind, count)),
    pool_size: pools.map(({ pool, size }) => sample('pool', pool, size)),
    pool_allocated: pools.map(({ pool, used }) => sample('pool', pool, used)),
    api_writes: (parts?.writer?.counts ?? []).map(({ count, ...labels }) => ({ labels, value: count })),
    watch_lists: kinds.map(({ kind, lists }) => sample('kind', kind, lists)),
    watch_restarts: kinds.map(({ kind, watchRestarts }) => sample('kind', kind, watchRestarts)),
  };
}
