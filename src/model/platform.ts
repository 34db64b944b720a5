// Policies of the platform in one unit: whom each is for, and what its rules come to, in the order in which they decide.
import { objectKey } from '../api/api-object.ts';
import { ruleFindings, subjectFindings } from '../api/platform-findings.ts';
import { platformRules, priorityOf, tierOf } from '../api/platform-policy.ts';
import type { PlatformPolicy, PlatformRule, PlatformTier } from '../api/platform-policy.ts';
import { compareStrings } from '../base/order.ts';
import { elsewhere } from './elsewhere.ts';
import type { PeerBook, Selection } from './peer-book.ts';
import { closedPart, rulePartsOf, selectionOf } from './platform-parts.ts';
import type { RulePart } from './platform-parts.ts';
import { insideRules, insideSteps } from './platform-inside.ts';
import type { LaterTiers } from './platform-inside.ts';
import { isWhole, passesOf, withoutPasses } from './platform-passes.ts';
import type { Pass } from './platform-passes.ts';
import { firstRanks } from './platform-ranks.ts';
import { portsText } from './policy-ports.ts';
import { tierSizes } from './policy-model.ts';
import type { PlatformPolicyModel, PlatformRuleModel } from './policy-model.ts';
import type { UnitRun } from './unit-run.ts';
import type { UnitId } from './unit.ts';
import type { Workload } from './workloads.ts';

export interface PlatformScene {
  readonly unit: UnitId;
  readonly book: PeerBook;
  /** Ports by namespace whose pods' labels nobody knows. */
  readonly kept: ReadonlyMap<string, readonly string[]>;
  /** What the policies of tenants come to. */
  readonly tenants: Pick<LaterTiers, 'policies' | 'shut'>;
  /** As of `PolicyScene`. */
  readonly hasRulesBetween: boolean;
  readonly run: UnitRun;
}

/** A policy with those of the unit that it is for. */
interface Applied {
  readonly policy: PlatformPolicy;
  readonly workloads: readonly Workload[];
  /** Their ports, sorted. */
  readonly subjects: readonly string[];
  /** Ports that it may be for. */
  readonly unsure: readonly string[];
}

/** Those that are for namespaces of the unit, in the order in which they are asked: `admin` before `baseline`. */
export function platformOf(
  policies: readonly PlatformPolicy[],
  scene: PlatformScene,
): readonly PlatformPolicyModel[] {
  const { tenants } = scene;
  const baseline = tierOfUnit('baseline', policies, { ...tenants, baseline: [] }, scene);
  return [...tierOfUnit('admin', policies, { ...tenants, baseline }, scene), ...baseline];
}

function tierOfUnit(
  tier: PlatformTier,
  policies: readonly PlatformPolicy[],
  later: LaterTiers,
  scene: PlatformScene,
): readonly PlatformPolicyModel[] {
  const applied = policies
    .filter((policy) => tierOf(policy) === tier)
    .toSorted(byPrecedence)
    .flatMap((policy) => appliedHere(policy, scene) ?? []);
  const places = (policy: PlatformPolicy, direction: PlatformRule['direction']): number =>
    platformRules(policy)
      .filter((rule) => rule.direction === direction)
      .reduce((sum, rule) => sum + placesOf(rule, tier, later), 0);
  const ranked = applied.map(({ policy }) => ({
    priority: Math.min(Math.max(priorityOf(policy), 0), 1000),
    rules: Math.max(places(policy, 'ingress'), places(policy, 'egress')),
  }));
  const ranks = firstRanks(ranked, tier);
  const passes: Tier['passes'] = { ingress: [], egress: [] };
  return applied.map((one, index) =>
    policyModel(one, { name: tier, firstRank: ranks[index] ?? 0, later, passes }, scene),
  );
}

/** What a policy has to know of its tier. `passes`: what was passed on before it, by direction; it adds its own. */
interface Tier {
  readonly name: PlatformTier;
  readonly firstRank: number;
  readonly later: LaterTiers;
  readonly passes: Record<PlatformRule['direction'], Pass[]>;
}

/** A pass by ports stands for what comes after the tier. */
function placesOf({ action, ports, direction }: PlatformRule, tier: PlatformTier, later: LaterTiers): number {
  const isInside = action === 'pass' && tier === 'admin' && ports.length > 0;
  return isInside ? insideSteps(direction, later) : 1;
}

/** The API leaves open which of two equal ones goes first: the one whose name does. */
function byPrecedence(a: PlatformPolicy, b: PlatformPolicy): number {
  return (
    priorityOf(a) - priorityOf(b) ||
    compareStrings(a.metadata.name, b.metadata.name) ||
    compareStrings(a.kind, b.kind)
  );
}

/** Undefined: it is for no namespace of the unit. */
function appliedHere(policy: PlatformPolicy, { book, kept }: PlatformScene): Applied | undefined {
  const selection = selectionOf(policy.spec.subject);
  if (selection === undefined || subjectFindings(policy).length > 0) return undefined;
  const namespaces = book.namespaces(selection);
  if (namespaces.length === 0) return undefined;
  const workloads = book.select(selection);
  const held = namespaces.flatMap((name) => kept.get(name) ?? []);
  // What its labels are does not matter where all pods are meant.
  const [sure, unsure] = selection.pods.length === 0 ? [held, []] : [[], held];
  const ports = workloads.map(({ port }) => port.source);
  return { policy, workloads, subjects: [...new Set([...ports, ...sure])].toSorted(), unsure };
}

function policyModel(applied: Applied, tier: Tier, scene: PlatformScene): PlatformPolicyModel {
  const { policy, subjects } = applied;
  const source = objectKey(policy);
  const next = { ingress: tier.firstRank, egress: tier.firstRank };
  let isBeyond = false;
  const rules = platformRules(policy).flatMap((rule): PlatformRuleModel[] => {
    const rank = next[rule.direction];
    next[rule.direction] += placesOf(rule, tier.name, tier.later);
    return decisions(rule, applied, tier, scene).flatMap(({ step, action, part }) => {
      const place = placeOf(rank + step, tier.name, action);
      if (place !== rank + step && !isBeyond) isBeyond = reportBeyond(rule, tier.name, policy, scene.run);
      return place === undefined ? [] : [ruleModel(rule, part, action, place)];
    });
  });
  return { source, tier: tier.name, subjects, rules };
}

/** What comes of a rule. `step`: its place among what comes of it. */
function decisions(
  rule: PlatformRule,
  applied: Applied,
  { name, later, passes }: Tier,
  scene: PlatformScene,
): readonly { readonly step: number; readonly action: Action; readonly part: RulePart }[] {
  const { policy, subjects, unsure } = applied;
  const { direction } = rule;
  const { action, parts } = carriedOut(rule, applied, scene);
  // Behind the last tier there is nothing that would forbid anything.
  if (action === 'pass' && name === 'admin') {
    const own = passesOf(`${objectKey(policy)} ${rule.rule}`, parts, subjects);
    passes[direction].push(...own.filter(isWhole));
    if (scene.hasRulesBetween && !own.every(isWhole)) {
      reportBetween(rule, applied, scene);
      return parts.map((part) => ({ step: 0, action: 'deny', part }));
    }
    return own
      .filter((pass) => !isWhole(pass))
      .flatMap((pass) => insideRules(direction, pass, later, scene.book));
  }
  const everybody = action === 'deny' ? [...new Set([...subjects, ...unsure])].toSorted() : subjects;
  const group = everybody.length === subjects.length ? undefined : { id: 'and rejected', ports: everybody };
  return parts
    .map((part) => withGroup(part, group))
    .flatMap((part) => withoutPasses(part, passes[direction], everybody, scene.book))
    .map((part) => ({ step: 0, action, part }));
}

/** A pass by ports would carry packets past the rules of subnets and walls: it is closed, as far as it goes. */
function reportBetween(
  { rule }: PlatformRule,
  { policy, workloads }: Applied,
  { unit, run }: PlatformScene,
): void {
  if (workloads.length === 0) return;
  run.report({
    object: objectKey(policy),
    code: 'Unsupported',
    path: `spec.${rule}`,
    message: `in ${unit} it denies what it would pass on: rules of subnets, or walls between projects, stand before the policies of tenants there, and what is passed on by its ports cannot be shown to them`,
    hint: 'pass on every port, or do without the rules (acls) of the subnets and other projects in the Vpc',
  });
}

const withGroup = (part: RulePart, group: RulePart['subjects']): RulePart => ({
  ...part,
  subjects: part.subjects ?? group,
});

/** What a rule does, and to what: one that cannot be carried out is closed. */
function carriedOut(
  rule: PlatformRule,
  { policy, workloads }: Applied,
  scene: PlatformScene,
): { readonly action: Action; readonly parts: readonly RulePart[] } {
  const { action } = rule;
  const { book, run } = scene;
  if (action === undefined || ruleFindings(rule, policy).length > 0) {
    if (action === 'allow') return { action, parts: [] };
    return { action: 'deny', parts: [closedPart] };
  }
  if (action === 'allow' && workloads.length > 0) reportElsewhere(rule, policy, scene);
  return {
    action,
    parts: rulePartsOf(rule, { book, inventory: run.context.inventory, subjects: workloads }),
  };
}

type Action = 'allow' | 'deny' | 'pass';

/** The rank itself while there is room; then the last place for all rules that deny, and none for others. */
function placeOf(rank: number, tier: PlatformTier, action: Action): number | undefined {
  const last = tierSizes[tier] - 1;
  if (rank < last) return rank;
  return action === 'deny' ? last : undefined;
}

function reportBeyond(
  { rule }: PlatformRule,
  tier: PlatformTier,
  policy: PlatformPolicy,
  run: UnitRun,
): true {
  run.report({
    object: objectKey(policy),
    code: 'OutOfRange',
    path: `spec.${rule}`,
    message: `there are more than ${tierSizes[tier] - 1} rules of one direction in this tier; of those beyond, what denies is carried out, and nothing else`,
    hint: 'join rules, or let fewer policies be for the same namespaces',
  });
  return true;
}

function ruleModel(
  { rule, name, direction }: PlatformRule,
  { id, peer, ports, subjects }: RulePart,
  action: Action,
  rank: number,
): PlatformRuleModel {
  const preposition = direction === 'ingress' ? 'from' : 'to';
  const what = `${portsText(ports)} ${preposition} ${peer.text}`;
  return {
    id: `${rule}/${id}`,
    rule: name === '' ? rule : `${rule} ${name}`,
    direction,
    subjects,
    peer: peer.peer,
    ports,
    text: action === 'pass' ? `${what}, passed on` : what,
    action: action === 'deny' ? 'deny' : 'allow',
    rank,
  };
}

/** A wall holds against whom it cannot mean here; a gate for him is none. */
function reportElsewhere(
  rule: PlatformRule,
  policy: PlatformPolicy,
  { unit, book, run }: PlatformScene,
): void {
  const field = rule.direction === 'ingress' ? 'from' : 'to';
  rule.peers.forEach((peer, index) => {
    const selection: Selection | undefined = selectionOf(peer);
    const names = selection && elsewhere(selection, book, run.context.inventory);
    if (names === undefined) return;
    run.report({
      object: objectKey(policy),
      code: 'NotFound',
      path: `spec.${rule.rule}.${field}[${index}]`,
      message: `in ${unit} it allows nothing: it means namespaces of other networks only (${names})`,
      hint: 'pods of another network are not seen by their own addresses there',
      severity: 'warning',
    });
  });
}
