// `show --policies`: what policies make of the connections of one workload, in the order in which they are asked.
import { platformKinds } from '../../api/platform-policy.ts';
import { compareStrings } from '../../base/order.ts';
import { ruleBands } from '../../compiler/priorities.ts';
import { meaningOf, ruleOf, sourceOf } from '../../northbound/ownership.ts';
import { workloadPortName } from '../../northbound/names.ts';
import { indent } from '../table.ts';
import { type RowReader, type TypedRow, ownedRows } from './owned-rows.ts';

interface RuleView {
  /** `ingress[0]` */
  readonly rule: string;
  /** `tcp 80 from pods app=web in namespace shop-a` */
  readonly allows: string;
}

interface PolicyView {
  /** `NetworkPolicy/shop-a/web` */
  readonly source: string;
  readonly rules: readonly RuleView[];
}

/** One direction. Not isolated: no NetworkPolicy is for it, so what the platform does not forbid passes. */
interface DirectionView {
  /** Policies of the platform that are asked first, with `drop …` or `allow …` for each rule; the first match decides. */
  readonly before: readonly PolicyView[];
  /** Rules of its subnet, which are asked next, with the verb before each; the first match decides. */
  readonly subnet: readonly PolicyView[];
  readonly isolated: boolean;
  /** Whatever any of them allows passes. */
  readonly policies: readonly PolicyView[];
  /** Policies of the platform that are asked last, where the workload is not isolated. */
  readonly after: readonly PolicyView[];
}

export interface WorkloadPolicies {
  /** `web-0.shop-a` */
  readonly port: string;
  readonly address: string;
  readonly ingress: DirectionView;
  readonly egress: DirectionView;
}

/** Undefined: there is no such workload. `path`: `shop-a/web-0`. Policies by name, rules in their order. */
export function readPolicies(path: string, reader: RowReader, owner?: string): WorkloadPolicies | undefined {
  const rows = ownedRows(reader, owner);
  const [namespace = '', name = ''] = path.split('/');
  const wanted = workloadPortName(name, namespace);
  const port = rows.all('Logical_Switch_Port').find((row) => row.name === wanted);
  if (port === undefined) return undefined;
  const groups = rows.all('Port_Group').filter(({ ports }) => ports.includes(port._uuid));
  const own = new Set(groups.map((group) => group.name));
  const rules = groups
    .flatMap((group) => rows.some('ACL', group.acls))
    // Some rules of a policy are only for those of its pods that have a named port.
    .filter(({ match }) => own.has(/@(\w+)/.exec(match)?.[1] ?? ''));
  return {
    port: port.name,
    address: (port.addresses[0] ?? '').split(' ').slice(1).join(','),
    ingress: readDirection('to-lport', rules),
    egress: readDirection('from-lport', rules),
  };
}

function readDirection(direction: string, all: readonly TypedRow<'ACL'>[]): DirectionView {
  const rules = all.filter((rule) => rule.direction === direction);
  const tenants = rules.filter(isTenants);
  const bySource = Map.groupBy(tenants, (rule) => sourceOf(rule) ?? '');
  const policies = [...bySource].map(([source, group]) => ({ source, rules: readRules(group) }));
  const platform = rules.filter(isPlatform);
  return {
    before: inOrder(platform.filter(({ priority }) => priority > ruleBands.policyIsolation)),
    subnet: inOrder(rules.filter((rule) => !isTenants(rule) && !isPlatform(rule))),
    isolated: tenants.some(({ action }) => action === 'drop'),
    policies: policies.toSorted((a, b) => compareStrings(a.source, b.source)),
    after: inOrder(platform.filter(({ priority }) => priority < ruleBands.policyIsolation)),
  };
}

const isTenants = (rule: TypedRow<'ACL'>): boolean => sourceOf(rule)?.startsWith('NetworkPolicy/') === true;

const isPlatform = (rule: TypedRow<'ACL'>): boolean =>
  platformKinds.some((kind) => sourceOf(rule)?.startsWith(`${kind}/`) === true);

/** Rules as they are asked, those of one policy together. */
function inOrder(rules: readonly TypedRow<'ACL'>[]): readonly PolicyView[] {
  const sorted = rules.toSorted(
    (a, b) => b.priority - a.priority || compareStrings(meaningOf(a) ?? '', meaningOf(b) ?? ''),
  );
  const bySource = Map.groupBy(sorted, (rule) => sourceOf(rule) ?? '');
  return [...bySource].map(([source, group]) => {
    const texts = group.map((row): [string, RuleView] => {
      const [rule, meaning] = [ruleOf(row) ?? '', meaningOf(row) ?? row.match];
      const verb = row.action === 'allow-related' ? 'allow' : row.action;
      const allows = `${verb} ${meaning.replace(/^(?:in|e)gress /, '')}`;
      return [`${rule} ${allows}`, { rule, allows }];
    });
    return { source, rules: [...new Map(texts).values()] };
  });
}

/** Each once: a rule has a row for each family, and more. */
function readRules(rows: readonly TypedRow<'ACL'>[]): readonly RuleView[] {
  const allowing = rows.filter(({ action }) => action !== 'drop');
  const views = allowing.map((row) => ({ rule: ruleOf(row) ?? '', allows: meaningOf(row) ?? row.match }));
  const unique = new Map(views.map((view) => [`${view.rule} ${view.allows}`, view]));
  return [...unique]
    .toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([, view]) => view);
}

/** Ends with a line end. */
export function formatPolicies({ port, address, ingress, egress }: WorkloadPolicies): string {
  const lines = [
    `${port}   ${address}`,
    ...indent(2, directionLines('in', 'ingress', ingress)),
    ...indent(2, directionLines('out', 'egress', egress)),
  ];
  return `${lines.join('\n')}\n`;
}

function directionLines(word: string, name: string, view: DirectionView): string[] {
  const { before, subnet, isolated, policies, after } = view;
  const next = before.length === 0 ? 'first' : 'then';
  const then = before.length + subnet.length === 0 ? '' : 'then ';
  const isNone = policies.every(({ rules }) => rules.length === 0);
  const tenants = isNone
    ? 'nothing, since no policy allows any'
    : 'what any of these allows, and nothing else';
  const open =
    after.length === 0
      ? [`${word}: ${then}everything, since no policy is for its ${name}`]
      : [
          `${word}: ${then}what these say, in this order, since no NetworkPolicy is for its ${name}`,
          ...policyLines(after),
          `${word}: then everything`,
        ];
  return [
    ...(before.length === 0 ? [] : [`${word}: first what these say, in this order`, ...policyLines(before)]),
    ...(subnet.length === 0
      ? []
      : [`${word}: ${next} the rules of its subnet, in this order`, ...policyLines(subnet)]),
    ...(isolated ? [`${word}: ${then}${tenants}`, ...policyLines(policies)] : open),
  ];
}

const policyLines = (policies: readonly PolicyView[]): string[] =>
  indent(
    2,
    policies.flatMap(({ source, rules }) => [
      source,
      ...indent(2, rules.length === 0 ? ['nothing'] : rules.map(({ rule, allows }) => `${rule}: ${allows}`)),
    ]),
  );
