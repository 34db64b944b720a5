// The three paths over real HTTP, and what the registry shows.
import { describe, expect, onTestFinished, test } from 'vitest';
import type { HealthCheck } from '../../../src/server/health.ts';
import { startHttpServer } from '../../../src/server/http-server.ts';
import { Metrics } from '../../../src/server/metrics.ts';
import type { MetricSources, Sample } from '../../../src/server/metrics.ts';

const loopback = { host: '127.0.0.1', port: 0 };

async function serve(ready: readonly HealthCheck[], metrics = () => new Metrics(sources()).scrape()) {
  const server = await startHttpServer({ address: loopback, live: [], ready, metrics });
  onTestFinished(() => server.close());
  return async (path: string, method = 'GET') => {
    const response = await fetch(`http://${server.address}${path}`, { method });
    return { status: response.status, text: await response.text() };
  };
}

const usage = (pool: string, value: number): Sample => ({ labels: { pool }, value });

function sources(values: { transactions?: number; written?: number; pools?: boolean } = {}): MetricSources {
  return {
    counters: () => ({
      rounds: 0,
      transactions: values.transactions ?? 0,
      rows_inserted: 0,
      rows_updated: 0,
      rows_deleted: 0,
      retries: 0,
      failures: 0,
      drift_repairs: 0,
      object_changes: 0,
      api_write_retries: 0,
      nb_reconnects: 0,
      nb_notifications: 0,
      nb_uncertain: 0,
    }),
    gauges: () => ({
      units: 3,
      units_blocked: 1,
      units_failed: 0,
      deletes_held: 0,
      rows_owned: 40,
      api_writes_waiting: 0,
      leading: 1,
      nb_connected: 1,
    }),
    labelled: () => ({
      problems: [{ labels: { code: 'Conflict' }, value: 2 }],
      pool_size: values.pools === true ? [usage('ext-cloud', 65_000)] : [],
      pool_allocated: values.pools === true ? [usage('ext-cloud', 4)] : [],
      api_writes: [
        { labels: { verb: 'status', kind: 'EIp', result: 'written' }, value: values.written ?? 1 },
      ],
      watch_lists: [],
      rows: [{ labels: { table: 'ACL' }, value: 12 }],
      rules: [{ labels: { kind: 'NetworkPolicy' }, value: 9 }],
      watch_restarts: [],
    }),
  };
}

describe('startHttpServer', () => {
  test('ready turns with its checks', async () => {
    let obstacle: string | undefined = 'not in step yet';
    const get = await serve([{ name: 'loop', obstacle: () => obstacle }]);
    expect(await get('/readyz')).toEqual({ status: 503, text: '[-] loop: not in step yet\n' });
    obstacle = undefined;
    expect(await get('/readyz')).toEqual({ status: 200, text: '[+] loop ok\n' });
    expect(await get('/healthz')).toMatchObject({ status: 200 });
  });

  test('answers nothing else', async () => {
    const get = await serve([]);
    expect(await get('/')).toMatchObject({ status: 404 });
    expect(await get('/metrics', 'POST')).toMatchObject({ status: 405 });
    expect(await get('/healthz?verbose')).toMatchObject({ status: 200 });
    expect(await get('/readyz', 'HEAD')).toEqual({ status: 200, text: '' });
  });

  test('metrics that cannot be read are an error, and the server goes on', async () => {
    const get = await serve([], async () => Promise.reject(new Error('no registry')));
    expect(await get('/metrics')).toEqual({ status: 500, text: 'no registry\n' });
    expect(await get('/healthz')).toMatchObject({ status: 200 });
  });

  test('an address that is taken is refused by name', async () => {
    const first = await startHttpServer({
      address: loopback,
      live: [],
      ready: [],
      metrics: () => new Metrics(sources()).scrape(),
    });
    onTestFinished(() => first.close());
    const port = Number(first.address.split(':')[1]);
    const second = startHttpServer({
      address: { host: '127.0.0.1', port },
      live: [],
      ready: [],
      metrics: () => new Metrics(sources()).scrape(),
    });
    await expect(second).rejects.toMatchObject({ code: 'SERVER_LISTEN' });
  });
});

describe('Metrics', () => {
  test('are read when they are asked for', async () => {
    const values = { transactions: 3, written: 7, pools: true };
    const metrics = new Metrics(sources(values));
    const lines = async () => (await metrics.scrape()).text.split('\n');
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'ovn_projector_transactions_total 3',
        'ovn_projector_problems{code="Conflict"} 2',
        'ovn_projector_pool_size{pool="ext-cloud"} 65000',
        'ovn_projector_pool_allocated{pool="ext-cloud"} 4',
        'ovn_projector_units_blocked 1',
        'ovn_projector_rows{table="ACL"} 12',
        'ovn_projector_rules{kind="NetworkPolicy"} 9',
        'ovn_projector_api_writes_total{verb="status",kind="EIp",result="written"} 7',
      ]),
    );
    values.transactions = 5;
    values.pools = false;
    values.written = 8;
    const later = await lines();
    expect(later).toContain('ovn_projector_transactions_total 5');
    expect(later).toContain('ovn_projector_api_writes_total{verb="status",kind="EIp",result="written"} 8');
    expect(later.filter((line) => line.startsWith('ovn_projector_pool_size{'))).toEqual([]);
  });

  test('durations fall into buckets', async () => {
    const metrics = new Metrics(sources());
    metrics.committed(0.004);
    metrics.compiled('vpc', 0.0002);
    metrics.planned(0.0002, 0);
    metrics.planned(0.0002, 12);
    const { text } = await metrics.scrape();
    expect(text).toContain('ovn_projector_commit_duration_seconds_bucket{le="0.0025"} 0');
    expect(text).toContain('ovn_projector_commit_duration_seconds_bucket{le="0.005"} 1');
    expect(text).toContain('ovn_projector_plan_duration_seconds_bucket{le="0.0005"} 2');
    expect(text).toContain('ovn_projector_compile_duration_seconds_bucket{le="0.0005",unit="vpc"} 1');
    // A look that finds nothing to do has no change set.
    expect(text).toContain('ovn_projector_plan_rows_bucket{le="10"} 0');
    expect(text).toContain('ovn_projector_plan_rows_count 1');
  });
});
