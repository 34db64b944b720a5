// Policies as people read them: `show --policies`, and a plan in rules instead of rows.
import { describe, expect, test } from 'vitest';
import { formatPolicies, readPolicies } from '../../../src/cli/show/policies.ts';
import { withRules } from '../../../src/cli/plan-rules.ts';
import type { ChangeSet } from '../../../src/plan/change-set.ts';
import { formatText } from '../../../src/plan/format-text.ts';
import type { DesiredRow } from '../../../src/plan/desired.ts';
import type { Row } from '../../../src/ovsdb/value.ts';
import { replicaOf } from '../../support/compiled-replica.ts';
import { worldOf } from '../../support/model-world.ts';
import { networks, project } from '../../support/scenario.ts';

const pod = (name: string, ports = '[]'): string =>
  `\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: shalb-demo, labels: {app: ${name}}}\nspec: {containers: [{ports: ${ports}}]}\n---`;
const policy = (name: string, spec: string): string =>
  `\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ${name}, namespace: shalb-demo}\nspec: ${spec}\n---`;
const base =
  networks +
  project.replace('10.0.10.0/24', '"10.0.10.0/24,fd00:10::/64"') +
  pod('web', '[{name: http, containerPort: 8080}]') +
  pod('db');
const rowsOf = (text: string): readonly DesiredRow[] => worldOf(base + text).rows;

const web = policy(
  'web',
  '{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: http}, {port: 443}]}, {from: [{ipBlock: {cidr: 203.0.113.0/24}}]}]}',
);
const shut = policy('shut', '{policyTypes: [Ingress, Egress]}');

describe('show --policies', () => {
  const shown = (text: string, name: string): string => {
    const found = readPolicies(`shalb-demo/${name}`, replicaOf(rowsOf(text)));
    return found === undefined ? 'nobody' : formatPolicies(found);
  };

  test('tells every rule that is for a pod, once, by policy', () => {
    expect(shown(web + shut, 'web')).toMatchInlineSnapshot(`
      "web.shalb-demo   10.0.10.3,fd00:10::3
        in: what any of these allows, and nothing else
          NetworkPolicy/shalb-demo/shut
            nothing
          NetworkPolicy/shalb-demo/web
            ingress[0]: tcp 443 from pods app=db in namespace shalb-demo
            ingress[0]: tcp 8080 from pods app=db in namespace shalb-demo
            ingress[1]: everything from 203.0.113.0/24
        out: nothing, since no policy allows any
          NetworkPolicy/shalb-demo/shut
            nothing
      "
    `);
    expect(shown(web + shut, 'db')).toMatchInlineSnapshot(`
      "db.shalb-demo   10.0.10.2,fd00:10::2
        in: nothing, since no policy allows any
          NetworkPolicy/shalb-demo/shut
            nothing
        out: nothing, since no policy allows any
          NetworkPolicy/shalb-demo/shut
            nothing
      "
    `);
  });

  test('of a pod that no policy is for says so, and knows whom it does not know', () => {
    expect(shown(web, 'db')).toMatchInlineSnapshot(`
      "db.shalb-demo   10.0.10.2,fd00:10::2
        in: everything, since no policy is for its ingress
        out: everything, since no policy is for its egress
      "
    `);
    expect(shown(web, 'nobody')).toBe('nobody');
  });
});

const cluster = (name: string, tier: string, spec: string): string =>
  `\napiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: ${name}}\nspec: {tier: ${tier}, priority: 5, subject: {namespaces: {}}, ${spec}}\n---`;
const guard = cluster(
  'guard',
  'Admin',
  'ingress: [{action: Accept, name: health, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 9100}}}]}, {action: Deny, from: [{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}}]}]',
);
const rest = cluster(
  'rest',
  'Baseline',
  'ingress: [{action: Deny, from: [{namespaces: {}}]}], egress: [{action: Pass, to: [{namespaces: {}}]}, {action: Deny, to: [{networks: [0.0.0.0/0]}]}]',
);

test('show --policies tells policies of the platform where they are asked', () => {
  const found = readPolicies('shalb-demo/web', replicaOf(rowsOf(web + guard + rest)));
  expect(found && formatPolicies(found)).toMatchInlineSnapshot(`
    "web.shalb-demo   10.0.10.3,fd00:10::3
      in: first what these say, in this order
        ClusterNetworkPolicy/guard
          ingress[0] health: allow tcp 9100 from every pod in every namespace here
          ingress[1]: drop everything from pods app=db in every namespace here
      in: then what any of these allows, and nothing else
        NetworkPolicy/shalb-demo/web
          ingress[0]: tcp 443 from pods app=db in namespace shalb-demo
          ingress[0]: tcp 8080 from pods app=db in namespace shalb-demo
          ingress[1]: everything from 203.0.113.0/24
      out: what these say, in this order, since no NetworkPolicy is for its egress
        ClusterNetworkPolicy/rest
          egress[0]: allow everything to every pod in every namespace here, passed on
          egress[1]: drop everything to 0.0.0.0/0
      out: then everything
    "
  `);
});

describe('a plan', () => {
  const label = (rows: readonly DesiredRow[]) => (uuid: string) =>
    rows.find((row) => row.uuid === uuid)?.columns['name'] as string | undefined;
  const isPolicy = ({ source }: DesiredRow): boolean => source.startsWith('NetworkPolicy/');
  const none = { updates: [], deletes: [], attach: [], detach: [] };

  test('says of a new policy its rules and whom it is for', () => {
    const rows = rowsOf(web);
    const changes: ChangeSet = { unit: 'vpc/shalb-demo', inserts: rows.filter(isPolicy), ...none };
    expect(formatText([withRules(changes, label(rows))]).replaceAll(/ {6}external_ids.*\n/g, ''))
      .toMatchInlineSnapshot(`
        "NetworkPolicy/*
          + peers: pods app=db in namespace shalb-demo
              addresses: [fd00:10::2]
              addresses: [10.0.10.2]
        NetworkPolicy/shalb-demo/web
          + pods of them with tcp/http=8080
              ports: [web.shalb-demo]
          + pods that it is for
              ports: [web.shalb-demo]
          + rule ingress: nothing else gets in
          + rule ingress[0]: allow tcp 443 from pods app=db in namespace shalb-demo
          + rule ingress[0]: allow tcp 8080 from pods app=db in namespace shalb-demo
          + rule ingress[1]: allow everything from 203.0.113.0/24
        "
      `);
  });

  test('says of a policy of the platform its rules', () => {
    const inserts = rowsOf(guard).filter(({ source }) => source.startsWith('ClusterNetworkPolicy/'));
    const changes: ChangeSet = { unit: 'vpc/shalb-demo', inserts, ...none };
    const text = formatText([withRules(changes, label(rowsOf(guard)))]);
    expect(text.replaceAll(/ {6}external_ids.*\n/g, '')).toMatchInlineSnapshot(`
      "ClusterNetworkPolicy/guard
        + pods that it is for
            ports: [db.shalb-demo, web.shalb-demo]
        + rule ingress[0] health: allow tcp 9100 from every pod in every namespace here
        + rule ingress[1]: drop everything from pods app=db in every namespace here
      "
    `);
  });

  test('says of a changed rule what it said and says, and of a group who comes and goes', () => {
    const [before, after] = [rowsOf(web), rowsOf(web.replace('443', '8443'))];
    const old = new Map(before.map((row): [string, Row] => [row.uuid, { ...row.columns, _uuid: row.uuid }]));
    const updates = after.flatMap((row) => {
      const was = old.get(row.uuid);
      if (was === undefined || row.table !== 'ACL') return [];
      const [match, ids] = [
        row.columns['match'],
        row.columns['external_ids'] as Readonly<Record<string, string>>,
      ];
      if (match === was['match']) return [];
      const key = 'ovn-projector/meaning';
      return [
        {
          ...row,
          before: was,
          columns: [
            {
              kind: 'map-delta' as const,
              column: 'external_ids',
              put: { [key]: ids[key] ?? '' },
              delete: [],
              before: {},
            },
            { kind: 'set' as const, column: 'match', before: was['match'], after: match },
          ],
        },
      ];
    });
    const group = after.find(({ table, id }) => table === 'Port_Group' && !id.includes('='))!;
    const gone = {
      kind: 'set-delta' as const,
      column: 'ports',
      insert: [],
      delete: group.columns['ports'] as string[],
    };
    const members = { ...group, before: { ...group.columns, _uuid: group.uuid }, columns: [gone] };
    const changes: ChangeSet = {
      unit: 'vpc/shalb-demo',
      inserts: [],
      ...none,
      updates: [...updates, members],
    };
    expect(updates).toHaveLength(2);
    expect(formatText([withRules(changes, label(after))])).toMatchInlineSnapshot(`
      "NetworkPolicy/shalb-demo/web
        ~ pods that it is for
            ports: - web.shalb-demo
        ~ rule ingress[0]: allow tcp 443 from pods app=db in namespace shalb-demo
            rule: tcp 443 from pods app=db in namespace shalb-demo → tcp 8443 from pods app=db in namespace shalb-demo
      "
    `);
  });
});
