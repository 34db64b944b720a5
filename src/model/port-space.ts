// Sets of ports over all protocols, so that one can be taken out of another.
import { sortBy } from '../base/order.ts';
import type { PolicyProtocol, PortSpan, PortsModel } from './policy-model.ts';

const protocols = ['tcp', 'udp', 'sctp'] as const satisfies readonly PolicyProtocol[];
const whole: PortSpan = { first: 0, last: 65_535 };

/** Spans of each protocol that has ports, and whether packets of all other protocols are in it. */
export interface PortSpace {
  readonly spans: Readonly<Record<PolicyProtocol, readonly PortSpan[]>>;
  readonly others: boolean;
}

/** Undefined: every packet. */
export function spaceOf(ports: PortsModel | undefined): PortSpace {
  const spansOf = (protocol: PolicyProtocol): readonly PortSpan[] => {
    if (ports === undefined) return [whole];
    if ('besides' in ports) return ports.besides.includes(protocol) ? [] : [whole];
    if (ports.protocol !== protocol) return [];
    return ports.ranges.length === 0 ? [whole] : ports.ranges;
  };
  const spans = { tcp: spansOf('tcp'), udp: spansOf('udp'), sctp: spansOf('sctp') };
  return { spans, others: ports === undefined || 'besides' in ports };
}

export function unionOf(spaces: readonly PortSpace[]): PortSpace {
  const spansOf = (protocol: PolicyProtocol) => joined(spaces.flatMap(({ spans }) => spans[protocol]));
  return {
    spans: { tcp: spansOf('tcp'), udp: spansOf('udp'), sctp: spansOf('sctp') },
    others: spaces.some(({ others }) => others),
  };
}

/** Whether a packet is in both. */
export function doMeet(a: PortSpace, b: PortSpace): boolean {
  return (
    (a.others && b.others) ||
    protocols.some((protocol) =>
      a.spans[protocol].some((one) => b.spans[protocol].some((other) => covers(one, other))),
    )
  );
}

/** A part of a space, and which of the others all of it is in. */
export interface PortCell {
  readonly in: readonly number[];
  readonly space: PortSpace;
}

/** Takes a space apart by which of the others its packets are in; those that are in the same ones are together. */
export function cellsOf(space: PortSpace, others: readonly PortSpace[]): readonly PortCell[] {
  const cells = new Map<string, { in: readonly number[]; spaces: PortSpace[] }>();
  const put = (indices: readonly number[], part: PortSpace): void => {
    const cell = cells.get(indices.join()) ?? { in: indices, spaces: [] };
    cell.spaces.push(part);
    cells.set(indices.join(), cell);
  };
  const indicesWhere = (test: (other: PortSpace) => boolean): readonly number[] =>
    others.flatMap((other, index) => (test(other) ? [index] : []));
  for (const protocol of protocols)
    for (const span of pieces(
      space.spans[protocol],
      others.flatMap(({ spans }) => spans[protocol]),
    ))
      put(
        indicesWhere(({ spans }) => spans[protocol].some((other) => covers(other, span))),
        { ...nothing, spans: { ...nothing.spans, [protocol]: [span] } },
      );
  if (space.others)
    put(
      indicesWhere((other) => other.others),
      { ...nothing, others: true },
    );
  return sortBy(cells.values(), (cell) => cell.in.join()).map((cell) => ({
    in: cell.in,
    space: unionOf(cell.spaces),
  }));
}

const nothing: PortSpace = { spans: { tcp: [], udp: [], sctp: [] }, others: false };

/** As rules have them, each by itself: undefined stands for every packet. */
export function portsOf({ spans, others }: PortSpace): readonly (PortsModel | undefined)[] {
  const isWhole = (protocol: PolicyProtocol): boolean =>
    spans[protocol].some(({ first, last }) => first === whole.first && last === whole.last);
  const besides = protocols.filter((protocol) => !isWhole(protocol));
  if (others && besides.length === 0) return [undefined];
  return [
    ...(others ? [{ besides }] : []),
    ...protocols.flatMap((protocol): PortsModel[] => {
      if (isWhole(protocol)) return others ? [] : [{ protocol, ranges: [] }];
      return spans[protocol].length === 0 ? [] : [{ protocol, ranges: spans[protocol] }];
    }),
  ];
}

/** Parts of spans, each of them inside or outside of each of the others as a whole; sorted. */
function pieces(spans: readonly PortSpan[], others: readonly PortSpan[]): readonly PortSpan[] {
  const cuts = [...new Set(others.flatMap(({ first, last }) => [first, last + 1]))].toSorted((a, b) => a - b);
  return spans.flatMap(({ first, last }) => {
    const starts = [first, ...cuts.filter((at) => at > first && at <= last)];
    return starts.map((start, index) => ({ first: start, last: (starts[index + 1] ?? last + 1) - 1 }));
  });
}

const covers = (one: PortSpan, other: PortSpan): boolean =>
  one.first <= other.last && other.first <= one.last;

/** The same ports in the fewest spans, sorted. */
function joined(spans: readonly PortSpan[]): readonly PortSpan[] {
  const merged: PortSpan[] = [];
  for (const span of spans.toSorted((a, b) => a.first - b.first)) {
    const previous = merged.at(-1);
    if (previous === undefined || span.first > previous.last + 1) merged.push(span);
    else if (span.last > previous.last) merged[merged.length - 1] = { ...previous, last: span.last };
  }
  return merged;
}
