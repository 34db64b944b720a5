// Reads one underlay back from its rows.
import { sortBy } from '../../base/order.ts';
import { sourceOf, unitOf } from '../../northbound/ownership.ts';
import type { UnderlayView } from './network-view.ts';
import type { OwnedRows, TypedRow } from './owned-rows.ts';
import { readSegment } from './read-segment.ts';
import { readWorkloads } from './read-workloads.ts';

type Switch = TypedRow<'Logical_Switch'>;

/** Switches of underlays belong to a unit `underlay/…`. */
export const isUnderlay = (row: Switch): boolean => unitOf(row)?.startsWith('underlay/') ?? false;

export function readUnderlay(row: Switch, rows: OwnedRows): UnderlayView {
  return {
    name: row.name,
    source: sourceOf(row) ?? '',
    ...readSegment(row, rows),
    workloads: sortBy(readWorkloads(row, rows), (port) => port.name),
  };
}
