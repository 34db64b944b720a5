// What rules that pass packets on take away from the rules behind them, so that no rule has to jump.
import { rangePrefixes } from '../net/prefix.ts';
import { mergeRanges, rangesOverlap, subtractRanges } from '../net/range.ts';
import type { Range } from '../net/address.ts';
import type { PeerBook } from './peer-book.ts';
import type { PlatformPeerPart, RulePart } from './platform-parts.ts';
import { cellsOf, doMeet, portsOf, spaceOf, unionOf } from './port-space.ts';
import type { PortSpace } from './port-space.ts';
import type { SubjectGroup } from './policy-model.ts';

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

/**
 * The part without what was passed on before it, as parts again. Subjects are divided by which passes they are in, their
 * ports by which of those, and then whom those mean is taken out: the sum of it all, not the product. All by value, so
 * that a pass that has nothing to do with the part leaves it as it is.
 * @param everybody ports of the policy, where the part has no group of its own
 */
export function withoutPasses(
  part: RulePart,
  passes: readonly Pass[],
  everybody: readonly string[],
  book: PeerBook,
): readonly RulePart[] {
  const own = part.subjects?.ports ?? everybody;
  const space = spaceOf(part.ports);
  const concerned = passes.filter(
    (pass) =>
      own.some((port) => pass.subjects.has(port)) &&
      doMeet(pass.ports, space) &&
      pass.ranges.some((range) => part.peer.ranges.some((other) => rangesOverlap(range, other))),
  );
  if (concerned.length === 0) return [part];
  const passing = (port: string): readonly Pass[] => concerned.filter(({ subjects }) => subjects.has(port));
  const classes = Map.groupBy(own, (port) => namesOf(passing(port)));
  return [...classes.values()].flatMap((ports) => {
    const inside = ports.slice(0, 1).flatMap(passing);
    const isAll = classes.size === 1;
    const subjects = isAll ? part.subjects : classGroup(part, inside, concerned, ports);
    const id = isAll ? part.id : `${part.id}/${namesOf(inside)}`;
    return cellParts({ ...part, id, subjects }, space, inside, book);
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

function cellParts(
  part: RulePart,
  space: PortSpace,
  passes: readonly Pass[],
  book: PeerBook,
): readonly RulePart[] {
  if (passes.length === 0) return [part];
  return cellsOf(
    space,
    passes.map(({ ports }) => ports),
  ).flatMap(({ in: indices, space: cell }) => {
    const taken = indices.flatMap((index) => passes[index] ?? []);
    const id = `${part.id}/${namesOf(taken)}`;
    return peersWithout(part.peer, taken, book).flatMap((peer) =>
      portsOf(cell).map((ports, index): RulePart => {
        const { subjects, isNamed } = part;
        return { id: `${id}/${index}`, isNamed, subjects, peer, ports };
      }),
    );
  });
}

/** What is left of a peer; nothing where nobody is left. */
function peersWithout(
  part: PlatformPeerPart,
  taken: readonly Pass[],
  book: PeerBook,
): readonly PlatformPeerPart[] {
  if (taken.length === 0) return [part];
  const ranges = subtractRanges(
    part.ranges,
    taken.flatMap((pass) => pass.ranges),
  );
  if (ranges.length === 0) return [];
  const rules = [...new Set(taken.map(({ text }) => text))].join(', ');
  const text = `${part.text}, but for what ${rules} passes on`;
  const of = JSON.stringify(part.peer, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  const { key } = book.made(['but', of, namesOf(taken)], text, ranges.flatMap(rangePrefixes));
  const only = part.peer.kind === 'prefixes' ? { only: part.peer.family } : {};
  return [{ ...part, peer: { kind: 'set', key, ...only }, text, ranges }];
}

const namesOf = (passes: readonly Pass[]): string => passes.map(({ id }) => id).join(', ');
