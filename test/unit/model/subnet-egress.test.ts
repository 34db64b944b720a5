// Subnets of a Vpc that leave under another address than the Vpc's.
import { describe, expect, test } from 'vitest';
import type { AddressUse } from '../../../src/model/address-answers.ts';
import { formatAddressList } from '../../../src/net/family-list.ts';
import { worldOf } from '../../support/model-world.ts';
import type { World, WorldOptions } from '../../support/model-world.ts';
import { networks } from '../../support/scenario.ts';

const subnet = (name: string, octet: number, spec: string): string => `
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Subnet
metadata: {name: ${name}}
spec: {vpc: core, cidr: 10.${octet}.0.0/24${spec === '' ? '' : `, ${spec}`}}
---`;

const world = (subnets: string, options: WorldOptions = {}): World =>
  worldOf(
    `${networks}
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Vpc
metadata: {name: core}
spec: {externalNetworks: [{name: ext-cloud, address: 100.65.0.101}, {name: ext-public}]}
---${subnets}`,
    options,
  );

const ways = (found: World): Record<string, string> =>
  Object.fromEntries(
    found
      .vpc('core')
      .subnets.map(({ name, egress }) => [
        name,
        egress === undefined ? '' : `${egress.network} ${formatAddressList(egress.addresses)}`,
      ]),
  );

const problems = ({ problems: all }: World): string[] =>
  all.map(({ code, object, path }) => `${code} ${object} ${path}`);

describe('a subnet leaves', () => {
  test('as the Vpc itself, under an address of its own, by another network, or not at all', () => {
    const found = world(
      subnet('a', 1, '') +
        subnet('b', 2, 'egress: {network: ext-cloud}') +
        subnet('c', 3, 'egress: {network: ext-public, address: 168.119.17.60}') +
        subnet('d', 4, 'snat: false'),
    );
    expect(problems(found)).toEqual([]);
    expect(ways(found)).toEqual({
      a: 'ext-cloud 100.65.0.101',
      b: 'ext-cloud 100.65.0.102',
      c: 'ext-public 168.119.17.60',
      d: '',
    });
    expect(found.vpc('core').ledger).toEqual(
      expect.arrayContaining([
        { holder: 'Subnet/b/ext-cloud', kind: 'eip', value: '100.65.0.102' },
        { holder: 'Subnet/c/ext-public', kind: 'eip', value: '168.119.17.60' },
      ]),
    );
  });

  test('under the address that is on record for it', () => {
    const recorded = { 'Subnet/b/ext-cloud': '100.65.0.177' };
    expect(ways(world(subnet('b', 2, 'egress: {network: ext-cloud}'), { recorded }))).toEqual({
      b: 'ext-cloud 100.65.0.177',
    });
  });
});

describe('without any way out, the others as before, is one that', () => {
  test.each([
    ['names a network that its Vpc is not on', '{network: lost}', 'NotFound', 'network'],
    ['asks for an address of the Vpc', '{network: ext-cloud, address: 100.65.0.101}', 'Conflict', 'address'],
    [
      'asks for an address of another network',
      '{network: ext-cloud, address: 10.2.0.9}',
      'OutOfRange',
      'address',
    ],
  ])('%s', (_why, egress, code, field) => {
    const found = world(subnet('a', 1, '') + subnet('b', 2, `egress: ${egress}`));
    expect(problems(found)).toEqual([`${code} Subnet/b spec.egress.${field}`]);
    expect(ways(found)['a']).toBe('ext-cloud 100.65.0.101');
    expect(ways(found)['b']).not.toContain('100.65');
  });

  test('has no family of the network', () => {
    const wide = subnet('b', 2, 'egress: {network: ext-cloud}').replace('10.2.0.0/24', 'fd00::/64');
    const found = world(subnet('a', 1, '') + wide);
    expect(problems(found)).toEqual(['FamilyMismatch Subnet/b spec.egress.network']);
  });
});

test('a mistake leaves the rows that a subnet leaves by, and keeps their address', () => {
  const source = 'Subnet/b';
  const use: AddressUse = { source, address: '100.65.0.102', holder: 'Subnet/b/ext-cloud' };
  const found = world(subnet('a', 1, '') + subnet('b', 2, 'egress: {network: lost}'), {
    recorded: { 'Subnet/b/ext-cloud': '100.65.0.102' },
    observations: { uses: () => [use, { source, address: '100.65.0.101', holder: 'Vpc/core/ext-cloud' }] },
  });
  expect(found.results.get('vpc/core')?.heldSources).toContain(source);
  const held = found.vpc('core').ledger.filter(({ kind }) => kind === 'eip');
  expect(held.map(({ holder, value }) => `${holder} ${value}`).toSorted()).toEqual([
    'Subnet/b/ext-cloud 100.65.0.102',
    'Vpc/core/ext-cloud 100.65.0.101',
    'Vpc/core/ext-public 168.119.17.50',
  ]);
});
