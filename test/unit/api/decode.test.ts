// What decodeObject accepts, what it fills in, and what it says about everything else.
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { decodeObject } from '../../../src/api/decode.ts';

const decode = (yaml: string) => decodeObject(parse(yaml));
const accepted = (yaml: string) => {
  const decoded = decode(yaml);
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.problems));
  return decoded.object;
};
/** Each problem as `code path | message | hint`. */
const complaints = (yaml: string): string[] => {
  const decoded = decode(yaml);
  const problems = decoded.ok ? decoded.warnings : decoded.problems;
  return problems.map(({ code, path, message, hint }) => `${code} ${path} | ${message} | ${hint}`);
};

const project = (spec: string, metadata = '{name: demo, namespace: shalb}') =>
  `{apiVersion: kube-dc.com/v1, kind: Project, metadata: ${metadata}, spec: ${spec}}`;
const eip = (spec: string) =>
  `{apiVersion: kube-dc.com/v1, kind: EIp, metadata: {name: e, namespace: shalb-demo}, spec: ${spec}}`;
const fip = (spec: string) =>
  `{apiVersion: kube-dc.com/v1, kind: FIp, metadata: {name: f, namespace: shalb-demo}, spec: ${spec}}`;
const ovn = (kind: string, spec: string) =>
  `{apiVersion: ovn.kube-dc.com/v1alpha1, kind: ${kind}, metadata: {name: x}, spec: ${spec}}`;
const network = (fields: string) =>
  ovn(
    'ExternalNetwork',
    `{type: cloud, cidr: 100.65.0.0/16, gateway: 100.65.0.1, physicalNetwork: p, ${fields}}`,
  );
const service = (spec: string, annotations = '{}') =>
  `{apiVersion: v1, kind: Service, metadata: {name: s, namespace: n, annotations: ${annotations}}, spec: ${spec}}`;
const pod = (annotations: string) =>
  `{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: n, annotations: ${annotations}}}`;

describe('defaults', () => {
  test.each([
    ['Project without anything', project('null'), { spec: {}, status: { ready: false, conditions: [] } }],
    [
      'EIp without spec',
      eip('{}'),
      { spec: {}, status: { ownershipType: 'Released', owners: [], ready: false } },
    ],
    [
      'ExternalNetwork',
      network(''),
      { spec: { excludeIps: [], mtu: 1400, default: false }, metadata: { namespace: '' } },
    ],
    ['Subnet', ovn('Subnet', '{vpc: v, cidr: 10.0.0.0/24}'), { spec: { snat: true, excludeIps: [] } }],
    [
      'Vpc',
      ovn('Vpc', '{}'),
      { spec: { externalNetworks: [], staticRoutes: [], policyRoutes: [], openings: [] } },
    ],
    [
      'Service',
      service('{ports: [{port: 80}]}'),
      { spec: { type: 'ClusterIP', ports: [{ port: 80, protocol: 'TCP' }] } },
    ],
    [
      'EndpointSlice',
      '{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: s}, addressType: IPv4, endpoints: [{addresses: [10.0.0.1]}], ports: [{port: 80}]}',
      {
        endpoints: [{ conditions: { ready: true, terminating: false } }],
        ports: [{ name: '', protocol: 'TCP' }],
      },
    ],
    ['namespace', '{apiVersion: v1, kind: Pod, metadata: {name: p}}', { metadata: { namespace: 'default' } }],
  ])('%s', (_name, yaml, expected) => {
    expect(accepted(yaml)).toMatchObject(expected);
  });

  test('fields of core kinds that mean nothing here are dropped', () => {
    const object = accepted(
      service('{type: LoadBalancer, ports: [{port: 80}], allocateLoadBalancerNodePorts: true}'),
    );
    expect(object).not.toHaveProperty('spec.allocateLoadBalancerNodePorts');
  });

  test('labels have no prototype', () => {
    expect(accepted(pod('{}')).metadata.labels['constructor']).toBeUndefined();
    expect(accepted(pod('{a: b}')).metadata.annotations['toString']).toBeUndefined();
  });

  test('null and, in our kinds, the empty string stand for an absent field', () => {
    expect(accepted(project('{cidrBlock: null, gwLanIp: ""}'))).toMatchObject({ spec: {} });
    expect(accepted(fip('{ipAddress: 10.0.0.1, eip: "", externalNetworkType: cloud}'))).toMatchObject({
      spec: { ipAddress: '10.0.0.1', externalNetworkType: 'cloud' },
    });
  });
});

describe('bad input', () => {
  test.each([
    [project('{cidrBlok: 10.0.0.0/24}'), 'UnknownField spec.cidrBlok', 'did you mean cidrBlock?'],
    [project('{}').replace('spec', 'spek'), 'UnknownField spek', 'did you mean spec?'],
    [project('{cidrBlock: 10.0.10.7/24}'), 'Invalid spec.cidrBlock', 'did you mean 10.0.10.0/24?'],
    [project('{cidrBlock: ten}'), 'Invalid spec.cidrBlock', 'CIDR notation'],
    [project('{cidrBlock: 10.0.10.0}'), 'Invalid spec.cidrBlock', 'CIDR notation'],
    [project('{cidrBlock: 10.0.10.0/30}'), 'OutOfRange spec.cidrBlock', '/8 to /29'],
    [project('{cidrBlock: 0.0.0.0/8}'), 'OutOfRange spec.cidrBlock', 'overlaps 0.0.0.0/8'],
    [project('{cidrBlock: 224.1.0.0/16}'), 'OutOfRange spec.cidrBlock', 'overlaps 224.0.0.0/4'],
    [project('{cidrBlock: "10.0.0.0/24,10.0.1.0/24"}'), 'Invalid spec.cidrBlock', 'has IPv4 twice'],
    [project('{cidrBlock: "10.0.0.0/24,fd00::1/64"}'), 'Invalid spec.cidrBlock', 'did you mean fd00::/64?'],
    [project('{cidrBlock: "fd00::/126"}'), 'OutOfRange spec.cidrBlock', 'from /8 to /125'],
    [project('{cidrBlock: "fe80::/64"}'), 'OutOfRange spec.cidrBlock', 'overlaps fe80::/10'],
    [project('{cidrBlock: "10.0.0.0/24,"}'), 'Invalid spec.cidrBlock', 'not a range'],
    [
      project('{cidrBlock: 10.0.0.0/24, gwLanIp: "10.0.0.9,fd00::9"}'),
      'OutOfRange spec.gwLanIp',
      'which has no IPv6 range',
    ],
    [
      project('{cidrBlock: "10.0.0.0/24,fd00::/64", gwLanIp: "fd00::"}'),
      'OutOfRange spec.gwLanIp',
      'fd00:: is the network address of fd00::/64',
    ],
    [project('{cidrBlock: 10}'), 'Invalid spec.cidrBlock', 'put it in quotes: "10"'],
    [project('{egressNetworkType: pubic}'), 'Invalid spec.egressNetworkType', 'did you mean public?'],
    [
      project('{cidrBlock: 10.0.0.0/24, gwLanIp: 10.0.1.1}'),
      'OutOfRange spec.gwLanIp',
      'for example 10.0.0.1',
    ],
    [project('{cidrBlock: 10.0.0.0/24, gwLanIp: 10.0.0.0}'), 'OutOfRange spec.gwLanIp', 'network address'],
    [
      project('{cidrBlock: 10.0.0.0/24, gwLanIp: 10.0.0.255}'),
      'OutOfRange spec.gwLanIp',
      'broadcast address',
    ],
    [project('{gwLanIp: 10.0.0.1}'), 'Invalid spec.gwLanIp', 'gwLanIp needs cidrBlock'],
    [project('{}', '{namespace: shalb}'), 'Invalid metadata.name', 'metadata.name is missing'],
    [project('{}', '{name: Demo}'), 'Invalid metadata.name', 'lower-case'],
    [
      project('{}', `{name: ${'a'.repeat(40)}, namespace: ${'b'.repeat(40)}}`),
      'Invalid metadata.name',
      'at most 63',
    ],
    [project('[]'), 'Invalid spec', 'expected an object, found a list'],
    [eip('{ipAddress: 100.65.0.300}'), 'Invalid spec.ipAddress', 'not an IP address'],
    [eip('{ipAddress: "fd00::1,fd00::2"}'), 'Invalid spec.ipAddress', 'has IPv6 twice'],
    [
      eip('{externalNetworkType: cloud, childRef: x}'),
      'Invalid spec.childRef',
      'cannot be set at the same time',
    ],
    [eip('{ipAddress: 100.65.0.9, childRef: x}'), 'Invalid spec.ipAddress', 'cannot be set at the same time'],
    [fip('{}'), 'Invalid spec', 'either ipAddress or vmTarget must be specified'],
    [
      fip('{ipAddress: 10.0.0.1, vmTarget: {vmName: v}}'),
      'Invalid spec.ipAddress',
      'cannot be set at the same time',
    ],
    [
      fip('{ipAddress: 10.0.0.1, eip: e, externalNetworkType: cloud}'),
      'Invalid spec.eip',
      'at the same time',
    ],
    [fip('{vmTarget: {}}'), 'Invalid spec.vmTarget.vmName', 'is missing'],
    [network('vlan: 4095'), 'Invalid spec.vlan', '4095 is larger than 4094'],
    [network('vlan: "4013"'), 'Invalid spec.vlan', 'write it without quotes: 4013'],
    [network('excludeIps: [100.65.0.9..100.65.0.1]'), 'Invalid spec.excludeIps[0]', '10.0.0.1..10.0.0.9'],
    [network('excludeIps: [100.66.0.1]'), 'OutOfRange spec.excludeIps[0]', 'is not in 100.65.0.0/16'],
    [network('').replace('100.65.0.1', '100.64.0.1'), 'OutOfRange spec.gateway', 'is not in 100.65.0.0/16'],
    [
      network('').replace('physicalNetwork: p', 'physicalNetwork: "a:b"'),
      'Invalid spec.physicalNetwork',
      'colons',
    ],
    [ovn('Subnet', '{cidr: 10.0.0.0/24}'), 'Invalid spec', 'has either a vpc or an underlay'],
    [
      ovn('Subnet', '{vpc: v, cidr: 10.0.0.0/24, gateway: 10.9.0.1}'),
      'OutOfRange spec.gateway',
      '10.0.0.0/24',
    ],
    [
      ovn('Vpc', '{externalNetworks: [{name: a}, {name: a}]}'),
      'Invalid spec.externalNetworks[1].name',
      'twice',
    ],
    [
      ovn('Vpc', '{staticRoutes: [{cidr: 0.0.0.0/0, nextHop: x}]}'),
      'Invalid spec.staticRoutes[0].nextHop',
      'IP address',
    ],
    [
      ovn('Vpc', '{policyRoutes: [{priority: 1, match: {}, action: drop}]}'),
      'Invalid spec.policyRoutes',
      'sourceCidr or a destinationCidr',
    ],
    [
      ovn('Vpc', '{policyRoutes: [{priority: 1, match: {sourceCidr: 10.0.0.0/8}, action: reroute}]}'),
      'Invalid spec.policyRoutes',
      'nextHops',
    ],
    [
      ovn('Vpc', '{openings: [{from: A, to: b}]}'),
      'Invalid spec.openings[0].from',
      'the name of a subnet, or "*"',
    ],
    [ovn('Vpc', '{openings: [{from: a, to: "*"}, {from: a, to: "*"}]}'), 'Invalid spec.openings[1]', 'twice'],
    [service('{type: LoadBalancer}'), 'Invalid spec.ports', 'name at least one port'],
    [service('{type: LoadBalancer, ports: [{port: 80}, {port: 80}]}'), 'Invalid spec.ports[1]', '80/TCP'],
    [service('{ports: [{port: 0}]}'), 'Invalid spec.ports[0].port', '0 is smaller than 1'],
    [
      service('{ports: [{port: 80, targetPort: 1.5}]}'),
      'Invalid spec.ports[0].targetPort',
      'expected an integer or a string',
    ],
    [
      service('{type: LoadBalancer, ports: [{port: 80}], loadBalancerSourceRanges: [10.0.0.1/8]}'),
      'Invalid spec.loadBalancerSourceRanges[0]',
      'did you mean 10.0.0.0/8?',
    ],
    [
      service('{type: LoadBalancer, ports: [{port: 80}]}', '{service.nlb.kube-dc.com/bind-on-eip: Big}'),
      'Invalid metadata.annotations[service.nlb.kube-dc.com/bind-on-eip]',
      'not a name of an EIp',
    ],
    [
      service(
        '{type: LoadBalancer, ports: [{port: 80}]}',
        '{service.nlb.kube-dc.com/bind-on-default-gw-eip: "yes"}',
      ),
      'Invalid metadata.annotations[service.nlb.kube-dc.com/bind-on-default-gw-eip]',
      'write "true"',
    ],
    [
      service(
        '{type: LoadBalancer, ports: [{port: 80}]}',
        '{service.nlb.kube-dc.com/bind-on-default-gw-eip: "true", service.nlb.kube-dc.com/bind-on-eip: other}',
      ),
      'Invalid metadata.annotations[service.nlb.kube-dc.com/bind-on-eip]',
      'remove one of the two',
    ],
    [
      pod('{network.kube-dc.com/ip-address: 10.0.0}'),
      'Invalid metadata.annotations[network.kube-dc.com/ip-address]',
      '',
    ],
    [
      pod('{network.kube-dc.com/mac-address: "01:00:00:00:00:01"}'),
      'Invalid metadata.annotations',
      'even first octet',
    ],
    [pod('{network.kube-dc.com/mac-address: 0a58}'), 'Invalid metadata.annotations', 'not a MAC address'],
    [pod('{a: 1}'), 'Invalid metadata.annotations.a', 'put it in quotes: "1"'],
    ['{kind: Project}', 'Invalid apiVersion', 'apiVersion is missing'],
    ['{apiVersion: v1}', 'Invalid kind', 'kind is missing'],
    ['just a sentence', 'Invalid  ', 'no object with fields'],
  ])('%s', (yaml, start, part) => {
    const found = complaints(yaml);
    expect(decode(yaml).ok).toBe(false);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(start);
    expect(found[0]).toContain(part);
  });

  test('every mistake of an object is told at once, and whose it is', () => {
    const decoded = decode(project('{cidrBlok: 1, cidrBlock: 10.0.0.1/24, gwLanIp: x}'));
    expect(decoded).toMatchObject({ ok: false, ignored: false, key: 'Project/shalb/demo' });
    expect(decoded.ok ? [] : decoded.problems.map(({ path }) => path)).toEqual([
      'spec.cidrBlok',
      'spec.cidrBlock',
      'spec.gwLanIp',
    ]);
  });

  test('a status that makes no sense is left out with a warning, the object is used', () => {
    const decoded = decode(eip('{}').replace('spec:', 'status: {ready: "yes"}, spec:'));
    expect(decoded).toMatchObject({ ok: true, object: { status: { ready: false } } });
    expect(decoded.ok && decoded.warnings).toMatchObject([{ path: 'status', severity: 'warning' }]);
  });

  test('a key that would reach a prototype is only an unknown field', () => {
    const raw: unknown = JSON.parse(
      '{"apiVersion":"kube-dc.com/v1","kind":"Project","metadata":{"name":"a","labels":{"__proto__":"x"}},"spec":{"__proto__":{"cidrBlock":"x"}}}',
    );
    const decoded = decodeObject(raw);
    expect(decoded.ok ? [] : decoded.problems.map(({ path }) => path)).toEqual(['spec.__proto__']);
    expect(({} as Record<string, unknown>)['cidrBlock']).toBeUndefined();
  });
});

describe('kinds that are not read', () => {
  test.each([
    ['v1', 'ConfigMap', undefined],
    ['apps/v1', 'Deployment', undefined],
    ['networking.k8s.io/v1', 'Ingress', undefined],
    ['kube-dc.com/v1', 'Projct', 'did you mean Project of kube-dc.com/v1?'],
    ['kube-dc.com/v1', 'Organization', 'left alone'],
    ['kube-dc.com/v1', 'Vpc', 'its apiVersion is ovn.kube-dc.com/v1alpha1'],
    ['v1', 'Servce', 'did you mean Service of v1?'],
    ['example.com/v1', 'Widget', 'left alone'],
  ])('%s %s', (apiVersion, kind, hint) => {
    const decoded = decodeObject({ apiVersion, kind, metadata: { name: 'x', namespace: 'n' } });
    expect(decoded).toMatchObject({ ok: false, ignored: true });
    const problems = decoded.ok ? [] : decoded.problems;
    if (hint === undefined) expect(problems).toEqual([]);
    else {
      expect(problems).toMatchObject([{ code: 'UnknownKind', object: `${kind}/n/x`, severity: 'warning' }]);
      expect(problems[0]?.hint).toContain(hint);
    }
  });
});
