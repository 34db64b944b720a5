// Peerings of Vpcs: what both sides must say, and who is told of what is missing.
import { describe, expect, test } from 'vitest';
import { Inventory } from '../../../src/model/inventory.ts';
import { linkAddresses } from '../../../src/model/peering-link.ts';
import { formatAddress } from '../../../src/net/address.ts';
import { formatPrefix } from '../../../src/net/prefix.ts';
import { decodeYaml, worldOf } from '../../support/model-world.ts';
import type { World, WorldOptions } from '../../support/model-world.ts';
import { networks } from '../../support/scenario.ts';

const vpc = (name: string, octet: number, peerings: string): string => `
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Vpc
metadata: {name: ${name}}
spec: {peerings: [${peerings}]}
---
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Subnet
metadata: {name: ${name}-net}
spec: {vpc: ${name}, cidr: 10.${octet}.0.0/16}
---`;

const entry = (peer: string, local: string, remote: string): string =>
  `{vpc: ${peer}, localPrefixes: [${local}], remotePrefixes: [${remote}]}`;

const there = vpc('bank', 2, entry('shop', '10.2.0.0/24', '10.1.0.0/24'));

const world = (peerings: string, others = there, options: WorldOptions = {}): World =>
  worldOf(`${networks}${vpc('shop', 1, peerings)}${others}`, options);

const problems = ({ problems: all }: World): string[] =>
  all.map(({ code, object, path, message }) => `${code} ${object} ${path}: ${message}`);

const peersOf = (found: World, name: string): string[] =>
  found
    .vpc(name)
    .peerings.map(
      ({ peer, localPrefixes, remotePrefixes }) =>
        `${localPrefixes.map(formatPrefix).join()} ↔ ${remotePrefixes.map(formatPrefix).join()} of ${peer}`,
    );

test('two sides that say the same have a peering, whose ends agree without asking', () => {
  const found = world(entry('bank', '10.1.0.0/24', '10.2.0.0/24'));
  expect(problems(found)).toEqual([]);
  expect(peersOf(found, 'shop')).toEqual(['10.1.0.0/24 ↔ 10.2.0.0/24 of bank']);
  expect(peersOf(found, 'bank')).toEqual(['10.2.0.0/24 ↔ 10.1.0.0/24 of shop']);
  const [shop, bank] = [found.vpc('shop').peerings[0], found.vpc('bank').peerings[0]];
  expect(shop?.own).toEqual(bank?.other);
  expect(shop?.other).toEqual(bank?.own);
});

test('a project that may not be in the other Vpc closes nothing, whatever range it wants there', () => {
  const stranger = `
apiVersion: kube-dc.com/v1
kind: Project
metadata: {namespace: stranger, name: x}
spec: {vpc: bank, cidrBlock: 10.1.0.0/24}
---`;
  const found = world(entry('bank', '10.1.0.0/24', '10.2.0.0/24'), there + stranger);
  expect(problems(found)).toEqual([
    expect.stringContaining(
      'Forbidden Project/stranger/x spec.vpc: Vpc/bank is not open to projects of stranger',
    ),
  ]);
  expect(peersOf(found, 'shop')).toHaveLength(1);
  const guest = found.rows.filter(({ source }) => source === 'Project/stranger/x');
  expect(guest).toEqual([]);
});

test('links are in 169.254.0.0/17, whatever the names', () => {
  for (let index = 0; index < 2000; index++) {
    const { own, other } = linkAddresses(`vpc-${index}`, 'hub');
    expect(formatAddress(own)).toMatch(/^169\.254\.(?:\d|\d\d|1[01]\d|12[0-7])\.\d+$/);
    expect([1n, -1n]).toContain(other.value - own.value);
  }
});

describe('nothing passes, and is said of one who', () => {
  const good = entry('bank', '10.1.0.0/24', '10.2.0.0/24');
  const here = 'Vpc/shop spec.peerings[0]';
  test.each([
    [
      'names no Vpc',
      entry('moon', '10.1.0.0/24', '10.9.0.0/24'),
      '',
      [`Pending ${here}.vpc: there is no Vpc moon`],
    ],
    [
      'is not named back',
      good,
      vpc('bank', 2, ''),
      [`Pending ${here}.vpc: Vpc bank has no peering with Vpc shop`],
    ],
    [
      'says something else',
      entry('bank', '10.1.0.0/25', '10.2.0.0/24'),
      there,
      [
        'Conflict Vpc/bank spec.peerings[0].remotePrefixes: [10.1.0.0/24] here, and [10.1.0.0/25] in localPrefixes of Vpc shop',
        `Conflict ${here}.localPrefixes: [10.1.0.0/25] here, and [10.1.0.0/24] in remotePrefixes of Vpc bank`,
      ],
    ],
    [
      'reaches for what the other one does not have',
      entry('bank', '10.1.0.0/24', '10.9.0.0/24'),
      vpc('bank', 2, entry('shop', '10.9.0.0/24', '10.1.0.0/24')),
      [
        'OutOfRange Vpc/bank spec.peerings[0].localPrefixes: 10.9.0.0/24 is within no subnet of it (10.2.0.0/16)',
        `Pending ${here}.vpc: Vpc bank cannot carry it out: 10.9.0.0/24 is within no subnet of it (10.2.0.0/16)`,
      ],
    ],
    [
      'lets what is not its own be reached',
      entry('bank', '10.2.0.0/24', '10.3.0.0/24'),
      '',
      [`OutOfRange ${here}.localPrefixes: 10.2.0.0/24 is within no subnet of it (10.1.0.0/16)`],
    ],
    [
      'reaches for a range of its own',
      entry('bank', '10.1.0.0/24', '10.1.4.0/24'),
      '',
      [`Overlap ${here}.remotePrefixes: 10.1.4.0/24 overlaps 10.1.0.0/16 of Subnet/shop-net`],
    ],
    [
      'reaches for an external network',
      entry('bank', '10.1.0.0/24', '100.65.3.0/24'),
      '',
      [`Overlap ${here}.remotePrefixes: 100.65.3.0/24 overlaps 100.65.0.0/16 of ExternalNetwork/ext-cloud`],
    ],
    [
      'has no family in common',
      entry('bank', '10.1.0.0/24', '"fd00:2::/64"'),
      '',
      [`FamilyMismatch ${here}.remotePrefixes: localPrefixes and remotePrefixes have no family in common`],
    ],
    [
      'is himself',
      entry('shop', '10.1.0.0/24', '10.2.0.0/24'),
      '',
      [`Invalid ${here}.vpc: it is the Vpc itself`],
    ],
  ])('%s', (_who, peerings, others, expected) => {
    const found = world(peerings, others);
    expect(problems(found)).toEqual(expected);
    expect(found.vpc('shop').peerings).toEqual([]);
  });

  test('reaches by two peerings for one range: the second', () => {
    const two = [good, entry('depot', '10.1.0.0/24', '10.2.0.128/25')].join(', ');
    const found = world(two, there + vpc('depot', 3, entry('shop', '10.3.0.0/24', '10.1.0.0/24')));
    expect(problems(found)).toContainEqual(
      'Overlap Vpc/shop spec.peerings[1].remotePrefixes: 10.2.0.128/25 overlaps 10.2.0.0/24 of the peering with Vpc/bank',
    );
    expect(peersOf(found, 'shop')).toEqual(['10.1.0.0/24 ↔ 10.2.0.0/24 of bank']);
  });
});

test('a range of the management VPC is reached by its peers alone', () => {
  const config = { managementVpc: 'bank' };
  expect(problems(world(entry('bank', '10.1.0.0/24', '10.2.0.0/24'), there, { config }))).toEqual([]);
  expect(problems(world(entry('moon', '10.1.0.0/24', '10.2.0.0/24'), there, { config }))[1]).toContain(
    '10.2.0.0/24 overlaps 10.2.0.0/16 of Subnet/bank-net',
  );
});

test('what stands stays while this side has a mistake, or the other one is rejected', () => {
  const wrong = world(entry('bank', '10.9.0.0/24', '10.2.0.0/24'));
  expect(wrong.results.get('vpc/shop')?.heldSources).toContain('Vpc/bank');
  const rejected = there.replace('10.2.0.0/24', 'nonsense');
  const found = world(entry('bank', '10.1.0.0/24', '10.2.0.0/24'), rejected);
  expect(problems(found)).toContain('Pending Vpc/shop spec.peerings[0].vpc: Vpc bank is rejected');
  expect(found.results.get('vpc/shop')?.heldSources).toContain('Vpc/bank');
});

test('a change of one side has the other one looked at again, and nobody else', () => {
  const inventory = new Inventory();
  const text = `${vpc('shop', 1, entry('bank', '10.1.0.0/24', '10.2.0.0/24'))}${there}${vpc('depot', 3, '')}`;
  inventory.apply(decodeYaml(text).changes);
  expect([...inventory.apply([{ key: 'Vpc/bank', object: undefined }])].toSorted()).toEqual([
    'vpc/bank',
    'vpc/shop',
  ]);
});
