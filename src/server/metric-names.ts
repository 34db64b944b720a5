// Which metrics there are, and what they mean: names are a contract with other people's dashboards.

export const prefix = 'ovn_projector_';

export const counters = {
  rounds: 'Looks at a unit: modelled, compiled and compared.',
  transactions: 'Transactions committed to NB.',
  rows_inserted: 'Rows inserted into NB.',
  rows_updated: 'Rows of NB updated.',
  rows_deleted: 'Rows deleted from NB.',
  retries: 'Rounds that were put off because the world was in the way.',
  failures: 'Rounds that failed.',
  drift_repairs: 'Transactions that put back what somebody else had changed in rows of ours.',
  object_changes: 'Changes of objects that were taken in: made, changed or gone.',
  api_write_retries: 'Writes to the API server that are tried again, by unit.',
  nb_reconnects: 'Times that the connection to NB was made anew.',
  nb_notifications: 'Update notifications received from NB.',
  nb_uncertain: 'Transactions whose reply was lost.',
} as const;

export const gauges = {
  units: 'Units known: one per VPC and external network.',
  units_blocked: 'Units that stay as they are because of a problem at their root.',
  units_failed: 'Units that could not be brought in step.',
  deletes_held: 'Rows that are to go and stay for now.',
  rows_owned: 'Rows of NB that are ours.',
  api_writes_waiting:
    'Units and rejected objects for which something is still to be written to the API server.',
  leading: '1 while this instance is the one that writes.',
  nb_connected: '1 while the replica follows NB.',
} as const;

export interface Labelled {
  readonly type: 'counter' | 'gauge';
  readonly labels: readonly string[];
  readonly help: string;
}

export const labelled = {
  problems: { type: 'gauge', labels: ['code'], help: 'Problems of objects that people wrote, by `code`.' },
  rows: {
    type: 'gauge',
    labels: ['table'],
    help: 'Rows of NB that are ours, by `table`: rules are in ACL, sets of addresses in Address_Set, groups of ports in Port_Group.',
  },
  rules: {
    type: 'gauge',
    labels: ['kind'],
    help: 'Rules (rows of table ACL) that are ours, by `kind` of the object that they serve.',
  },
  pool_size: { type: 'gauge', labels: ['pool'], help: 'Addresses, or blocks, that a `pool` can give out.' },
  pool_allocated: {
    type: 'gauge',
    labels: ['pool'],
    help: 'Addresses, or blocks, of a `pool` that are held.',
  },
  api_writes: {
    type: 'counter',
    labels: ['verb', 'kind', 'result'],
    help:
      'Requests to write to the API server, by `verb` (apply, status, finalizer, delete, event), `kind` of the object and ' +
      '`result`: written; gone; refused, left for 5 minutes; conflict and failed, tried again.',
  },
  watch_lists: {
    type: 'counter',
    labels: ['kind'],
    help: 'Times that all objects of a `kind` were listed: at the start, and when a watch could not go on.',
  },
  watch_restarts: {
    type: 'counter',
    labels: ['kind'],
    help: 'Times that the watch of a `kind` was opened anew. The API server itself ends each after 5 to 10 minutes.',
  },
} as const satisfies Readonly<Record<string, Labelled>>;

export const histograms = {
  plan_duration_seconds: 'From the objects of a unit to its change set: modelled, compiled and compared.',
  compile_duration_seconds:
    'From the model of a unit to its rows, by `unit`: vpc, network or underlay. A part of plan_duration_seconds.',
  plan_rows: 'Rows of a change set that is not empty.',
  commit_duration_seconds: 'From handing a change set over to its answer by NB.',
} as const;

/** Every metric of ours by its full name, with what it means. */
export function describeMetrics(): readonly (readonly [name: string, meaning: string])[] {
  const named = (metrics: Readonly<Record<string, string>>, suffix = ''): [string, string][] =>
    Object.entries(metrics).map(([name, help]) => [`${prefix}${name}${suffix}`, help]);
  const byLabel = Object.entries(labelled).map(([name, metric]): [string, string] => [
    fullName(name, metric),
    metric.help,
  ]);
  return [...named(counters, '_total'), ...named(gauges), ...byLabel, ...named(histograms)];
}

export type CounterName = keyof typeof counters;
export type GaugeName = keyof typeof gauges;
export type LabelledName = keyof typeof labelled;
export type HistogramName = keyof typeof histograms;

/** `_total` is what Prometheus expects of a counter. */
export function fullName(name: string, { type }: Labelled): string {
  return `${prefix}${name}${type === 'counter' ? '_total' : ''}`;
}
