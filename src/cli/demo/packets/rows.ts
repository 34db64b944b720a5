// Which rows made a path: they are looked up as an operator would, and shown as what to look for.
import type { PacketScene } from './scene.ts';

/** A table and the conditions of `ovn-nbctl find`: `['NAT', 'type=snat', 'external_ip=100.65.0.102']`. */
export type RowQuery = readonly [table: string, ...conditions: string[]];

/** Shows the queries; one that finds nothing is a failure. */
export async function madeBy(
  { narrator, lab, context }: PacketScene,
  ...queries: readonly RowQuery[]
): Promise<void> {
  if (context.signal.aborted) return;
  for (const [index, query] of queries.entries()) {
    const found = await lab.ovn.nbctl('--bare', '--columns=_uuid', 'find', ...query);
    narrator.note(`${index === 0 ? 'rows' : '    '} ${query.join(' ')}`);
    if (found.trim() === '') narrator.fail(`no such row: ovn-nbctl find ${query.join(' ')}`);
  }
}
