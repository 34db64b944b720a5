// What only workloads of a VPC see: ClusterIPs, names and DHCP, beside what the golden case `inside` shows.
import { describe, expect, test } from 'vitest';
import { compileUnit } from '../../../src/compiler/compile-unit.ts';
import type { Config } from '../../../src/config/config.ts';
import { defaultConfig } from '../../../src/config/parse-config.ts';
import { formatAddress } from '../../../src/net/address.ts';
import { schemaFile, worldOf } from '../../support/model-world.ts';
import type { WorldOptions } from '../../support/model-world.ts';
import { networks, pod, project } from '../../support/scenario.ts';

const base = networks + project;
const service = (name: string, spec: string): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shalb-demo}
spec: {selector: {app: nginx}, ports: [{port: 80}], ${spec}}
---`;
const slice = (endpoints: string): string => `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: db-1, namespace: shalb-demo, labels: {kubernetes.io/service-name: db}}
addressType: IPv4
ports: [{port: 80}]
endpoints: ${endpoints}
---`;

function namesOf(text: string, options: WorldOptions = {}): Record<string, string> {
  const { names } = worldOf(base + text, options).vpc('shalb-demo');
  return Object.fromEntries([...names].map(([name, found]) => [name, found.map(formatAddress).join(' ')]));
}

const dns = (change: Partial<Config['dns']>) => ({
  config: { dns: { ...defaultConfig().dns, ...change } },
});

describe('ClusterIPs', () => {
  test('whose Service got a mistake keep their group', () => {
    const world = worldOf(base + service('db', 'clusterIP: 10.101.0.999'));
    const { rows } = compileUnit(world.vpc('shalb-demo'), {
      owner: 'default',
      capabilities: schemaFile('ovn-nb-7.0.0.ovsschema'),
    });
    expect(world.results.get('vpc/shalb-demo')?.heldSources).toContain('Service/shalb-demo/db');
    expect(rows.find(({ table }) => table === 'Load_Balancer_Group')?.columns['load_balancer']).toEqual([]);
  });

  test('of a load balancer that is not ours are balanced all the same', () => {
    const spec = 'type: LoadBalancer, loadBalancerClass: example.org/other, clusterIP: 10.101.0.1';
    const vpc = worldOf(base + pod('a') + service('s', spec)).vpc('shalb-demo');
    expect(vpc.loadBalancers).toEqual([]);
    expect(vpc.clusterIps?.map(({ vips }) => vips[0]?.backends.length)).toEqual([1]);
  });
});

describe('names', () => {
  test('of a headless Service are those of its ready endpoints, each by its hostname', () => {
    const endpoints = `
- {addresses: [10.0.10.9], hostname: db-1}
- {addresses: [10.0.10.8], hostname: db-0}
- {addresses: [10.0.10.7], hostname: db-2, conditions: {ready: false}}
- {addresses: [10.0.10.6], conditions: {ready: true, terminating: true}}
`;
    const headless = service('db', 'clusterIP: None') + slice(endpoints);
    expect(namesOf(headless)).toEqual({
      'db.shalb-demo.svc.cluster.local': '10.0.10.8 10.0.10.9',
      'db-0.db.shalb-demo.svc.cluster.local': '10.0.10.8',
      'db-1.db.shalb-demo.svc.cluster.local': '10.0.10.9',
    });
    const all = service('db', 'clusterIP: None, publishNotReadyAddresses: true') + slice(endpoints);
    expect(namesOf(all)['db.shalb-demo.svc.cluster.local']?.split(' ')).toHaveLength(4);
  });

  test('have at most 15 addresses, which fit into every answer', () => {
    const pods = Array.from({ length: 20 }, (_, index) => pod(`p-${index}`)).join('');
    const found = namesOf(pods + service('db', 'clusterIP: None'))['db.shalb-demo.svc.cluster.local'];
    expect(found?.split(' ')).toHaveLength(15);
  });

  test('of a machine that moves mean its one address, which is that of its older pod', () => {
    const launcher = (name: string, time: string): string =>
      pod(
        name,
        '{vm.kubevirt.io/name: vm}',
        `creationTimestamp: "2026-01-0${time}T00:00:00Z", annotations: {network.kube-dc.com/ip-address: 10.0.10.2${time}}`,
      );
    const moving = launcher('z', '1') + launcher('a', '2');
    expect(namesOf(moving)).toEqual({ 'vm.shalb-demo.vm.cluster.local': '10.0.10.21' });
  });

  test('follow the configured domain, or are not answered at all', () => {
    const one = service('db', 'clusterIP: 10.101.0.1');
    expect(namesOf(one, dns({ domain: 'example.org' }))).toEqual({
      'db.shalb-demo.svc.example.org': '10.101.0.1',
    });
    expect(namesOf(one, dns({ responder: false }))).toEqual({});
  });
});

describe('DHCP', () => {
  const optionsOf = (options: WorldOptions) =>
    worldOf(base, options).rows.find(({ table }) => table === 'DHCP_Options')?.columns['options'];

  test('tells the resolvers of the configuration', () => {
    expect(optionsOf({})).not.toHaveProperty('dns_server');
    expect(optionsOf(dns({ servers: ['192.0.2.1'] }))).toMatchObject({ dns_server: '192.0.2.1' });
    expect(optionsOf(dns({ servers: ['192.0.2.1', '192.0.2.2'] }))).toMatchObject({
      dns_server: '{192.0.2.1, 192.0.2.2}',
    });
    expect(optionsOf(dns({ responder: false }))).not.toHaveProperty('domain_name');
  });

  test('tells the configured lease and MTU', () => {
    const config = { mtu: 1300, dhcp: { leaseSeconds: 60 } };
    expect(optionsOf({ config })).toMatchObject({ mtu: '1300', lease_time: '60' });
  });

  test('calls a workload by a name that a host can have', () => {
    const long = `${'a'.repeat(70)}.b`;
    const ports = worldOf(base + pod(long)).vpc('shalb-demo').subnets[0]?.ports;
    expect(ports?.map(({ hostname }) => hostname)).toEqual(['a'.repeat(63)]);
  });
});
