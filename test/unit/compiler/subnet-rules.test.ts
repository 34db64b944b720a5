// Rules of subnets as rows: matches, order, edges, logging, and what is said of rules that are in each other's way.
import { describe, expect, test } from 'vitest';
import { ruleBands, subnetRulePriority, writtenPriority } from '../../../src/compiler/priorities.ts';
import { worldOf } from '../../support/model-world.ts';
import type { World } from '../../support/model-world.ts';
import { networks } from '../../support/scenario.ts';

const pod = (name: string, namespace = 'shalb-demo'): string =>
  `\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {}\n`;
const project = (acls: readonly object[], cidrBlock = '10.0.10.0/24'): string => `
---
apiVersion: kube-dc.com/v1
kind: Project
metadata: { namespace: shalb, name: demo }
spec: { cidrBlock: "${cidrBlock}", egressNetworkType: cloud, subnetAcls: ${JSON.stringify(acls)} }
${pod('web')}`;
const rule = (rest: object): object => ({
  name: 'r',
  direction: 'ingress',
  action: 'drop',
  priority: 100,
  ...rest,
});
const worldWith = (acls: readonly object[], cidr?: string): World => worldOf(networks + project(acls, cidr));

const plain = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? `${value}` : '?';

/** Rules of subnets: `to-lport 3504 drop ip4 && …`, without the group that begins every match. */
function rulesOf({ rows }: World): string[] {
  const groups = rows.filter(({ table, id }) => table === 'Port_Group' && id.endsWith('/ports'));
  return rows
    .filter(({ table, id }) => table === 'ACL' && id.includes('/acls/'))
    .map(({ columns: { direction, priority, action, match } }) => {
      const text = groups.reduce(
        (shorter, { columns }) =>
          shorter.replace(/^(?:in|out)port == @(\w+) && /, (all, name) =>
            name === columns['name'] ? '' : all,
          ),
        plain(match),
      );
      return [direction, priority, action].map(plain).concat(text).join(' ');
    });
}

describe('rules of a subnet', () => {
  test.each<[string, object, string[]]>([
    ['everything', {}, ['to-lport 3504 drop ip4']],
    ['reject', { action: 'reject' }, ['to-lport 3503 reject ip4']],
    ['allow', { action: 'allow' }, ['to-lport 3501 allow-related ip4']],
    ['allow-stateless', { action: 'allow-stateless' }, ['to-lport 3500 allow-stateless ip4']],
    ['out', { direction: 'egress' }, ['from-lport 3504 drop ip4']],
    ['lowest', { priority: 0, action: 'allow-stateless' }, ['to-lport 3000 allow-stateless ip4']],
    ['highest', { priority: 1000 }, ['to-lport 8004 drop ip4']],
    ['icmp', { protocol: 'icmp' }, ['to-lport 3504 drop ip4 && icmp4']],
    ['sctp', { protocol: 'sctp' }, ['to-lport 3504 drop ip4 && sctp']],
    [
      'ports and ranges',
      { protocol: 'tcp', ports: [{ port: 443 }, { port: 8000, endPort: 8100 }, { port: 80, endPort: 80 }] },
      ['to-lport 3504 drop ip4 && (tcp.dst == {443, 80} || (tcp.dst >= 8000 && tcp.dst <= 8100))'],
    ],
    [
      'from and to',
      { from: ['10.1.0.0/17', '10.1.128.0/17', '192.0.2.7/32'], to: ['10.0.10.9/32'] },
      ['to-lport 3504 drop ip4 && ip4.src == {10.1.0.0/16, 192.0.2.7} && ip4.dst == 10.0.10.9'],
    ],
    ['from everybody', { from: ['0.0.0.0/0'] }, ['to-lport 3504 drop ip4']],
    [
      'a family that is not there as well',
      { from: ['10.1.0.0/16', 'fd00::/8'] },
      ['to-lport 3504 drop ip4 && ip4.src == 10.1.0.0/16'],
    ],
  ])('%s', (_, spec, expected) => {
    const world = worldWith([rule(spec)]);
    expect(world.problems).toEqual([]);
    expect(rulesOf(world)).toEqual(expected);
  });

  test('of two families, a row for each that the lists have in common', () => {
    const dual = '10.0.10.0/24,fd00:10::/64';
    expect(rulesOf(worldWith([rule({ protocol: 'icmp' })], dual))).toEqual([
      'to-lport 3504 drop ip4 && icmp4',
      'to-lport 3504 drop ip6 && icmp6',
    ]);
    expect(
      rulesOf(worldWith([rule({ from: ['fd01::/16', '10.1.0.0/16'], to: ['fd00:10::7/128'] })], dual)),
    ).toEqual(['to-lport 3504 drop ip6 && ip6.src == fd01::/16 && ip6.dst == fd00:10::7']);
  });

  test('rules for egress are asked where those of tenants are, and nothing that a workload needs is kept from it', () => {
    const { rows } = worldWith([rule({ direction: 'egress' })]);
    const acls = rows.filter(({ table, source }) => table === 'ACL' && source === 'Project/shalb/demo');
    const afterLb = acls.filter(
      ({ columns }) => (columns['options'] as Record<string, string>)['apply-after-lb'] === 'true',
    );
    expect(afterLb.map(({ id }) => id)).toEqual([
      'subnet/shalb-demo-default/acls/r/ip4',
      'subnet/shalb-demo-default/needed/dhcp4',
      'subnet/shalb-demo-default/needed/names',
    ]);
    expect(worldWith([]).rows.filter(({ id }) => /needed|\/ports$|\/acls\//.test(id))).toEqual([]);
  });

  test('they are asked after the platform, and before walls in a Vpc and NetworkPolicies', () => {
    const [lowest, highest] = [subnetRulePriority(0, 'allow-stateless'), subnetRulePriority(1000, 'drop')];
    expect(highest).toBeLessThan(10_000);
    expect(highest).toBeLessThan(ruleBands.isolationDrop);
    expect(lowest).toBeGreaterThan(ruleBands.neighbours);
    expect(lowest).toBeGreaterThan(ruleBands.policyEdge);
    for (const priority of [0, 7, 1000])
      for (const verdict of ['allow-stateless', 'allow', 'edge', 'reject', 'drop'] as const)
        expect(writtenPriority(subnetRulePriority(priority, verdict))).toBe(priority);
  });

  test('a rule has one name in NB and in the log, and a meter for its rate', () => {
    const { rows } = worldWith([
      rule({ name: 'a', log: true }),
      rule({ name: 'b', log: true, logSeverity: 'alert', logRate: 3 }),
      rule({ name: 'c' }),
    ]);
    const acls = rows.filter(({ table, id }) => table === 'ACL' && id.includes('/acls/'));
    expect(acls.map(({ columns: { name, log, severity, meter } }) => [name, log, severity, meter])).toEqual([
      ['shalb-demo-default/a', true, 'info', 'shalb-demo-default/log/10'],
      ['shalb-demo-default/b', true, 'alert', 'shalb-demo-default/log/3'],
      ['shalb-demo-default/c', false, undefined, undefined],
    ]);
    const meters = rows.filter(({ table }) => table.startsWith('Meter'));
    expect(meters.map(({ table, columns: { name, fair, rate } }) => [table, name, fair, rate])).toEqual([
      ['Meter', 'shalb-demo-default/log/10', true, undefined],
      ['Meter', 'shalb-demo-default/log/3', true, undefined],
      ['Meter_Band', undefined, undefined, 10],
      ['Meter_Band', undefined, undefined, 3],
    ]);
  });

  test('names of long subnets and rules stay apart within 63 characters', () => {
    const names = ['x', 'y'].map((end) => `${'r'.repeat(62)}${end}`);
    const { rows } = worldWith(names.map((name) => rule({ name })));
    const found = rows.flatMap(({ table, id, columns }) =>
      table === 'ACL' && id.includes('/acls/') ? [plain(columns['name'])] : [],
    );
    expect(new Set(found).size).toBe(2);
    for (const name of found) expect(name).toMatch(/^shalb-demo-default\/r{35}~[0-9a-f]{8}$/);
  });

  test('an edit keeps the row of a rule, whatever comes before or after it', () => {
    const uuids = (acls: readonly object[]) =>
      worldWith(acls).rows.flatMap(({ table, id, uuid }) =>
        table === 'ACL' && id.includes('/acls/b/') ? [uuid] : [],
      );
    const edited = rule({ name: 'b', action: 'allow', protocol: 'tcp', priority: 7, from: ['10.1.0.0/16'] });
    expect(uuids([edited, rule({ name: 'a' })])).toEqual(uuids([rule({ name: 'b' })]));
  });

  test('one for a family that the subnet has none of is told', () => {
    expect(worldWith([rule({ from: ['fd00::/8'] })]).problems).toMatchObject([
      {
        severity: 'warning',
        code: 'FamilyMismatch',
        object: 'Project/shalb/demo',
        path: 'spec.subnetAcls[0]',
        message: 'rule r matches nothing: the subnet has IPv4 only',
      },
    ]);
  });

  describe('of equal priority', () => {
    const rivals = (a: object, b: object): string[] =>
      worldWith([rule({ name: 'a', ...a }), rule({ name: 'b', action: 'allow', ...b })]).problems.map(
        ({ message }) => message,
      );

    test('are told when they say different things of one packet', () => {
      expect(
        rivals(
          { protocol: 'tcp', ports: [{ port: 80, endPort: 90 }] },
          { protocol: 'tcp', ports: [{ port: 85 }] },
        ),
      ).toEqual(['rules a (drop) and b (allow) of priority 100 match the same packets; a decides']);
      expect(rivals({ action: 'reject' }, { from: ['10.1.0.0/16'], protocol: 'icmp' })).toHaveLength(1);
      expect(rivals({ action: 'allow-stateless' }, {})).toEqual([
        'rules a (allow-stateless) and b (allow) of priority 100 match the same packets; b decides',
      ]);
    });

    test.each<[string, object, object]>([
      ['they agree', { action: 'allow' }, {}],
      ['of other directions', { direction: 'egress' }, {}],
      ['of other priorities', { priority: 99 }, {}],
      ['of other protocols', { protocol: 'tcp' }, { protocol: 'udp' }],
      ['of ICMP and TCP', { protocol: 'icmp' }, { protocol: 'tcp' }],
      [
        'of other ports',
        { protocol: 'tcp', ports: [{ port: 80 }] },
        { protocol: 'tcp', ports: [{ port: 81, endPort: 90 }] },
      ],
      ['from others', { from: ['10.1.0.0/16'] }, { from: ['10.2.0.0/16'] }],
      ['to others', { to: ['10.0.10.4/32'] }, { to: ['10.0.10.5/32'] }],
    ])('are fine when %s', (_, a, b) => {
      expect(rivals(a, b)).toEqual([]);
    });
  });

  test('what is not written as it must be rejects the object, in words', () => {
    const problems = (acl: object) =>
      worldWith([acl]).problems.map(({ path, message }) => `${path}: ${message}`);
    expect(problems(rule({ name: 'A b' }))).toEqual([
      'spec.subnetAcls[0].name: "A b" is not the name of a rule',
    ]);
    expect(problems(rule({ ports: [{ port: 80 }] }))).toEqual([
      'spec.subnetAcls[0].ports: ports need a protocol that has ports, and any has none',
    ]);
    expect(problems(rule({ protocol: 'tcp', ports: [{ port: 80, endPort: 79 }] }))).toEqual([
      'spec.subnetAcls[0].ports[0].endPort: endPort 79 is below port 80',
    ]);
    expect(problems(rule({ from: ['10.0.0.1/8'], to: ['x || 1'] }))).toEqual([
      'spec.subnetAcls[0].from[0]: 10.0.0.1/8 has bits set after its first 8',
      'spec.subnetAcls[0].to[0]: "x || 1" is not a range in CIDR notation',
    ]);
    expect(problems(rule({ from: ['10.0.0.0/8'], to: ['fd00::/8'] }))).toEqual([
      'spec.subnetAcls[0]: from and to have no family in common, so no packet is of both',
    ]);
    expect(problems(rule({ priority: 1001 }))).toEqual([
      'spec.subnetAcls[0].priority: 1001 is larger than 1000',
    ]);
    expect(problems(rule({ match: '1' }))).toEqual([expect.stringContaining('spec.subnetAcls[0].match')]);
    expect(worldWith([rule({}), rule({})]).problems.map(({ message }) => message)).toEqual([
      'r stands there twice',
    ]);
  });

  test('what comes in through a further network and is allowed keeps its way back', () => {
    const service = `
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shalb-demo, annotations: {network.kube-dc.com/external-network-type: public}}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}
`;
    const acls = [rule({ action: 'allow', protocol: 'tcp', ports: [{ port: 80 }] })];
    const rows = (schema: string) => rulesOf(worldOf(networks + project(acls) + service, { schema }));
    expect(rows('ovn-nb-7.11.0.ovsschema')).toEqual([
      'to-lport 3501 allow-related ip4 && tcp.dst == 80',
      expect.stringMatching(
        /^to-lport 3502 allow-related ip4 && tcp\.dst == 80 && eth\.src == 0a:58:0a:00:0a:/,
      ),
    ]);
    expect(rows('ovn-nb-7.0.0.ovsschema')).toHaveLength(1);
  });

  test('on an underlay and in a Vpc as in a project', () => {
    const subnet = (name: string, place: string): string => `
---
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Subnet
metadata: { name: ${name} }
spec: { ${place}, namespaces: [lab], acls: ${JSON.stringify([rule({ log: true })])} }
`;
    const vpc =
      '\n---\napiVersion: ovn.kube-dc.com/v1alpha1\nkind: Vpc\nmetadata: { name: lab }\nspec: { externalNetworks: [] }\n';
    const world = worldOf(
      networks +
        vpc +
        subnet('lab-a', 'vpc: lab, cidr: 10.7.0.0/24') +
        subnet('lab-b', 'vpc: lab, cidr: 10.7.1.0/24').replace('[lab]', '[]') +
        subnet('racks', 'underlay: {physicalNetwork: ext, vlan: 77}, cidr: 10.8.0.0/24, gateway: 10.8.0.1'),
    );
    expect(world.problems).toEqual([]);
    const acls = world.rows.filter(({ table, id }) => table === 'ACL' && id.includes('/acls/'));
    expect(acls.map(({ id, source }) => `${source} ${id}`)).toEqual([
      'Subnet/racks underlay/racks/acls/r/ip4',
      'Subnet/lab-a subnet/lab-a/acls/r/ip4',
      'Subnet/lab-b subnet/lab-b/acls/r/ip4',
    ]);
    expect(new Set(world.rows.map(({ uuid }) => uuid)).size).toBe(world.rows.length);
  });
});
