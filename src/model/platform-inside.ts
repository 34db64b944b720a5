// What comes of packets that a rule passes on by their ports: what the tiers behind say of them, said in its place.
import { families } from '../net/family-list.ts';
import type { Range } from '../net/address.ts';
import { prefixRange, rangePrefixes } from '../net/prefix.ts';
import { mergeRanges, subtractRanges } from '../net/range.ts';
import type { PeerBook } from './peer-book.ts';
import { peerKey } from './platform-passes.ts';
import type { Pass } from './platform-passes.ts';
import type { RulePart } from './platform-parts.ts';
import { commonOf, portsOf, spaceOf } from './port-space.ts';
import type {
  PeerModel,
  PlatformPolicyModel,
  PolicyDirection,
  PolicyModel,
  PortsModel,
} from './policy-model.ts';

/** What comes after the first tier. */
export interface LaterTiers {
  readonly policies: readonly PolicyModel[];
  readonly baseline: readonly PlatformPolicyModel[];
  /** Ports of namespaces of which some policy cannot be read: it may isolate any of them. */
  readonly shut: readonly string[];
}

/** A rule in the place of a pass. `step`: which goes first among them. */
export interface InsideRule {
  readonly step: number;
  readonly action: 'allow' | 'deny';
  readonly part: RulePart;
}

/** How many steps a pass takes: what tenants allow, what they isolate, each rule of the baseline, and all the rest. */
export function insideSteps(direction: PolicyDirection, { baseline }: LaterTiers): number {
  return 3 + baselineRules(direction, baseline).length;
}

/**
 * The packets of a pass are decided here and now, as the later tiers would decide them: OVN could neither skip the rules
 * behind it for them, nor match all protocols but one. A rule for each rule of a later tier that has to do with them.
 */
export function insideRules(
  direction: PolicyDirection,
  pass: Pass,
  { policies, baseline, shut }: LaterTiers,
  book: PeerBook,
): readonly InsideRule[] {
  const rule = (step: number, action: 'allow' | 'deny', said: Said): InsideRule[] =>
    partsWithin(said, pass, book).map((part) => ({ step, action, part }));
  const anybody = { peer: { kind: 'anybody' }, ports: undefined } as const;
  const allows = policies.flatMap(({ source, subjects, allows: own }) =>
    own
      .filter((allow) => allow.direction === direction)
      .flatMap(({ id, rule: text, subjects: group, peer, ports }) => {
        const said = { id: `${source} ${id}`, text: `${source} ${text}`, peer, ports };
        return rule(0, 'allow', { ...said, subjects: group?.ports ?? subjects });
      }),
  );
  const drops = policies
    .filter(({ isolates }) => isolates.includes(direction))
    .flatMap(({ source, subjects }) => rule(1, 'deny', { id: source, text: source, ...anybody, subjects }));
  const rejected = rule(1, 'deny', {
    id: 'rejected',
    text: 'a policy that is rejected',
    ...anybody,
    subjects: shut,
  });
  const later = baselineRules(direction, baseline).flatMap(({ id, text, action, subjects, rules }, index) =>
    rules.flatMap(({ part, peer, ports, group }) =>
      rule(2 + index, action, { id: `${id}/${part}`, text, peer, ports, subjects: group ?? subjects }),
    ),
  );
  const rest = { id: 'rest', text: 'nobody', ...anybody, subjects: [...pass.subjects] };
  const last = insideSteps(direction, { policies, baseline, shut }) - 1;
  return [...allows, ...drops, ...rejected, ...later, ...rule(last, 'allow', rest)];
}

/** What a rule of a later tier says, of whom. */
interface Said {
  readonly id: string;
  readonly text: string;
  readonly subjects: readonly string[];
  readonly peer: PeerModel;
  readonly ports: PortsModel | undefined;
}

/** Rules of the baseline in their order, each with all of its parts. */
function baselineRules(direction: PolicyDirection, baseline: readonly PlatformPolicyModel[]) {
  return baseline.flatMap(({ source, subjects, rules }) => {
    const own = rules.filter((rule) => rule.direction === direction);
    return [...Map.groupBy(own, ({ rank }) => rank).values()].flatMap(([first, ...more]) => {
      if (first === undefined) return [];
      const parts = [first, ...more].map(({ id, peer, ports, subjects: group }) => ({
        part: id,
        peer,
        ports,
        group: group?.ports,
      }));
      const { action, rule } = first;
      return [{ id: source, text: `${source} ${rule}`, action, subjects, rules: parts }];
    });
  });
}

/** What of it is about packets of the pass. */
function partsWithin(said: Said, pass: Pass, book: PeerBook): readonly RulePart[] {
  const ports = said.subjects.filter((port) => pass.subjects.has(port));
  const space = commonOf(spaceOf(said.ports), pass.ports);
  const ranges = common(rangesOf(said.peer, book), pass.ranges);
  if (ports.length === 0 || ranges.length === 0) return [];
  const text = `whom ${pass.text} passes on, as ${said.text} says`;
  const { key } = book.made(['of', peerKey(said.peer), pass.id], text, ranges.flatMap(rangePrefixes));
  return portsOf(space).map((on): RulePart => {
    const id = `${pass.id}/${said.id}`;
    const peer = { id: '', peer: { kind: 'set', key } as const, text, ranges, selection: undefined };
    return {
      id: `${id}/${on?.protocol ?? ''}`,
      isNamed: false,
      subjects: { id, ports },
      peer,
      ports: on,
    };
  });
}

function rangesOf(peer: PeerModel, book: PeerBook): readonly Range[] {
  if (peer.kind === 'set') return book.rangesOf(peer.key);
  if (peer.kind === 'prefixes') return peer.prefixes.map(prefixRange);
  return families.map((family) => prefixRange({ family, base: 0n, length: 0 }));
}

function common(a: readonly Range[], b: readonly Range[]): readonly Range[] {
  const all = mergeRanges(a);
  return subtractRanges(all, subtractRanges(all, b));
}
