// The ports of a rule: numbers and ranges by protocol, and names, which every pod resolves for itself.
import type { PolicyPort } from '../api/network-policy.ts';
import type { PortName } from './peer-book.ts';
import type { PolicyProtocol, PortsModel } from './policy-model.ts';

/** One part of what a rule allows of ports. */
export type PortPart =
  | { readonly kind: 'numbers'; readonly id: string; readonly ports: PortsModel | undefined }
  | {
      readonly kind: 'name';
      readonly id: string;
      readonly protocol: PolicyProtocol;
      readonly port: PortName;
    };

const everything: PortPart = { kind: 'numbers', id: 'all', ports: undefined };

/** `ports`: those of a rule that can be carried out; undefined: the rule names none, so all are meant. */
export function portParts(ports: readonly PolicyPort[] | undefined): readonly PortPart[] {
  if (ports === undefined) return [everything];
  const byProtocol = Map.groupBy(ports, ({ protocol }) => protocol);
  return [...byProtocol].flatMap(([protocol, group]) => protocolParts(protocolOf(protocol), protocol, group));
}

/** Single numbers in one part; of ranges, which OVN takes apart into masks, each by itself. */
function protocolParts(
  protocol: PolicyProtocol,
  written: string,
  ports: readonly PolicyPort[],
): readonly PortPart[] {
  if (ports.some(({ port }) => port === undefined))
    return [{ kind: 'numbers', id: protocol, ports: { protocol, ranges: [] } }];
  const ranges = ports.flatMap(({ port, endPort = port }) =>
    typeof port === 'number' && typeof endPort === 'number' ? [{ first: port, last: endPort }] : [],
  );
  const singles = new Set(ranges.filter(({ first, last }) => first === last).map(({ first }) => first));
  const wide = new Map(
    ranges
      .filter(({ first, last }) => first !== last)
      .map((range) => [`${range.first}-${range.last}`, range]),
  );
  const names = new Set(ports.flatMap(({ port }) => (typeof port === 'string' ? [port] : [])));
  const single = [...singles].toSorted((a, b) => a - b).map((port) => ({ first: port, last: port }));
  return [
    ...(single.length === 0
      ? []
      : [{ kind: 'numbers', id: `${protocol}/ports`, ports: { protocol, ranges: single } } as const]),
    ...[...wide].map(([text, range]): PortPart => ({
      kind: 'numbers',
      id: `${protocol}/${text}`,
      ports: { protocol, ranges: [range] },
    })),
    ...[...names].map((name): PortPart => ({
      kind: 'name',
      id: `${protocol}/${name}`,
      protocol,
      port: { protocol: written, name },
    })),
  ];
}

function protocolOf(text: string): PolicyProtocol {
  if (text === 'UDP') return 'udp';
  return text === 'SCTP' ? 'sctp' : 'tcp';
}

/** `tcp 80, 443`, `udp`, `everything` */
export function portsText(ports: PortsModel | undefined): string {
  if (ports === undefined) return 'everything';
  const texts = ports.ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
  return texts.length === 0 ? ports.protocol : `${ports.protocol} ${texts.join(', ')}`;
}
