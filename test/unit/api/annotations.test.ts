// What annotations ask for, and how lists are expanded.
import { describe, expect, test } from 'vitest';
import {
  annotation,
  boundEIp,
  requestedAddresses,
  requestedMac,
  requestedNetworkType,
} from '../../../src/api/annotations.ts';
import { formatObjectKey, objectKey } from '../../../src/api/api-object.ts';
import { expandList } from '../../../src/api/list.ts';
import { nearestWord } from '../../../src/api/nearest-word.ts';
import { backingNamespace } from '../../../src/api/project.ts';

const annotated = (annotations: Record<string, string>) => ({ metadata: { annotations } });

test.each([
  [{}, undefined],
  [{ [annotation.bindOnDefaultGatewayEIp]: 'true' }, 'default-gw'],
  [{ [annotation.bindOnDefaultGatewayEIp]: 'false' }, undefined],
  [{ [annotation.bindOnEIp]: 'ssh-arti' }, 'ssh-arti'],
  [{ [annotation.bindOnEIp]: '', [annotation.bindOnDefaultGatewayEIp]: 'true' }, 'default-gw'],
  [{ 'service.nlb.kube-dc.com/bind-on-eip': 'default-gw' }, 'default-gw'],
])('EIp for %o', (annotations, expected) => {
  expect(boundEIp(annotated(annotations))).toBe(expected);
});

test('what a Pod or Service may ask for', () => {
  const both = 'fd00:10::ab,10.0.10.171';
  expect(requestedAddresses(annotated({ 'network.kube-dc.com/ip-address': both }))).toEqual([
    { family: 4, value: 0x0a000aabn },
    { family: 6, value: (0xfd000010n << 96n) + 0xabn },
  ]);
  expect(requestedAddresses(annotated({}))).toEqual([]);
  expect(requestedMac(annotated({ 'network.kube-dc.com/mac-address': '0A-58-00-00-00-01' }))).toBe(
    '0a:58:00:00:00:01',
  );
  expect(requestedNetworkType(annotated({ 'network.kube-dc.com/external-network-type': 'public' }))).toBe(
    'public',
  );
  expect(
    requestedNetworkType(annotated({ 'network.kube-dc.com/external-network-type': '' })),
  ).toBeUndefined();
});

test('names', () => {
  expect(objectKey({ kind: 'EIp', metadata: { namespace: 'n', name: 'e' } })).toBe('EIp/n/e');
  expect(formatObjectKey('Vpc', '', 'ovn-cluster')).toBe('Vpc/ovn-cluster');
  expect(backingNamespace({ metadata: { namespace: 'shalb', name: 'demo' } })).toBe('shalb-demo');
});

describe('lists', () => {
  const item = { apiVersion: 'v1', kind: 'Pod' };
  test.each([
    ['no list', item, [item]],
    ['List', { apiVersion: 'v1', kind: 'List', items: [item, item] }, [item, item]],
    ['PodList', { apiVersion: 'v1', kind: 'PodList', items: [{ metadata: 1 }] }, [{ ...item, metadata: 1 }]],
    ['a list in a list', { kind: 'List', items: [{ kind: 'List', items: [item] }] }, [item]],
    ['a kind that ends like one', { kind: 'AllowList' }, [{ kind: 'AllowList' }]],
    ['a scalar', 5, [5]],
  ])('%s', (_name, raw, expected) => {
    expect(expandList(raw)).toEqual(expected);
  });
});

test.each([
  ['cidrBlok', ['cidrBlock', 'gwLanIp'], 'cidrBlock'],
  ['CIDRBLOCK', ['cidrBlock'], 'cidrBlock'],
  ['foo', ['cidrBlock'], undefined],
  ['vlna', ['vlan', 'cidr'], undefined],
  ['vlam', ['vlan', 'cidr'], 'vlan'],
])('nearest to %s', (word, known, expected) => {
  expect(nearestWord(word, known)).toBe(expected);
});
