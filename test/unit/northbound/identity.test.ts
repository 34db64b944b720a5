// Row identity and names: stable, apart from each other, and in OVN's alphabet.
import { execFileSync } from 'node:child_process';
import { v5 } from 'uuid';
import { expect, test } from 'vitest';
import { addressSetName, portGroupName, rowUuid } from '../../../src/northbound/identity.ts';
import { ledgerKey } from '../../../src/northbound/ledger.ts';
import * as names from '../../../src/northbound/names.ts';

test('a uuid never changes: databases in the field depend on it', () => {
  expect(rowUuid('default', 'Logical_Router', 'shalb-demo')).toBe('80a8a7f6-884a-5c61-a2b1-36a606550eed');
  expect(addressSetName('eips', '', 'shalb-demo')).toBe('opj4fad51d7f6515c60b4c68aec431416e5');
});

test('a uuid is the UUIDv5 that the uuid package makes', () => {
  const namespace = '6b0f4a0e-3c0c-4a55-9a2f-0d8a4f7c1e52';
  for (let i = 0; i < 200; i++) {
    const id = `Pod/bücher-${i}/web-${'x'.repeat(i % 70)}`;
    expect(rowUuid('default', 'NAT', id)).toBe(v5(`default/NAT/${id}`, namespace));
  }
});

test('owner, table and id each make another row', () => {
  const uuids = [
    ['a', 'NAT', 'x'],
    ['b', 'NAT', 'x'],
    ['a', 'ACL', 'x'],
    ['a', 'NAT', 'y'],
  ] as const;
  expect(new Set(uuids.map(([owner, table, id]) => rowUuid(owner, table, id))).size).toBe(4);
  expect(() => rowUuid('a/NAT', 'x', 'y')).toThrow(/slash/u);
});

test('hashed names keep namespaces and kinds apart and fit the alphabet', () => {
  const hashed = [
    addressSetName('policy', 'a-b', 'c'),
    addressSetName('policy', 'a', 'b-c'),
    addressSetName('eips', 'a', 'b-c'),
    portGroupName('policy', 'a', 'b-c'),
  ];
  expect(new Set(hashed).size).toBe(4);
  for (const name of hashed) expect(name).toMatch(/^opj[a-zA-Z_.0-9]+$/u);
});

test('row names are those of the design', () => {
  expect([
    names.routerName('shalb-demo'),
    names.edgeRouterName('shalb-demo', 'ext-public'),
    names.routerPortName('shalb-demo', 'ext-cloud'),
    names.switchPortName('ext-cloud', 'shalb-demo'),
    names.localnetPortName('ext-cloud'),
    names.workloadPortName('nginx-0', 'shalb-demo'),
    names.loadBalancerName('shalb-demo', 'nginx', 'tcp'),
    names.clusterIpLoadBalancerName('shalb-demo', 'nginx', 'udp'),
    names.loadBalancerGroupName('vpc/shalb-demo', 'clusterip'),
    names.gatewayGroupName('shalb-demo', 'ext-cloud'),
    ledgerKey('eip', 'EIp/shalb-demo/ssh-arti'),
  ]).toEqual([
    'shalb-demo',
    'shalb-demo.ext-public',
    'shalb-demo-ext-cloud',
    'ext-cloud-shalb-demo',
    'localnet.ext-cloud',
    'nginx-0.shalb-demo',
    'shalb-demo-nginx-tcp',
    'shalb-demo-nginx-clusterip-udp',
    'vpc/shalb-demo/clusterip',
    'shalb-demo-ext-cloud',
    'ovn-projector/eip:EIp/shalb-demo/ssh-arti',
  ]);
});

test('the generated row types are fresh', () => {
  const script = new URL('../../../scripts/generate-northbound.ts', import.meta.url).pathname;
  expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow();
});
