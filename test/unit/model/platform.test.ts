// Policies of the platform in the model: their order, what passes leave of the rules behind them, what is closed.
import { describe, expect, test } from 'vitest';
import { firstRanks } from '../../../src/model/platform-ranks.ts';
import type { PlatformPolicyModel } from '../../../src/model/policy-model.ts';
import { platformPriority } from '../../../src/compiler/priorities.ts';
import { tierSizes } from '../../../src/model/policy-model.ts';
import { worldOf } from '../../support/model-world.ts';
import type { World, WorldOptions } from '../../support/model-world.ts';

const network = (names = 'red, blue'): string => `
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Vpc
metadata: {name: v}
spec: {externalNetworks: []}
---
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Subnet
metadata: {name: s}
spec: {vpc: v, cidr: 10.7.0.0/24, namespaces: [${names}]}
---`;
const namespace = (name: string): string =>
  `\napiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}, labels: {team: ${name}}}\n---`;
const pod = (path: string, annotations = '{}'): string => {
  const [of, name] = path.split('/');
  return `\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: ${of}, labels: {app: ${name}}, annotations: ${annotations}}\nspec: {containers: []}\n---`;
};
const cluster = (name: string, priority: number, spec: string, tier = 'Admin'): string =>
  `\napiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: ${name}}\nspec: {tier: ${tier}, priority: ${priority}, ${spec}}\n---`;
const admin = (name: string, priority: number, spec: string): string =>
  `\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: ${name}}\nspec: {priority: ${priority}, ${spec}}\n---`;
const baseline = (spec: string): string =>
  `\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: BaselineAdminNetworkPolicy\nmetadata: {name: default}\nspec: {${spec}}\n---`;

const everybody = 'subject: {namespaces: {}}';
const deny = 'ingress: [{action: Deny, from: [{namespaces: {}}]}]';
const base =
  network() +
  namespace('red') +
  namespace('blue') +
  namespace('far') +
  pod('red/web') +
  pod('red/db') +
  pod('blue/web');

const worldWith = (text: string, options?: WorldOptions): World => worldOf(base + text, options);
const platform = (world: World): readonly PlatformPolicyModel[] => world.vpc('v').policies.platform;
/** `p ingress[0]: deny everything from every pod in every namespace here [red/web]` */
const rules = (world: World): string[] =>
  platform(world).flatMap(({ source, subjects, rules: own }) =>
    own.map(
      (rule) =>
        `${source.split('/')[1]} ${rule.rule}: ${rule.action === 'deny' ? 'deny ' : ''}${rule.text} [${(rule.subjects?.ports ?? subjects).map((key) => key.slice(4)).join(' ')}]`,
    ),
  );
const setTexts = (world: World): string[] => world.vpc('v').policies.peerSets.map(({ text }) => text);
const said = ({ problems }: World): string[] =>
  problems.map(({ severity = 'error', code, object, path }) => `${severity} ${code} ${object} ${path}`);

describe('policies', () => {
  test('are asked by tier, priority and name, whichever version of the API they are of', () => {
    const world = worldWith(
      baseline(`${everybody}, ${deny}`) +
        cluster('last', 0, `${everybody}, ${deny}`, 'Baseline') +
        cluster('b', 7, `${everybody}, ${deny}`) +
        admin('a', 7, `${everybody}, ${deny}`) +
        cluster('first', 6, `${everybody}, ${deny}`),
    );
    expect(
      platform(world).map(({ source, tier, rules: own }) => [source, tier, own.map(({ rank }) => rank)]),
    ).toEqual([
      ['ClusterNetworkPolicy/first', 'admin', [102]],
      ['AdminNetworkPolicy/a', 'admin', [119]],
      ['ClusterNetworkPolicy/b', 'admin', [120]],
      ['ClusterNetworkPolicy/last', 'baseline', [0]],
      ['BaselineAdminNetworkPolicy/default', 'baseline', [1]],
    ]);
  });

  test('that are for no namespace of the network are not in it', () => {
    const far = 'subject: {namespaces: {matchLabels: {team: far}}}';
    expect(platform(worldWith(cluster('far', 0, `${far}, ${deny}`)))).toEqual([]);
  });

  test('are for pods on an underlay as well', () => {
    const vlan = `\napiVersion: ovn.kube-dc.com/v1alpha1\nkind: Subnet\nmetadata: {name: racks}\nspec: {underlay: {physicalNetwork: phys, vlan: 120}, cidr: 10.9.0.0/24, gateway: 10.9.0.1, namespaces: [red]}\n---`;
    const racked = pod('red/racked', '{network.kube-dc.com/subnet: racks}');
    const world = worldWith(vlan + racked + cluster('p', 0, `${everybody}, ${deny}`));
    const model = world.results.get('underlay/racks')?.model;
    expect(model?.kind === 'underlay' && model.policies.platform.map(({ subjects }) => subjects)).toEqual([
      ['Pod/red/racked'],
    ]);
  });

  test('of a shape that no policy has are refused whole: what was made of it earlier stays, with its sets', () => {
    const world = worldWith(cluster('p', 0, 'ingress: all'));
    expect([...(world.results.get('vpc/v')?.heldSources ?? [])]).toEqual([
      'ClusterNetworkPolicy/p',
      'NetworkPolicy/*',
    ]);
  });
});

describe('a pass', () => {
  const pass = (what: string): string => `ingress: [{action: Pass, ${what}}]`;
  const red = 'from: [{namespaces: {matchLabels: {team: red}}}]';

  test('with nothing behind it changes nothing', () => {
    expect(
      rules(
        worldWith(cluster('p', 0, `${everybody}, ${deny}`) + cluster('q', 1, `${everybody}, ${pass(red)}`)),
      ),
    ).toEqual([
      'p ingress[0]: deny everything from every pod in every namespace here [blue/web red/db red/web]',
    ]);
  });

  test('takes its peers out of the rules behind it, and out of no others', () => {
    const world = worldWith(
      cluster('p', 0, `${everybody}, ${pass(red)}`) +
        cluster('q', 1, `${everybody}, ${deny}`) +
        cluster('r', 2, `${everybody}, egress: [{action: Deny, to: [{namespaces: {}}]}]`),
    );
    expect(rules(world)).toEqual([
      'q ingress[0]: deny everything from every pod in every namespace here, but for what ClusterNetworkPolicy/p ingress[0] passes on [blue/web red/db red/web]',
      'r egress[0]: deny everything to every pod in every namespace here [blue/web red/db red/web]',
    ]);
    expect(setTexts(world)).toContain('every pod in namespaces team=red');
  });

  test('of some subjects leaves the others their rule', () => {
    const web = 'subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}}';
    expect(
      rules(worldWith(cluster('p', 0, `${web}, ${pass(red)}`) + cluster('q', 1, `${everybody}, ${deny}`))),
    ).toEqual([
      'q ingress[0]: deny everything from every pod in every namespace here, but for what ClusterNetworkPolicy/p ingress[0] passes on [blue/web red/web]',
      'q ingress[0]: deny everything from every pod in every namespace here [red/db]',
    ]);
  });

  const onSsh = cluster(
    'p',
    0,
    `${everybody}, ${pass(`${red}, protocols: [{tcp: {destinationPort: {number: 22}}}]`)}`,
  );
  const behind = cluster('q', 1, `${everybody}, ${deny}`);

  test('of some ports stands for what comes after its tier, and the rule behind it stays as it is', () => {
    const tenant = `\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: n, namespace: red}\nspec: {ingress: [{from: [{podSelector: {matchLabels: {app: db}}}]}]}\n---`;
    const last = cluster(
      'z',
      1,
      `${everybody}, ingress: [{action: Deny, from: [{namespaces: {matchLabels: {team: red}}}]}]`,
      'Baseline',
    );
    const world = worldWith(tenant + onSsh + behind + last);
    const said_ = (by: string): string =>
      `tcp 22 from whom ClusterNetworkPolicy/p ingress[0] passes on, as ${by} says`;
    expect(rules(world).slice(0, 5)).toEqual([
      `p ingress[0]: ${said_('NetworkPolicy/red/n ingress[0]')} [red/db red/web]`,
      `p ingress[0]: deny ${said_('NetworkPolicy/red/n')} [red/db red/web]`,
      `p ingress[0]: deny ${said_('ClusterNetworkPolicy/z ingress[0]')} [blue/web red/db red/web]`,
      `p ingress[0]: ${said_('nobody')} [blue/web red/db red/web]`,
      'q ingress[0]: deny everything from every pod in every namespace here [blue/web red/db red/web]',
    ]);
    expect(platform(world)[0]?.rules.map(({ rank }) => rank)).toEqual([0, 1, 2, 3]);
  });

  test('of some ports is closed where rules of subnets stand between, and it is said', () => {
    const walled = network().replace(
      'cidr:',
      'acls: [{name: a, direction: ingress, action: drop, priority: 1}], cidr:',
    );
    const world = worldOf((base + onSsh + behind).replace(network(), walled));
    expect(rules(world)[0]).toBe(
      'p ingress[0]: deny tcp 22 from every pod in namespaces team=red [blue/web red/db red/web]',
    );
    expect(said(world)).toEqual(['error Unsupported ClusterNetworkPolicy/p spec.ingress[0]']);
  });

  test('in the last tier lets through: nothing comes behind it', () => {
    const world = worldWith(cluster('p', 0, `${everybody}, ${pass(red)}`, 'Baseline'));
    expect(rules(world)).toEqual([
      'p ingress[0]: everything from every pod in namespaces team=red, passed on [blue/web red/db red/web]',
    ]);
  });
});

describe('what cannot be carried out', () => {
  test.each([
    ['a peer that nobody knows', 'to: [{future: {}}]', 'to[0]'],
    ['names of domains', 'to: [{domainNames: [example.com]}]', 'to[0].domainNames'],
    ['no peer', 'to: []', 'to'],
    ['a network', 'to: [{networks: [10.0.0.0/33]}]', 'to[0].networks[0]'],
    [
      'a port',
      'to: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 0}}}]',
      'protocols[0].port',
    ],
    ['a port of no form', 'to: [{namespaces: {}}], protocols: [{icmp: {}}]', 'protocols[0]'],
    [
      'a name for a port of networks',
      'to: [{networks: [10.0.0.0/8]}], protocols: [{destinationNamedPort: web}]',
      'protocols[0]',
    ],
    [
      'a selector',
      'to: [{namespaces: {matchExpressions: [{key: a, operator: Is}]}}]',
      'to[0].namespaces.matchExpressions[0].operator',
    ],
  ])('%s closes its rule: it allows nothing, or denies everything', (_name, what, path) => {
    const of = (action: string): World =>
      worldWith(cluster('p', 0, `${everybody}, egress: [{action: ${action}, ${what}}]`));
    expect(rules(of('Accept'))).toEqual([]);
    for (const action of ['Deny', 'Pass', 'Log']) {
      expect(rules(of(action))).toEqual([
        'p egress[0]: deny everything to anybody [blue/web red/db red/web]',
      ]);
      expect(said(of(action))).toContainEqual(
        expect.stringContaining(`ClusterNetworkPolicy/p spec.egress[0].${path}`),
      );
    }
  });

  test('of whom a policy is for, or of its tier, makes it a policy for nobody', () => {
    const both = 'subject: {namespaces: {}, pods: {}}';
    expect(
      platform(
        worldWith(cluster('p', 0, `${both}, ${deny}`) + cluster('q', 0, `${everybody}, ${deny}`, 'Top')),
      ),
    ).toEqual([]);
  });

  test('is said once, however many networks there are; what means nobody in one of them, there', () => {
    const other = network()
      .replaceAll('name: v', 'name: w')
      .replaceAll('vpc: v', 'vpc: w')
      .replace('name: s', 'name: t')
      .replace('red, blue', 'green');
    const far =
      'ingress: [{action: Accept, from: [{namespaces: {matchLabels: {team: far}}}]}, {action: Deny, from: [{namespaces: {matchLabels: {team: far}}}, {}]}]';
    const world = worldWith(other + pod('green/web') + cluster('p', 0, `${everybody}, ${far}`));
    expect(said(world)).toEqual([
      'warning NotFound ClusterNetworkPolicy/p spec.ingress[0].from[0]',
      'warning NotFound ClusterNetworkPolicy/p spec.ingress[0].from[0]',
      'error Invalid ClusterNetworkPolicy/p spec.ingress[1].from[1]',
    ]);
    expect(world.problems.map(({ message }) => message.slice(0, 8))).toEqual([
      'in vpc/v',
      'in vpc/w',
      'it needs',
    ]);
  });
});

describe('a pod that is rejected after it had its port', () => {
  const broken = pod('red/web', '{network.kube-dc.com/ip-address: nonsense}');
  const text = network() + namespace('red') + broken;
  const recorded = { 'Pod/red/web': '10.7.0.9' };
  const db = 'subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}}';
  const both =
    'ingress: [{action: Accept, from: [{namespaces: {}}]}, {action: Deny, from: [{namespaces: {}}]}]';

  test('is denied what it may be denied, and allowed nothing that it may not be', () => {
    expect(rules(worldOf(text + cluster('p', 0, `${db}, ${both}`), { recorded }))).toEqual([
      'p ingress[0]: everything from every pod in every namespace here []',
      'p ingress[1]: deny everything from every pod in every namespace here [red/web]',
    ]);
  });

  test('is in every policy for all pods of its namespace', () => {
    expect(
      platform(worldOf(text + cluster('p', 0, `${everybody}, ${both}`), { recorded }))[0]?.subjects,
    ).toEqual(['Pod/red/web']);
  });
});

describe('nodes', () => {
  const node = (labels: string): string =>
    `\napiVersion: v1\nkind: Node\nmetadata: {name: n, labels: ${labels}}\nstatus: {addresses: [{type: InternalIP, address: 192.0.2.7}, {type: Hostname, address: n}]}\n---`;
  const policy = cluster(
    'p',
    0,
    `${everybody}, egress: [{action: Deny, to: [{nodes: {matchLabels: {role: a}}}]}]`,
  );
  const members = (world: World): unknown =>
    world.vpc('v').policies.peerSets.map(({ prefixes }) => prefixes.map(({ base }) => base));

  test('are meant by their labels and addresses, and a change of theirs is one of every network', () => {
    const world = worldWith(node('{role: a}') + policy);
    expect(members(world)).toEqual([[0xc0000207n]]);
    expect(members(worldWith(node('{role: b}') + policy))).toEqual([[]]);
    expect([...world.inventory.apply([{ key: 'Node/n', object: undefined }])]).toContain('vpc/v');
  });
});

describe('places', () => {
  const one = (priority: number, rules_ = 1) => ({ priority, rules: rules_ });

  test('are those of the priority, so that nobody moves for who comes and goes', () => {
    expect(firstRanks([one(0), one(3, 17), one(1000)], 'admin')).toEqual([0, 51, 17_000]);
    expect(firstRanks([one(3, 2), one(3, 5), one(3)], 'admin')).toEqual([51, 53, 58]);
  });

  test('are close together where those are not enough', () => {
    expect(firstRanks([one(0), one(3, 18), one(1000)], 'admin')).toEqual([0, 1, 19]);
    expect(firstRanks([one(0, 3), one(1000)], 'baseline')).toEqual([0, 3]);
  });

  test('end: of what is beyond, denies share the last one, and it is said', () => {
    const many = Array.from({ length: 1000 }, () => '{action: Allow, from: [{namespaces: {}}]}').join(', ');
    const world = worldWith(
      baseline(
        `${everybody}, ingress: [${many}, {action: Deny, from: [{namespaces: {matchLabels: {team: red}}}]}, {action: Allow, from: [{namespaces: {}}]}]`,
      ),
    );
    const ranks = platform(world)[0]?.rules.map(({ rank }) => rank) ?? [];
    expect([ranks.length, ranks.at(-2), ranks.at(-1)]).toEqual([1000, 998, 999]);
    expect(platform(world)[0]?.rules.at(-1)?.text).toBe('everything from every pod in namespaces team=red');
    expect(said(world)).toEqual(['error OutOfRange BaselineAdminNetworkPolicy/default spec.ingress[999]']);
  });

  test('are as many as there are priorities for', () => {
    const span = (tier: 'admin' | 'baseline') => [
      platformPriority({ tier, rank: 0 }),
      platformPriority({ tier, rank: tierSizes[tier] - 1 }),
    ];
    expect({ admin: span('admin'), baseline: span('baseline') }).toEqual({
      admin: [27_999, 10_000],
      baseline: [1999, 1000],
    });
  });
});
