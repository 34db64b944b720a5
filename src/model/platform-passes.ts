// What rules that pass packets on take away from the rules behind them, so that no rule has to jump.
import { rangePrefixes } from '../net/prefix.ts';
import { mergeRanges, rangesOverlap, subtractRanges } from '../net/range.ts';
import type { Range } from '../net/address.ts';
import type { PeerBook } from './peer-book.ts';
import type { PlatformPeerPart, RulePart } from './platform-parts.ts';
import { spaceOf, unionOf } from './port-space.ts';
import type { PortSpace } from './port-space.ts';
import type { PeerModel, SubjectGroup } from './policy-model.ts';

/** Packets that are passed on: a product of three sets. */
export interface Pass {
  /** Which rule it is, and which part of it. */
  readonly id: string;
  /** The rule, in words: `AdminNetworkPolicy/a egress[0]`. */
  readonly text: string;
  readonly subjects: ReadonlySet<string>;
  readonly ranges: readonly Range[];
  readonly ports: PortSpace;
}

/** The parts of a rule that passes on, in as few products as they are. */
export function passesOf(
  text: string,
  parts: readonly RulePart[],
  subjects: readonly string[],
): readonly Pass[] {
  const numbered = parts.filter(({ isNamed }) => !isNamed);
  const named = parts.filter(({ isNamed }) => isNamed);
  const pass = (id: string, group: readonly RulePart[]): Pass => ({
    id,
    text,
    subjects: new Set(group[0]?.subjects?.ports ?? subjects),
    ranges: mergeRanges(group.flatMap(({ peer }) => peer.ranges)),
    ports: unionOf(group.map(({ ports }) => spaceOf(ports))),
  });
  return [
    ...(numbered.length === 0 ? [] : [pass(text, numbered)]),
    ...named.map((part) => pass(`${text}/${part.id}`, [part])),
  ];
}

/** Whether it passes every packet between its subjects and its peers. */
export const isWhole = ({ ports }: Pass): boolean => ports.others;

/**
 * The part without what was passed on before it, as parts again: subjects are divided by which passes they are in, and whom
 * those mean is taken out. All by value, so that a pass that has nothing to do with the part leaves it as it is. Only for
 * passes of all ports: OVN has no match for all protocols but some (`ip.proto` is nominal; ovn-sb(5), Logical_Flow match).
 * @param everybody ports of the policy, where the part has no group of its own
 */
export function withoutPasses(
  part: RulePart,
  passes: readonly Pass[],
  everybody: readonly string[],
  book: PeerBook,
): readonly RulePart[] {
  const own = part.subjects?.ports ?? everybody;
  const concerned = passes.filter(
    (pass) =>
      own.some((port) => pass.subjects.has(port)) &&
      pass.ranges.some((range) => part.peer.ranges.some((other) => rangesOverlap(range, other))),
  );
  if (concerned.length === 0) return [part];
  const passing = (port: string): readonly Pass[] => concerned.filter(({ subjects }) => subjects.has(port));
  const classes = Map.groupBy(own, (port) => namesOf(passing(port)));
  return [...classes].flatMap(([names, ports]): RulePart[] => {
    const inside = ports.slice(0, 1).flatMap(passing);
    const isAll = classes.size === 1;
    const subjects = isAll ? part.subjects : classGroup(part, inside, concerned, ports);
    const id = isAll ? part.id : `${part.id}/${names}`;
    const peer = peerWithout(part.peer, inside, book);
    const { isNamed, ports: on } = part;
    return peer === undefined ? [] : [{ id, isNamed, subjects, peer, ports: on }];
  });
}

/** Who is in it follows from its name, so that rules of one policy may share it. */
function classGroup(
  { subjects }: RulePart,
  inside: readonly Pass[],
  concerned: readonly Pass[],
  ports: readonly string[],
): SubjectGroup {
  const outside = concerned.filter((pass) => !inside.includes(pass));
  const parts = [
    ...(subjects === undefined ? [] : [subjects.id]),
    ...(inside.length === 0 ? [] : [`a pass by ${namesOf(inside)}`]),
    ...(outside.length === 0 ? [] : [`no pass by ${namesOf(outside)}`]),
  ];
  return { id: parts.join('; '), ports };
}

/** What is left of a peer; undefined where nobody is left. */
function peerWithout(
  part: PlatformPeerPart,
  taken: readonly Pass[],
  book: PeerBook,
): PlatformPeerPart | undefined {
  if (taken.length === 0) return part;
  const ranges = subtractRanges(
    part.ranges,
    taken.flatMap((pass) => pass.ranges),
  );
  if (ranges.length === 0) return undefined;
  const rules = [...new Set(taken.map(({ text }) => text))].join(', ');
  const text = `${part.text}, but for what ${rules} passes on`;
  const { key } = book.made(['but', peerKey(part.peer), namesOf(taken)], text, ranges.flatMap(rangePrefixes));
  const only = part.peer.kind === 'prefixes' ? { only: part.peer.family } : {};
  return { ...part, peer: { kind: 'set', key, ...only }, text, ranges };
}

/** The same for equal peers, and different for all others. */
export const peerKey = (peer: PeerModel): string =>
  JSON.stringify(peer, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));

const namesOf = (passes: readonly Pass[]): string => passes.map(({ id }) => id).join(', ');
