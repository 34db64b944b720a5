// `show --policies`: what NetworkPolicies make of the connections of one workload, read back from rows.
import { compareStrings } from '../../base/order.ts';
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

/** One direction. Not isolated: everything passes, and there are no policies. */
interface DirectionView {
  readonly isolated: boolean;
  readonly policies: readonly PolicyView[];
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
    .filter((row) => sourceOf(row)?.startsWith('NetworkPolicy/') === true)
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
  const bySource = Map.groupBy(rules, (rule) => sourceOf(rule) ?? '');
  const policies = [...bySource].map(([source, group]) => ({ source, rules: readRules(group) }));
  return {
    isolated: rules.some(({ action }) => action === 'drop'),
    policies: policies.toSorted((a, b) => compareStrings(a.source, b.source)),
  };
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

function directionLines(word: string, name: string, { isolated, policies }: DirectionView): string[] {
  if (!isolated) return [`${word}: everything, since no policy is for its ${name}`];
  const isNone = policies.every(({ rules }) => rules.length === 0);
  return [
    isNone
      ? `${word}: nothing, since no policy allows any`
      : `${word}: what any of these allows, and nothing else`,
    ...indent(
      2,
      policies.flatMap(({ source, rules }) => [
        source,
        ...indent(
          2,
          rules.length === 0 ? ['nothing'] : rules.map(({ rule, allows }) => `${rule}: ${allows}`),
        ),
      ]),
    ),
  ];
}
