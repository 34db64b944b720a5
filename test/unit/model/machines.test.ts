// Virtual machines: one port and one address from launcher to launcher.
import { describe, expect, test } from 'vitest';
import { compileUnit } from '../../../src/compiler/compile-unit.ts';
import { formatAddress } from '../../../src/net/address.ts';
import { podAnnotations } from '../../../src/status/pod-annotations.ts';
import { schemaFile, worldOf } from '../../support/model-world.ts';
import type { WorldOptions } from '../../support/model-world.ts';
import { fip, instance, machine, networks, project, service } from '../../support/scenario.ts';

const base = networks + project;
interface Launcher {
  readonly node?: string;
  readonly annotations?: string;
  readonly created?: string;
  readonly phase?: string;
  readonly of?: string;
}
const launcher = (
  name: string,
  {
    node = 'node-1',
    annotations = '{}',
    created = '2026-01-01T00:00:00Z',
    phase = 'Running',
    of = 'vm',
  }: Launcher = {},
) => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shalb-demo, creationTimestamp: "${created}", labels: {vm.kubevirt.io/name: ${of}}, annotations: ${annotations}}
spec: {nodeName: ${node}, containers: [{name: main}]}
status: {phase: ${phase}}
---`;
const young = { node: 'node-2', created: '2026-02-01T00:00:00Z' };
const first = 'virt-launcher-vm-aaaaa';
const second = 'virt-launcher-vm-bbbbb';
const told = `{network.kube-dc.com/port: ${first}.shalb-demo, network.kube-dc.com/ip-address: 10.0.10.2}`;

const portsOf = (text: string, options: WorldOptions = {}) =>
  worldOf(base + text, options)
    .vpc('shalb-demo')
    .subnets.flatMap(({ ports }) => ports)
    .map(({ workload, pods, addresses, chassis }) => ({
      port: workload.name,
      pods: pods.map(({ name }) => name),
      addresses: addresses.map(formatAddress),
      chassis,
    }));

describe('a virtual machine', () => {
  test('that moves has one port for both of its pods, which is on both nodes', () => {
    expect(portsOf(launcher(second, young) + launcher(first))).toEqual([
      { port: first, pods: [first, second], addresses: ['10.0.10.2'], chassis: ['node-1', 'node-2'] },
    ]);
  });

  test('keeps port and address when the first pod has finished, by what the second was told', () => {
    const text = launcher(first, { phase: 'Succeeded' }) + launcher(second, { ...young, annotations: told });
    expect(portsOf(text)).toEqual([{ port: first, pods: [second], addresses: ['10.0.10.2'], chassis: [] }]);
  });

  test('keeps its address without being told, by the record', () => {
    const recorded = { 'VirtualMachine/shalb-demo/vm': '10.0.10.77' };
    expect(portsOf(launcher(second, young), { recorded })).toMatchObject([
      { port: second, addresses: ['10.0.10.77'] },
    ]);
    const world = worldOf(base + launcher(second, young), { recorded });
    expect(world.vpc('shalb-demo').ledger).toContainEqual({
      holder: 'VirtualMachine/shalb-demo/vm',
      kind: 'port',
      value: '10.0.10.77',
    });
  });

  test('keeps the address that its port alone has on record', () => {
    const recorded = { [`Pod/shalb-demo/${first}`]: '10.0.10.77' };
    expect(portsOf(launcher(first), { recorded })).toMatchObject([{ addresses: ['10.0.10.77'] }]);
  });

  test.each([
    'nginx-0.shalb-demo',
    'virt-launcher-other-aaaaa.shalb-demo',
    'virt-launcher-vm-x-aaaaa.shalb-demo',
    `${first}.elsewhere`,
    'nonsense',
  ])('cannot take the port %s, which is none of its own', (port) => {
    expect(portsOf(launcher(second, { annotations: `{network.kube-dc.com/port: ${port}}` }))).toMatchObject([
      { port: second },
    ]);
  });

  test('of the same name in a pod that is none leaves the pod its own port', () => {
    const plain = launcher(second, { annotations: told }).replace('vm.kubevirt.io/name: vm', 'app: x');
    expect(portsOf(plain)).toMatchObject([{ port: second }]);
  });

  describe('with a name that is too long for a label and for the name of a pod', () => {
    const name = 'a-machine-of-the-accounting-department-that-runs-the-yearly-report-and-nothing-else';
    // As Kubernetes makes a name from `generateName`, without the dash before what it adds.
    const podName = (suffix: string) => `${`virt-launcher-${name}-`.slice(0, 58)}${suffix}`;
    const called = (more = '') =>
      `{kubevirt.io/domain: ${name}, network.kube-dc.com/port: ${podName('aaaaa')}.shalb-demo${more}}`;
    const of = name.slice(0, 63);
    const holder = `VirtualMachine/shalb-demo/${name}`;

    test('keeps its port and is found by vmTarget', () => {
      const pod = launcher(podName('bbbbb'), { of, annotations: called(), ...young });
      expect(portsOf(pod)).toMatchObject([{ port: podName('aaaaa'), pods: [podName('bbbbb')] }]);
      const world = worldOf(base + pod + fip('f', `{vmTarget: {vmName: ${name}}}`));
      expect(world.vpc('shalb-demo').floatingIps).toMatchObject([{ targetInterface: { name: 'default' } }]);
    });

    test('is followed where KubeVirt says that it runs', () => {
      const pods =
        launcher(podName('aaaaa'), { of, annotations: called() }) +
        launcher(podName('bbbbb'), { of, annotations: called(), ...young });
      const state = `{completed: true, sourcePod: ${podName('aaaaa')}, targetPod: ${podName('bbbbb')}}`;
      const moved = instance(name, `{nodeName: node-2, migrationState: ${state}}`);
      expect(portsOf(pods + moved)).toMatchObject([{ chassis: ['node-2'] }]);
    });

    test('keeps its address when its pod is rejected, and when it is stopped', () => {
      const recorded = { [holder]: '10.0.10.77' };
      const broken = launcher(podName('aaaaa'), {
        of,
        annotations: called(', network.kube-dc.com/mac-address: nonsense'),
      });
      for (const text of [broken + machine(name), machine(name)])
        expect(worldOf(base + text, { recorded }).vpc('shalb-demo').ledger).toContainEqual({
          holder,
          kind: 'port',
          value: '10.0.10.77',
        });
    });

    test('has no name in DNS, and does no harm to the names of others', () => {
      const pods = launcher(podName('aaaaa'), { of, annotations: called() }) + launcher(first);
      expect([
        ...worldOf(base + pods)
          .vpc('shalb-demo')
          .names.keys(),
      ]).toEqual(['vm.shalb-demo.vm.cluster.local']);
    });
  });

  test('whose guest has another hostname is called by its own name', () => {
    const pod = launcher(first, { of: 'web', annotations: '{kubevirt.io/domain: vm}' });
    const vpc = worldOf(base + pod + machine('vm')).vpc('shalb-demo');
    expect(vpc.ledger).toContainEqual({
      holder: 'VirtualMachine/shalb-demo/vm',
      kind: 'port',
      value: '10.0.10.2',
    });
    expect([...vpc.names.keys()]).toEqual(['vm.shalb-demo.vm.cluster.local']);
    expect(vpc.subnets[0]?.ports[0]?.hostname).toBe('web');
  });

  test('whose pod is rejected keeps its address', () => {
    const recorded = {
      'VirtualMachine/shalb-demo/vm': '10.0.10.2',
      [`Pod/shalb-demo/${first}`]: '10.0.10.2',
    };
    const broken = launcher(first, { annotations: '{network.kube-dc.com/mac-address: nonsense}' });
    const world = worldOf(base + broken + launcher('virt-launcher-new-aaaaa', { of: 'new' }), {
      recorded,
    });
    expect(world.vpc('shalb-demo').ledger).toContainEqual({
      holder: 'VirtualMachine/shalb-demo/vm',
      kind: 'port',
      value: '10.0.10.2',
    });
    const addresses = world
      .vpc('shalb-demo')
      .subnets[0]?.ports.flatMap((port) => port.addresses.map(formatAddress));
    expect(addresses).toEqual(['10.0.10.3']);
    expect(world.problems.filter(({ code }) => code !== 'Invalid')).toEqual([]);
  });

  test('one of whose pods is rejected goes on with the other', () => {
    const recorded = { 'VirtualMachine/shalb-demo/vm': '10.0.10.2' };
    const broken = launcher(first, { annotations: '{network.kube-dc.com/mac-address: nonsense}' });
    const world = worldOf(base + broken + launcher(second, young), { recorded });
    const lines = world.vpc('shalb-demo').ledger.filter(({ kind }) => kind === 'port');
    expect(lines).toHaveLength(1);
    expect(world.problems.filter(({ code }) => code !== 'Invalid')).toEqual([]);
  });

  const recordedOf = (text: string, recorded = '10.0.10.77', more: Readonly<Record<string, string>> = {}) => {
    const world = worldOf(base + text, {
      recorded: { 'VirtualMachine/shalb-demo/vm': recorded, ...more },
    });
    const lines = world.vpc('shalb-demo').ledger.filter(({ kind }) => kind === 'port');
    return {
      lines: lines.map(({ holder, value }) => `${holder} ${value}`),
      problems: world.problems.map(({ code, object }) => `${code} ${object}`),
    };
  };
  const held = { lines: ['VirtualMachine/shalb-demo/vm 10.0.10.77'], problems: [] };

  test.each([
    ['is stopped', machine('vm'), held],
    ['has ended', instance('vm', '{phase: Succeeded}'), held],
    ['is stopped, its instance still there', machine('vm') + instance('vm'), held],
    ['has a pod that has finished', machine('vm') + launcher(first, { phase: 'Succeeded' }), held],
    ['runs', machine('vm') + instance('vm') + launcher(first), held],
    ['is deleted', machine('other'), { lines: [], problems: [] }],
  ])('that %s holds what it has on record, once', (_, text, expected) => {
    expect(recordedOf(text)).toEqual(expected);
  });

  test('that is stopped gets no address that it has not had, nor one that is of no subnet any more', () => {
    expect(recordedOf(machine('vm'), '10.9.9.9')).toEqual({ lines: [], problems: [] });
    expect(recordedOf(machine('other'))).toEqual({ lines: [], problems: [] });
  });

  test('that is stopped and rejected holds it, too', () => {
    const broken = machine('vm').replace('runStrategy', 'x').replace('name: vm', 'name: vm, labels: 7');
    expect(recordedOf(broken)).toMatchObject({
      lines: held.lines,
      problems: ['Invalid VirtualMachine/shalb-demo/vm'],
    });
  });

  test('whose pod is rejected holds it once, stopped or not', () => {
    const broken = launcher(first, { annotations: '{network.kube-dc.com/mac-address: nonsense}' });
    expect(recordedOf(machine('vm') + broken).lines).toEqual(held.lines);
  });

  test('that moves backs a Service once, and its floating IP stays', () => {
    const text =
      launcher(first) +
      launcher(second, young) +
      service(
        'ssh',
        '{service.nlb.kube-dc.com/bind-on-default-gw-eip: "true"}',
        'selector: {vm.kubevirt.io/name: vm}, ports: [{port: 22}]',
      ) +
      fip('f', '{vmTarget: {vmName: vm}}');
    const vpc = worldOf(base + text).vpc('shalb-demo');
    expect(vpc.loadBalancers[0]?.vips[0]?.backends.map(({ address }) => formatAddress(address))).toEqual([
      '10.0.10.2',
    ]);
    expect(vpc.floatingIps.map(({ internal }) => formatAddress(internal))).toEqual(['10.0.10.2']);
  });

  test('that moves is plugged in on both sides under one name', () => {
    const result = worldOf(base + launcher(first) + launcher(second, young)).results.get('vpc/shalb-demo');
    const outcome = {
      unit: 'vpc/shalb-demo',
      result,
      problems: [],
      isCommitted: true,
      revision: 1,
      pending: new Set<string>(),
      failure: undefined,
    };
    expect(
      podAnnotations(outcome, 1400).map(({ name, annotations }) => [
        name,
        annotations['network.kube-dc.com/port'],
        annotations['network.kube-dc.com/ip-address'],
      ]),
    ).toEqual([
      [first, `${first}.shalb-demo`, '10.0.10.2'],
      [second, `${first}.shalb-demo`, '10.0.10.2'],
    ]);
  });

  const moved = instance(
    'vm',
    `{nodeName: node-2, migrationState: {targetNode: node-2, targetPod: ${second}, completed: true}}`,
  );
  test.each([
    [{ major: 22, minor: 3 }, '', undefined, undefined],
    [{ major: 23, minor: 3 }, '', 'node-1,node-2', 'rarp'],
    [{ major: 22, minor: 3 }, moved, 'node-2', undefined],
    [{ major: 23, minor: 3 }, moved, 'node-2', undefined],
  ])('is bound as northd %o knows how, %s', (release, status, chassis, activation) => {
    const model = worldOf(base + launcher(first) + launcher(second, young) + status).vpc('shalb-demo');
    const capabilities = {
      ...schemaFile('ovn-nb-7.0.0.ovsschema'),
      northdAtLeast: (major: number, minor: number) =>
        release.major > major || (release.major === major && release.minor >= minor),
    };
    const { rows } = compileUnit(model, { owner: 'default', capabilities });
    const port = rows.find(({ columns }) => columns['name'] === `${first}.shalb-demo`);
    const options = port?.columns['options'] as Readonly<Record<string, string>>;
    expect(options['requested-chassis']).toBe(chassis);
    expect(options['activation-strategy']).toBe(activation);
  });
});
