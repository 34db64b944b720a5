// A subnet that leaves by a further external network: where it is translated, and how its packets get there.
import { describe, expect, test } from 'vitest';
import { compileUnit } from '../../../src/compiler/compile-unit.ts';
import type { SubnetModel, VpcModel } from '../../../src/model/network-model.ts';
import { worldOf, schemaFile } from '../../support/model-world.ts';

const text = `
apiVersion: ovn.kube-dc.com/v1alpha1
kind: ExternalNetwork
metadata: { name: cloud }
spec: { type: cloud, cidr: 192.0.2.0/24, gateway: 192.0.2.1, physicalNetwork: ext }
---
apiVersion: ovn.kube-dc.com/v1alpha1
kind: ExternalNetwork
metadata: { name: public }
spec: { type: public, cidr: 198.51.100.0/24, gateway: 198.51.100.1, vlan: 3, physicalNetwork: ext }
---
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Vpc
metadata: { name: shop }
spec: { externalNetworks: [{ name: cloud }, { name: public }] }
---
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Subnet
metadata: { name: web }
spec: { vpc: shop, cidr: 10.0.1.0/24 }
---
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Subnet
metadata: { name: db }
spec: { vpc: shop, cidr: 10.0.2.0/24 }
`;

const address = (value: bigint) => ({ family: 4, value }) as const;

const leavingByPublic = (subnet: SubnetModel): SubnetModel =>
  subnet.name === 'db'
    ? { ...subnet, egress: { network: 'public', addresses: [address(0xc6336463n)] } }
    : subnet;

/** The Vpc with `db` leaving by `public`, where one of its workloads has a floating IP of `cloud`. */
function rowsOf(schema: string): string[] {
  const vpc = worldOf(text, { schema }).vpc('shop');
  const model: VpcModel = {
    ...vpc,
    subnets: vpc.subnets.map(leavingByPublic),
    floatingIps: [
      {
        source: 'FIp/shop/db',
        external: address(0xc0000263n),
        internal: address(0x0a000209n),
        distributed: undefined,
        targetInterface: undefined,
      },
    ],
  };
  const { rows } = compileUnit(model, { owner: 'default', capabilities: schemaFile(schema) });
  return rows
    .filter(({ table }) => ['NAT', 'QoS', 'Logical_Router_Policy'].includes(table))
    .map(({ table, id, columns: { action, nexthops } }) => {
      const mark = typeof action === 'object' ? JSON.stringify(action) : '';
      const hop = Array.isArray(nexthops) ? nexthops.join(' ') : '';
      return `${table} ${id} ${mark}${hop}`
        .replaceAll(/(?<="mark":|(?:mark|label) == )[1-9]\d*/g, 'n')
        .trim();
    });
}

describe('a subnet that leaves by an edge', () => {
  test('is translated there, and gets there by its mark, over its own switch', () => {
    expect(rowsOf('ovn-nb-7.11.0.ovsschema')).toMatchInlineSnapshot(`
      [
        "Logical_Router_Policy shop/30300/ip4.src == 10.0.1.0/24 && pkt.mark == n 10.0.1.254",
        "Logical_Router_Policy shop/30300/ip4.src == 10.0.2.0/24 && pkt.mark == n 10.0.2.254",
        "Logical_Router_Policy shop/30400/ip4.dst == {10.0.1.0/24, 10.0.2.0/24}",
        "Logical_Router_Policy shop/900/ip4.src == 10.0.2.0/24 && pkt.mark == n 10.0.2.254",
        "NAT shop.public/snat/198.51.100.99/10.0.2.0/24",
        "NAT shop/dnat_and_snat/192.0.2.99/10.0.2.9",
        "NAT shop/snat/192.0.2.2/10.0.1.0/24",
        "QoS shop/db/ct.rpl {"mark":0}",
        "QoS shop/db/ct.rpl && ct_label.label == n {"mark":n}",
        "QoS shop/db/inport == "db-shop" {"mark":0}",
        "QoS shop/db/ip4.dst == {10.0.1.0/24, 10.0.2.0/24} {"mark":0}",
        "QoS shop/db/ip4.src == 10.0.2.0/24 {"mark":n}",
        "QoS shop/db/ip4.src == 10.0.2.9 {"mark":0}",
        "QoS shop/web/ct.rpl {"mark":0}",
        "QoS shop/web/ct.rpl && ct_label.label == n {"mark":n}",
        "QoS shop/web/inport == "web-shop" {"mark":0}",
      ]
    `);
  });

  test('is steered by its source where nothing can be marked, but for its floating IPs', () => {
    expect(rowsOf('ovn-nb-7.0.0.ovsschema')).toMatchInlineSnapshot(`
      [
        "Logical_Router_Policy shop/30100/ip4.src == 10.0.2.9",
        "Logical_Router_Policy shop/30400/ip4.dst == {10.0.1.0/24, 10.0.2.0/24}",
        "Logical_Router_Policy shop/900/ip4.src == 10.0.2.0/24 10.0.2.254",
        "NAT shop.public/snat/198.51.100.99/10.0.2.0/24",
        "NAT shop/dnat_and_snat/192.0.2.99/10.0.2.9",
        "NAT shop/snat/192.0.2.2/10.0.1.0/24",
      ]
    `);
  });
});
