// From the rules that a Subnet or Project says to those of its switch; rules that are in each other's way are told.
import { fieldPath } from '../api/finding.ts';
import type { SubnetAcl } from '../api/subnet-acl.ts';
import { compareStrings } from '../base/order.ts';
import type { Family, Prefix } from '../net/address.ts';
import { formatPrefix, parsePrefix, prefixesOverlap, prefixRange, rangePrefixes } from '../net/prefix.ts';
import { mergeRanges } from '../net/range.ts';
import type { PortsModel } from './policy-model.ts';
import { portsText } from './policy-ports.ts';
import type { SubnetRuleModel } from './subnet-rule-model.ts';
import type { UnitRun } from './unit-run.ts';
import type { RootSubnet } from './vpc-root.ts';

/** In the order in which they are asked: by falling priority, then by name. */
export function subnetRules(
  { source, ranges, written: { acls, path } }: Pick<RootSubnet, 'source' | 'ranges' | 'written'>,
  run: UnitRun,
): readonly SubnetRuleModel[] {
  const served = ranges.map(({ prefix }) => prefix.family);
  const rules = acls.map((acl) => ruleOf(acl, served));
  for (const [index, rule] of rules.entries()) {
    const at = fieldPath(path, index);
    if (rule.families.length === 0) reportFamily(source, at, rule, served, run);
    const rival = rules.slice(0, index).find((other) => contradicts(rule, other));
    if (rival !== undefined) reportRival(source, at, rule, rival, run);
  }
  return rules.toSorted((a, b) => b.priority - a.priority || compareStrings(a.name, b.name));
}

function ruleOf(acl: SubnetAcl, served: readonly Family[]): SubnetRuleModel {
  const { name, direction, action, priority, log, logSeverity, logRate } = acl;
  const [from, to] = [prefixesOf(acl.from), prefixesOf(acl.to)];
  const protocol = protocolOf(acl);
  return {
    name,
    direction,
    action,
    priority,
    families: served.filter((family) =>
      [from, to].every((list) => list.length === 0 || list.some((prefix) => prefix.family === family)),
    ),
    protocol,
    from,
    to,
    log: log ? { severity: logSeverity ?? 'info', linesPerSecond: logRate ?? 10 } : undefined,
    text: [direction, protocolText(protocol), ...listText('from', from), ...listText('to', to)].join(' '),
  };
}

function protocolOf({ protocol, ports }: SubnetAcl): SubnetRuleModel['protocol'] {
  if (protocol === 'any') return undefined;
  if (protocol === 'icmp') return 'icmp';
  const ranges = ports.map(({ port, endPort = port }) => ({ first: port, last: endPort }));
  return { protocol, ranges: ranges.toSorted((a, b) => a.first - b.first || a.last - b.last) };
}

/** Disjoint and sorted, so that another way to write the same changes nothing. */
const prefixesOf = (texts: readonly string[]): readonly Prefix[] =>
  mergeRanges(texts.flatMap((text) => parsePrefix(text) ?? []).map(prefixRange)).flatMap(rangePrefixes);

const protocolText = (protocol: SubnetRuleModel['protocol']): string =>
  protocol === 'icmp' ? protocol : portsText(protocol);

const listText = (word: string, prefixes: readonly Prefix[]): string[] =>
  prefixes.length === 0 ? [] : [`${word} ${prefixes.map(formatPrefix).join(', ')}`];

/** Both match some packet, are asked at once, and say different things of it. */
function contradicts(a: SubnetRuleModel, b: SubnetRuleModel): boolean {
  const isRival = a.priority === b.priority && a.direction === b.direction && a.action !== b.action;
  return (
    isRival &&
    protocolsMeet(a.protocol, b.protocol) &&
    a.families.some(
      (family) => b.families.includes(family) && meet(a.from, b.from, family) && meet(a.to, b.to, family),
    )
  );
}

function protocolsMeet(a: SubnetRuleModel['protocol'], b: SubnetRuleModel['protocol']): boolean {
  if (a === undefined || b === undefined) return true;
  if (a === 'icmp' || b === 'icmp') return a === b;
  return a.protocol === b.protocol && portsMeet(a, b);
}

const portsMeet = (a: PortsModel, b: PortsModel): boolean =>
  a.ranges.length === 0 ||
  b.ranges.length === 0 ||
  a.ranges.some((one) => b.ranges.some((other) => one.first <= other.last && other.first <= one.last));

const meet = (a: readonly Prefix[], b: readonly Prefix[], family: Family): boolean =>
  a.length === 0 ||
  b.length === 0 ||
  a.some((one) => one.family === family && b.some((other) => prefixesOverlap(one, other)));

function reportFamily(
  source: string,
  at: string,
  { name }: SubnetRuleModel,
  served: readonly Family[],
  run: UnitRun,
): void {
  const has = served.map((family) => `IPv${family}`).join(' and ');
  run.report({
    severity: 'warning',
    code: 'FamilyMismatch',
    object: source,
    path: at,
    message: `rule ${name} matches nothing: the subnet has ${has} only`,
    hint: `write ranges of ${has}, or remove the rule`,
  });
}

function reportRival(
  source: string,
  at: string,
  { name, action, priority }: SubnetRuleModel,
  rival: SubnetRuleModel,
  run: UnitRun,
): void {
  const order = ['drop', 'reject', 'allow', 'allow-stateless'];
  const winner = order.indexOf(action) < order.indexOf(rival.action) ? name : rival.name;
  run.report({
    severity: 'warning',
    code: 'Conflict',
    object: source,
    path: fieldPath(at, 'priority'),
    message: `rules ${rival.name} (${rival.action}) and ${name} (${action}) of priority ${priority} match the same packets; ${winner} decides`,
    hint: 'give the rule that is to decide the higher priority',
  });
}
