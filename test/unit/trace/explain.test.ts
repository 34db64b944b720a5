// What recorded traces of both versions come to: path, verdict and notes.
import { describe, expect, test } from 'vitest';
import { explain } from '../../../src/trace/explain.ts';
import { exitCode } from '../../../src/trace/explanation.ts';
import type { Explanation, VerdictKind } from '../../../src/trace/explanation.ts';
import { type OvnVersion, ovnVersions } from '../../support/ovn-programs.ts';
import { readRecorded } from '../../support/recorded-traces.ts';
import type { RecordedName } from '../../support/recorded-traces.ts';

const demo = 'Project/shalb/demo';
const inCloud = [
  'network: ext-cloud (ExternalNetwork/ext-cloud)',
  `gateway: shalb-demo-ext-cloud on chassis gw-1 (${demo})`,
];
const inPublic = [
  'network: ext-public (ExternalNetwork/ext-public)',
  `gateway: shalb-demo.ext-public-ext-public on chassis gw-1 (${demo})`,
];
const own = `switch: shalb-demo-default (${demo})`;
const router = `router: shalb-demo (${demo})`;
const edge = `router: shalb-demo.ext-public (${demo})`;
const toSubnet = [
  `route: directly to shalb-demo-default, 10.0.10.1/24 (${demo})`,
  `policy: allow (30400: ip4.dst == 10.0.10.0/24) (${demo})`,
  own,
];
const wayOut = [
  own,
  router,
  `route: 0.0.0.0/0 via 100.65.0.1 (${demo})`,
  `gateway: shalb-demo-ext-cloud on chassis gw-1 (${demo})`,
  `SNAT: 10.0.10.3 → 100.65.0.101 (${demo})`,
  'network: ext-cloud (ExternalNetwork/ext-cloud)',
];
const throughEdge = [
  own,
  edge,
  `route: 0.0.0.0/0 via 168.119.17.49 (${demo})`,
  `gateway: shalb-demo.ext-public-ext-public on chassis gw-1 (${demo})`,
  'floating IP: 10.0.10.2 → 168.119.17.50 (FIp/shalb-demo/web)',
  'network: ext-public (ExternalNetwork/ext-public)',
];
const leaves = 'leaves through ext-cloud (VLAN 4013 on ext-cloud) as 100.65.0.101';
const balancer = 'load balancer: 100.65.0.101:80 → 10.0.10.2:80 (Service/shalb-demo/cloud)';

/** Without rules that allow what nothing forbids: where they are, versions differ. */
const cases: readonly (readonly [
  name: RecordedName,
  path: readonly string[] | Readonly<Record<OvnVersion, readonly string[]>>,
  verdict: VerdictKind,
  text: string | RegExp,
])[] = [
  ['snat', wayOut, 'delivered', leaves],
  ['other project', wayOut, 'delivered', leaves],
  [
    'floating IP out',
    {
      '23.03': [
        own,
        router,
        'policy: reroute to 10.0.10.254 (30100: ip4.src == 10.0.10.2) (FIp/shalb-demo/web)',
        ...throughEdge,
      ],
      '25.03': [
        own,
        'mark: 35564 (ip4.src == 10.0.10.2 && !(ip4.dst == 10.0.10.0/24)) (FIp/shalb-demo/web)',
        router,
        `policy: reroute to 10.0.10.254 (30300: ip4 && pkt.mark == 35564) (${demo})`,
        ...throughEdge,
      ],
    },
    'delivered',
    'leaves through ext-public (VLAN 4011 on ext-cloud) as 168.119.17.50',
  ],
  ['own VIP', [own, balancer, router, ...toSubnet], 'delivered', 'reaches web.shalb-demo, from 10.0.10.3'],
  ['ping of the router', [own, router, ...toSubnet], 'delivered', 'router shalb-demo answers itself'],
  [
    'VIP in',
    [...inCloud, router, balancer, ...toSubnet],
    'delivered',
    'reaches web.shalb-demo, from 203.0.113.9',
  ],
  [
    'floating IP in',
    [
      ...inPublic,
      edge,
      'floating IP: 168.119.17.50 → 10.0.10.2 (FIp/shalb-demo/web)',
      `route: directly to shalb-demo-default, 10.0.10.254/24 (${demo})`,
      own,
    ],
    'delivered',
    'reaches web.shalb-demo, from 203.0.113.9',
  ],
  [
    'empty VIP',
    [...inCloud, router],
    'refused',
    /^Service\/shalb-demo\/empty has no backend for 100\.65\.0\.101:81 \[.*lr_in_dnat\]; the sender is told at once$/,
  ],
  [
    'unwanted source',
    inCloud.slice(0, 1),
    'dropped',
    /^rule of Service\/shalb-demo\/guarded: drop 30000: ip4\.dst == 100\.65\.0\.101 && tcp\.dst == 82 \[ext-cloud, /,
  ],
  [
    'wanted source',
    [
      ...inCloud,
      router,
      'load balancer: 100.65.0.101:82 → 10.0.10.2:82 (Service/shalb-demo/guarded)',
      ...toSubnet,
    ],
    'delivered',
    'reaches web.shalb-demo, from 198.51.100.7',
  ],
  [
    'no VIP',
    [...inCloud, router, `route: directly to ext-cloud, 100.65.0.101/16 (${demo})`],
    'dropped',
    /^100\.65\.0\.101 is an address of router shalb-demo itself/,
  ],
  ['false source', [own], 'dropped', /^port_security: .* 10\.0\.10\.3 only, not from .* 10\.0\.10\.99 /],
  ['false MAC', [own], 'dropped', /^port_security: .* not from 0a:58:0a:00:0a:99 10\.0\.10\.3 /],
  ['nobody there', [own], 'dropped', /^no port of switch shalb-demo-default has that MAC/],
];

describe.each(ovnVersions)('OVN %s', (version) => {
  const { topology, trace } = readRecorded(version);
  const chassisOf = new Map([
    ['cr-shalb-demo-ext-cloud', 'gw-1'],
    ['cr-shalb-demo.ext-public-ext-public', 'gw-1'],
  ]);
  const explained = (
    name: RecordedName,
    workload?: string,
    chassis = new Map<string, string>(chassisOf),
  ): Explanation => {
    const { packet, parsed, hints } = trace(name);
    return explain({ packet, destination: { workload }, parsed }, { topology, hints, chassisOf: chassis });
  };

  test.each(cases)('%s', (name, path, kind, text) => {
    const { path: lines, verdict } = explained(name);
    expect(
      lines
        .filter(({ what }) => what !== 'rule')
        .map((line) => `${line.what}: ${line.text} (${line.source})`),
    ).toEqual('23.03' in path ? path[version] : path);
    expect(verdict.kind).toBe(kind);
    expect(verdict.text).toMatch(text);
  });

  test('rules are named in the path, too', () => {
    const rules = explained('wanted source').path.filter(({ what }) => what === 'rule');
    expect(rules).toEqual([
      {
        what: 'rule',
        text: 'allow 30001: ip4.dst == 100.65.0.101 && tcp.dst == 82 && ip4.src == 198.51.100.0/24',
        source: 'Service/shalb-demo/guarded',
      },
    ]);
  });

  test('a hairpin is told, whether ovn-trace found it or not', () => {
    const { path, verdict, notes } = explained('hairpin');
    expect(verdict).toMatchObject({
      kind: 'delivered',
      text: expect.stringMatching(/^reaches web\.shalb-demo/),
    });
    const all = [...path.map(({ text }) => text), verdict.text, ...notes].join('\n');
    expect(all).toMatch(/client is its own backend/);
    // What it sees is not the VIP, although ovn-trace prints that.
    expect(all).toContain('from 169.254.169.5');
    expect(all).not.toContain('from 100.65.0.101');
  });

  test('a next hop that was never asked for: nothing is claimed', () => {
    expect(explained('unasked').verdict).toEqual({
      kind: 'unknown',
      text: expect.stringMatching(/next hop 100\.65\.0\.1 on shalb-demo-ext-cloud/),
    });
  });

  test('a packet that leaves although a workload was named has gone astray', () => {
    const { verdict } = explained('other project', 'web.shalb-other');
    expect(verdict).toEqual({ kind: 'astray', text: `${leaves}, and never reaches web.shalb-other` });
    expect(explained('own VIP', 'web.shalb-demo').verdict.kind).toBe('delivered');
  });

  test('what is not plugged in, and a gateway without a home, are noted', () => {
    expect(explained('own VIP').notes).toEqual([expect.stringMatching(/^web\.shalb-demo is not plugged in/)]);
    const homeless = explained('snat', undefined, new Map());
    expect(homeless.notes).toEqual([expect.stringMatching(/^no chassis hosts the gateway port now/)]);
    expect(homeless.path.find(({ what }) => what === 'gateway')?.text).toBe(
      'shalb-demo-ext-cloud on no chassis now (may be: gw-1)',
    );
  });

  test('without hints the path still stands, and nothing is named wrongly', () => {
    const { packet, parsed } = trace('unwanted source');
    const scene = { topology, hints: new Map<string, string>(), chassisOf };
    const { verdict } = explain({ packet, destination: { workload: undefined }, parsed }, scene);
    expect(verdict.text).toMatch(
      /^flow .*ip4\.dst == 100\.65\.0\.101 && tcp\.dst == 82.* \(priority \d+\) \[ext-cloud, /,
    );
  });
});

test.each<[VerdictKind, number]>([
  ['delivered', 0],
  ['astray', 2],
  ['dropped', 2],
  ['refused', 2],
  ['unknown', 1],
])('%s ends with %i', (kind, code) => expect(exitCode({ kind, text: '' })).toBe(code));
