// Sets of ports over all protocols, and what two of them have in common.
import type { PolicyProtocol, PortSpan, PortsModel } from './policy-model.ts';

const protocols = ['tcp', 'udp', 'sctp'] as const satisfies readonly PolicyProtocol[];
const whole: PortSpan = { first: 0, last: 65_535 };

/** Sorted spans of each protocol that has ports, and whether packets of all other protocols are in it. */
export interface PortSpace {
  readonly spans: Readonly<Record<PolicyProtocol, readonly PortSpan[]>>;
  readonly others: boolean;
}

const spaceWith = (
  spansOf: (protocol: PolicyProtocol) => readonly PortSpan[],
  others: boolean,
): PortSpace => ({
  spans: { tcp: spansOf('tcp'), udp: spansOf('udp'), sctp: spansOf('sctp') },
  others,
});

/** Undefined: every packet. */
export function spaceOf(ports: PortsModel | undefined): PortSpace {
  return spaceWith((protocol) => {
    if (ports === undefined) return [whole];
    if (ports.protocol !== protocol) return [];
    return ports.ranges.length === 0 ? [whole] : ports.ranges;
  }, ports === undefined);
}

export function unionOf(spaces: readonly PortSpace[]): PortSpace {
  return spaceWith(
    (protocol) => joined(spaces.flatMap(({ spans }) => spans[protocol])),
    spaces.some(({ others }) => others),
  );
}

export function commonOf(a: PortSpace, b: PortSpace): PortSpace {
  return spaceWith(
    (protocol) =>
      joined(
        a.spans[protocol].flatMap((one) =>
          b.spans[protocol].flatMap((other) => {
            const [first, last] = [Math.max(one.first, other.first), Math.min(one.last, other.last)];
            return first <= last ? [{ first, last }] : [];
          }),
        ),
      ),
    a.others && b.others,
  );
}

/** As rules have them, each by itself: undefined stands for every packet. With other protocols a space is everything. */
export function portsOf({ spans, others }: PortSpace): readonly (PortsModel | undefined)[] {
  if (others) return [undefined];
  return protocols.flatMap((protocol): PortsModel[] => {
    const ranges = spans[protocol];
    if (ranges.length === 0) return [];
    const isWhole = ranges.some(({ first, last }) => first === whole.first && last === whole.last);
    return [{ protocol, ranges: isWhole ? [] : ranges }];
  });
}

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
