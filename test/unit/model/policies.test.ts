// NetworkPolicies in the model: whom they are for, what stays shut when something is wrong, and what is said of it.
import { describe, expect, test } from 'vitest';
import { formatAddress } from '../../../src/net/address.ts';
import type { PolicyModel } from '../../../src/model/policy-model.ts';
import { worldOf } from '../../support/model-world.ts';
import type { World, WorldOptions } from '../../support/model-world.ts';
import { networks, project } from '../../support/scenario.ts';

const pod = (path: string, labels: string, ports = '[]', annotations = '{}'): string => {
  const [namespace, name] = path.split('/');
  return `\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: ${namespace}, labels: ${labels}, annotations: ${annotations}}\nspec: {containers: [{name: c, ports: ${ports}}]}\n---`;
};
const policy = (path: string, spec: string): string => {
  const [namespace, name] = path.split('/');
  return `\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: ${spec}\n---`;
};
const base = networks + project;
const web = pod('shalb-demo/web', '{app: web}', '[{name: http, containerPort: 8080}]');
const client = pod('shalb-demo/client', '{app: client}');

const inDemo = (text: string, options?: WorldOptions): World => worldOf(base + text, options);
const policiesIn = (world: World): readonly PolicyModel[] => world.vpc('shalb-demo').policies.policies;
/** `everything from pods app=client in namespace shalb-demo` */
const allowed = (world: World): string[] =>
  policiesIn(world).flatMap(({ allows }) => allows.map(({ rule, text }) => `${rule} ${text}`));
const setsIn = (world: World): Record<string, string[]> =>
  Object.fromEntries(
    world
      .vpc('shalb-demo')
      .policies.peerSets.map(({ text, addresses }) => [text, addresses.map(formatAddress)]),
  );
const said = ({ problems }: World): string[] =>
  problems.map(({ severity = 'error', code, path }) => `${severity} ${code} ${path}`);

describe('a policy', () => {
  test.each([
    ['without types isolates ingress', '{}', ['ingress']],
    ['with an egress section but no rule in it, too', '{egress: []}', ['ingress']],
    ['with egress rules isolates both', '{egress: [{}]}', ['ingress', 'egress']],
    [
      'isolates what its types say, whatever rules it has',
      '{policyTypes: [Egress], ingress: [{}]}',
      ['egress'],
    ],
  ])('%s', (_name, spec, directions) => {
    expect(policiesIn(inDemo(policy('shalb-demo/p', spec))).map(({ isolates }) => isolates)).toEqual([
      directions,
    ]);
  });

  test('is for the pods of its own namespace that it selects, of all without a selector', () => {
    const world = inDemo(
      web +
        client +
        policy('shalb-demo/a', '{}') +
        policy('shalb-demo/b', '{podSelector: {matchLabels: {app: web}}}') +
        policy('other/c', '{}'),
    );
    expect(policiesIn(world).map(({ source, subjects }) => [source, subjects])).toEqual([
      ['NetworkPolicy/shalb-demo/a', ['Pod/shalb-demo/client', 'Pod/shalb-demo/web']],
      ['NetworkPolicy/shalb-demo/b', ['Pod/shalb-demo/web']],
    ]);
  });

  test('shares the set of its peers with others that select the same in other words', () => {
    const one = policy('shalb-demo/a', '{ingress: [{from: [{podSelector: {matchLabels: {app: client}}}]}]}');
    const other = policy(
      'shalb-demo/b',
      '{egress: [{to: [{podSelector: {matchExpressions: [{key: app, operator: In, values: [client, client]}]}}]}]}',
    );
    expect(setsIn(inDemo(web + client + one + other))).toEqual({
      'pods app=client in namespace shalb-demo': ['10.0.10.2'],
    });
  });

  test('resolves the name of a port with each pod that is connected to', () => {
    const old = pod(
      'shalb-demo/old',
      '{app: web}',
      '[{name: http, containerPort: 80}, {name: http, protocol: UDP, containerPort: 81}]',
    );
    const ports = 'ports: [{port: http}]';
    const world = inDemo(
      web +
        old +
        client +
        policy('shalb-demo/in', `{ingress: [{${ports}}]}`) +
        policy('shalb-demo/out', `{policyTypes: [Egress], egress: [{${ports}}]}`),
    );
    const [into, out] = policiesIn(world);
    expect(into?.allows.map(({ subjects, ports: on }) => [subjects?.ports, on?.ranges])).toEqual([
      [['Pod/shalb-demo/old'], [{ first: 80, last: 80 }]],
      [['Pod/shalb-demo/web'], [{ first: 8080, last: 8080 }]],
    ]);
    expect(out?.allows.map(({ text }) => text)).toEqual(['tcp 80 to anybody', 'tcp 8080 to anybody']);
    expect(Object.values(setsIn(world))).toEqual([['10.0.10.3'], ['10.0.10.4']]);
  });
});

describe('what cannot be carried out', () => {
  test('allows nothing, and what is beside it stands', () => {
    const peers = '[{ipBlock: {cidr: 10.0.0.0/33}}, {podSelector: {matchLabels: {app: client}}}]';
    const world = inDemo(
      web +
        policy(
          'shalb-demo/p',
          `{ingress: [{from: ${peers}, ports: [{port: 80, endPort: 70}, {port: 443}]}]}`,
        ),
    );
    expect(allowed(world)).toEqual(['ingress[0] tcp 443 from pods app=client in namespace shalb-demo']);
    expect(said(world)).toEqual([
      'error Invalid spec.ingress[0].from[0].ipBlock.cidr',
      'error Invalid spec.ingress[0].ports[0].endPort',
    ]);
  });

  test('alone in its list leaves nobody, not everybody', () => {
    expect(
      allowed(inDemo(policy('shalb-demo/p', '{ingress: [{from: [{}]}, {ports: [{port: 0}]}]}'))),
    ).toEqual([]);
  });

  test('of whom a policy is for is everybody, and of its directions both', () => {
    const spec = '{podSelector: {matchLabels: {"no key": a}}, policyTypes: [Ingress, Out]}';
    const [only] = policiesIn(inDemo(web + client + policy('shalb-demo/p', spec)));
    expect(only).toMatchObject({
      subjects: ['Pod/shalb-demo/client', 'Pod/shalb-demo/web'],
      isolates: ['ingress', 'egress'],
    });
  });

  test('of a shape that no policy has is refused whole: what was made of it earlier stays, with its sets', () => {
    const world = inDemo(policy('shalb-demo/p', '{ingress: all}'));
    expect(said(world)).toEqual(['error Invalid spec.ingress']);
    const held = world.results.get('vpc/shalb-demo')?.heldSources;
    expect([...(held ?? [])]).toEqual(['NetworkPolicy/shalb-demo/p', 'NetworkPolicy/*']);
  });
});

test('a pod that is rejected after it had its port stays in every policy of its namespace', () => {
  const broken = pod('shalb-demo/web', '{app: web}', '[]', '{network.kube-dc.com/ip-address: nonsense}');
  const text = broken + policy('shalb-demo/p', '{podSelector: {matchLabels: {app: db}}}');
  const subjects = (recorded: Record<string, string>): unknown =>
    policiesIn(inDemo(text, { recorded })).map((one) => one.subjects);
  expect(subjects({ 'Pod/shalb-demo/web': '10.0.10.9' })).toEqual([['Pod/shalb-demo/web']]);
  expect(subjects({})).toEqual([[]]);
});

describe('a namespaceSelector', () => {
  const team = '\napiVersion: v1\nkind: Namespace\nmetadata: {name: team, labels: {team: a}}\n---';
  const by = (selector: string): string =>
    policy('shalb-demo/p', `{ingress: [{from: [{namespaceSelector: ${selector}}]}]}`);

  test('means namespaces of the same network, by labels or by the name that each has', () => {
    const world = inDemo(web + by('{matchLabels: {kubernetes.io/metadata.name: shalb-demo}}'));
    expect(Object.values(setsIn(world))).toEqual([['10.0.10.2']]);
    expect(world.problems).toEqual([]);
  });

  test('that can only mean other networks is warned of; one that means nobody at all is not', () => {
    expect(said(inDemo(team + by('{matchLabels: {team: a}}')))).toEqual([
      'warning NotFound spec.ingress[0].from[0].namespaceSelector',
    ]);
    expect(said(inDemo(team + by('{matchLabels: {team: b}}')))).toEqual([]);
  });
});

test('a policy is for pods on an underlay as well, with the addresses that they have there', () => {
  const vlan = `\napiVersion: ovn.kube-dc.com/v1alpha1\nkind: Subnet\nmetadata: {name: racks}\nspec: {underlay: {physicalNetwork: phys, vlan: 120}, cidr: 10.9.0.0/24, gateway: 10.9.0.1, namespaces: [shalb-demo]}\n---`;
  const on = '{network.kube-dc.com/subnet: racks}';
  const racked =
    pod('shalb-demo/racked', '{app: web}', '[]', on) + pod('shalb-demo/other', '{app: client}', '[]', on);
  const one = policy(
    'shalb-demo/p',
    '{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {}}]}]}',
  );
  const world = inDemo(web + vlan + racked + one);
  const model = world.results.get('underlay/racks')?.model;
  if (model?.kind !== 'underlay') throw new Error('no underlay');
  expect(model.policies.policies.map(({ subjects }) => subjects)).toEqual([['Pod/shalb-demo/racked']]);
  expect(model.policies.peerSets.map(({ addresses }) => addresses.map(formatAddress))).toEqual([
    ['10.9.0.2', '10.9.0.3'],
  ]);
  expect(policiesIn(world).map(({ subjects }) => subjects)).toEqual([['Pod/shalb-demo/web']]);
});
