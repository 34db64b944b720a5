// A Vpc that goes while somebody uses it: who keeps it, what it says, and when it lets go.
import { describe, expect, test } from 'vitest';
import { worldOf } from '../../support/model-world.ts';
import type { World, WorldOptions } from '../../support/model-world.ts';

const going = 'deletionTimestamp: "2026-03-01T10:00:00Z"';
const peering = (peer: string, local: number, remote: number): string =>
  `{vpc: ${peer}, localPrefixes: [10.${local}.0.0/24], remotePrefixes: [10.${remote}.0.0/24]}`;
const vpc = (name: string, spec = '', metadata = ''): string => `
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Vpc
metadata: {name: ${name}${metadata === '' ? '' : `, ${metadata}`}}
spec: {${spec}}
---`;
const subnet = (name: string, of: string, octet: number): string => `
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Subnet
metadata: {name: ${name}}
spec: {vpc: ${of}, cidr: 10.${octet}.0.0/24}
---`;

const stateOf = (found: World, name: string): string | undefined => found.results.get(`vpc/${name}`)?.state;
const said = ({ problems }: World): string[] =>
  problems.map(({ code, object, message }) => `${code} ${object}: ${message}`);

describe('a Vpc that is about to go', () => {
  test('stays while Subnets are in it, some of which it names', () => {
    const subnets = [1, 2, 3, 4, 5, 6, 7].map((index) => subnet(`s${index}`, 'core', index)).join('');
    const found = worldOf(vpc('core', '', going) + subnets);
    expect(stateOf(found, 'core')).toBe('model');
    expect(found.vpc('core').subnets).toHaveLength(7);
    expect(said(found)).toEqual([
      'Pending Vpc/core: it is about to be deleted, and still used by Subnet/s1, Subnet/s2, Subnet/s3, Subnet/s4, Subnet/s5 and 2 more',
    ]);
  });

  test('stays while another one has a peering with it, and the peering too', () => {
    const shop = vpc('shop', `peerings: [${peering('core', 2, 1)}]`) + subnet('b', 'shop', 2);
    const text = vpc('core', `peerings: [${peering('shop', 1, 2)}]`, going);
    // Its local range is in no Subnet any more; that is said as well.
    const found = worldOf(text + shop);
    expect(stateOf(found, 'core')).toBe('model');
    expect(said(found)).toContain('Pending Vpc/core: it is about to be deleted, and still used by Vpc/shop');
    const both = worldOf(text + shop.replace('name: shop}', `name: shop, ${going}}`));
    expect(stateOf(both, 'core')).toBe('absent');
    expect(said(worldOf(vpc('core', '', going) + shop)).join()).not.toContain('still used');
  });

  test('stays while a Project is in it', () => {
    const project = `
apiVersion: kube-dc.com/v1
kind: Project
metadata: {name: web, namespace: acme}
spec: {vpc: core, cidrBlock: 10.7.0.0/24}
---`;
    const found = worldOf(vpc('core', '', going) + project);
    expect(said(found)).toContain(
      'Pending Vpc/core: it is about to be deleted, and still used by Project/acme/web',
    );
  });

  test('goes when nobody uses it', () => {
    expect(stateOf(worldOf(vpc('core', '', going)), 'core')).toBe('absent');
  });
});

describe('of a Vpc that was removed', () => {
  const options = (isThere: boolean): WorldOptions => ({
    observations: { hasSubnet: () => isThere },
    units: ['vpc/core'],
  });

  test('everything stays while a Subnet that is programmed names it', () => {
    const found = worldOf(subnet('a', 'core', 1), options(true));
    expect(stateOf(found, 'core')).toBe('blocked');
    expect(said(found)).toEqual(['NotFound Subnet/a: there is no Vpc core']);
  });

  test('nothing stays for a Subnet that has nothing', () => {
    expect(stateOf(worldOf(subnet('a', 'core', 1), options(false)), 'core')).toBe('absent');
    expect(stateOf(worldOf('', options(true)), 'core')).toBe('absent');
  });
});
