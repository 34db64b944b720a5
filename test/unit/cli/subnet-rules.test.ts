// `show --acls`: rules of a subnet in order, and what a log of ovn-controller says of them.
import { describe, expect, test } from 'vitest';
import { AclLog } from '../../../src/cli/show/acl-log.ts';
import { formatSubnetRules, readSubnetRules } from '../../../src/cli/show/subnet-rules.ts';
import { formatPolicies, readPolicies } from '../../../src/cli/show/policies.ts';
import { withRules } from '../../../src/cli/plan-rules.ts';
import { formatText } from '../../../src/plan/format-text.ts';
import { replicaOf } from '../../support/compiled-replica.ts';
import { worldOf } from '../../support/model-world.ts';
import { networks, pod, project } from '../../support/scenario.ts';

const acls = [
  {
    name: 'mail',
    direction: 'egress',
    action: 'reject',
    priority: 10,
    protocol: 'tcp',
    ports: [{ port: 25 }],
    log: true,
  },
  {
    name: 'web',
    direction: 'ingress',
    action: 'allow',
    priority: 20,
    protocol: 'tcp',
    ports: [{ port: 80 }, { port: 8000, endPort: 8100 }],
    from: ['10.1.0.0/16', 'fd01::/64'],
  },
  { name: 'ping', direction: 'ingress', action: 'allow-stateless', priority: 20, protocol: 'icmp' },
  { name: 'rest', direction: 'ingress', action: 'drop', priority: 0, log: true, logRate: 100 },
];
const text =
  networks +
  project.replace(
    'cidrBlock: 10.0.10.0/24',
    `cidrBlock: "10.0.10.0/24,fd00:10::/64", subnetAcls: ${JSON.stringify(acls)}`,
  ) +
  pod('web');
const { rows } = worldOf(text);
const database = replicaOf(rows);
const line = (name: string, second: number): string =>
  `2026-11-23T07:00:0${second}.000Z|00007|acl_log(ovn_pinctrl0)|INFO|name="${name}", verdict=drop, severity=info, direction=to-lport: tcp,vlan_tci=0x0000`;

describe('show --acls', () => {
  const shown = (name: string, log?: readonly string[]): string => {
    const book = log && new AclLog();
    for (const each of log ?? []) book?.add(each);
    const found = readSubnetRules(name, database, book);
    return found === undefined ? 'no such subnet' : formatSubnetRules(found);
  };

  test('lists rules in the order in which they are asked, each once', () => {
    const expected = `shalb-demo-default   Project/shalb/demo   1 workload
  in: what the first that matches says; else it is for NetworkPolicies
    20  web   allow            tcp 80, 8000-8100 from 10.1.0.0/16, fd01::/64
    20  ping  allow-stateless  icmp
    0   rest  drop             everything                                     logged
  out: what the first that matches says; else it is for NetworkPolicies
    10  mail  reject  tcp 25  logged
`;
    expect(shown('shalb-demo-default')).toBe(expected);
    expect(shown('Project/shalb/demo')).toBe(expected);
    expect(shown('shalb-demo')).toBe('no such subnet');
  });

  test('counts the lines of each, and of rules that are gone', () => {
    const log = [
      line('shalb-demo-default/rest', 1),
      line('shalb-demo-default/old', 2),
      line('shalb-demo-default-x/rest', 2),
      '2026-11-23T07:00:02.000Z|00007|binding|INFO|name="shalb-demo-default/rest", verdict=drop',
      line('shalb-demo-default/rest', 3),
      line('<unnamed>', 4),
    ];
    expect(shown('shalb-demo-default', log)).toBe(`shalb-demo-default   Project/shalb/demo   1 workload
  in: what the first that matches says; else it is for NetworkPolicies
    20  web   allow            tcp 80, 8000-8100 from 10.1.0.0/16, fd01::/64
    20  ping  allow-stateless  icmp
    0   rest  drop             everything                                     2 lines, last at 2026-11-23T07:00:03.000Z
  out: what the first that matches says; else it is for NetworkPolicies
    10  mail  reject  tcp 25  0 lines
  no longer there: shalb-demo-default/old   1 line, last at 2026-11-23T07:00:02.000Z
`);
  });
});

test('show --policies tells rules of the subnet before those of tenants', () => {
  const found = readPolicies('shalb-demo/web', database);
  expect(found && formatPolicies(found)).toBe(`web.shalb-demo   10.0.10.2,fd00:10::2
  in: first the rules of its subnet, in this order
    Project/shalb/demo
      web: allow tcp 80, 8000-8100 from 10.1.0.0/16, fd01::/64
      ping: allow-stateless icmp
      rest: drop everything
  in: then everything, since no policy is for its ingress
  out: first the rules of its subnet, in this order
    Project/shalb/demo
      mail: reject tcp 25
  out: then everything, since no policy is for its egress
`);
});

test('a plan tells rules of subnets in words', () => {
  const inserts = rows.filter(
    ({ table, id }) => ['ACL', 'Port_Group'].includes(table) && /\/(acls|ports)/.test(id),
  );
  const changes = { unit: 'vpc/shalb-demo', inserts, updates: [], deletes: [], attach: [], detach: [] };
  const names = new Map(rows.map(({ uuid, columns }) => [uuid, columns['name'] as string | undefined]));
  const told = formatText([withRules(changes, (uuid) => names.get(uuid))]);
  expect(told.replaceAll(/ {6}external_ids.*\n/g, '')).toBe(`Project/shalb/demo
  + pods that it is for
      ports: [web.shalb-demo]
  + rule mail: reject egress tcp 25
  + rule ping: allow-stateless ingress icmp
  + rule rest: drop ingress everything
  + rule web: allow ingress tcp 80, 8000-8100 from 10.1.0.0/16, fd01::/64
`);
});
