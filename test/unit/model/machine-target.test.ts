// Which address a FIp's virtual machine has: by its VirtualMachineInstance, its launcher, or nobody.
import { describe, expect, test } from 'vitest';
import { formatAddress } from '../../../src/net/address.ts';
import { worldOf } from '../../support/model-world.ts';
import { fip, instance, launcher, networks, pod, project } from '../../support/scenario.ts';

/** The launcher has 10.0.10.2, the other pod 10.0.10.3. */
const base = networks + project + launcher('aaaaa') + pod('virt-z');
const two =
  '[{name: storage, multus: {networkName: x/y}}, {name: main_0, multus: {default: true, networkName: x/z}}]';

function targetOf(text: string, target = '{vmName: vm}', start = base) {
  const world = worldOf(start + text + fip('f', `{vmTarget: ${target}}`));
  const [nat] = world.vpc('shalb-demo').floatingIps;
  const problems = world.problems.filter(({ object }) => object === 'FIp/shalb-demo/f');
  return {
    address: nat && formatAddress(nat.internal),
    interface: nat?.targetInterface,
    problems: problems.map(({ code, path, message }) => `${code} ${path}: ${message}`),
  };
}
const status = (...interfaces: readonly string[]): string =>
  `{phase: Running, interfaces: [${interfaces.join(', ')}]}`;
const main = '{name: main_0, interfaceName: eth1, ipAddress: 10.0.10.50, mac: "02:00:00:00:00:01"}';
const storage = '{name: storage, interfaceName: eth0, ipAddress: 192.168.7.9}';

describe('the address of a virtual machine', () => {
  test('is its launcher’s while KubeVirt tells nothing', () => {
    expect(targetOf('')).toEqual({
      address: '10.0.10.2',
      interface: { name: 'default', mac: '0a:58:0a:00:0a:02' },
      problems: [],
    });
    expect(targetOf('', '{vmName: vm, interfaceName: eth7}').interface?.name).toBe('eth7');
  });

  test('is its launcher’s until it is reported, under the machine’s name for the interface', () => {
    expect(targetOf(instance('vm', '{phase: Scheduled}'))).toEqual({
      address: '10.0.10.2',
      interface: { name: 'vpc_net_0', mac: '0a:58:0a:00:0a:02' },
      problems: [],
    });
  });

  test('is the one that is reported', () => {
    expect(targetOf(instance('vm', status(storage, main), two))).toEqual({
      address: '10.0.10.50',
      interface: { name: 'main_0', mac: '02:00:00:00:00:01' },
      problems: [],
    });
  });

  test.each([
    ['main_0', '10.0.10.50'],
    ['eth1', '10.0.10.50'],
  ])('of an interface that is named %s', (name, address) => {
    const found = targetOf(
      instance('vm', status(storage, main), two),
      `{vmName: vm, interfaceName: ${name}}`,
    );
    expect(found).toMatchObject({ address, interface: { name }, problems: [] });
  });

  test('of an interface that is not there is none, and those that are there are named', () => {
    const found = targetOf(instance('vm', status(storage, main), two), '{vmName: vm, interfaceName: eth2}');
    expect(found).toMatchObject({
      address: undefined,
      problems: [
        'NotFound spec.vmTarget.interfaceName: virtual machine vm has no interface eth2; it has storage (eth0 in the guest), main_0 (eth1 in the guest)',
      ],
    });
  });

  test('of an interface that the guest may call so, but has not told, is the main one’s', () => {
    const found = targetOf(instance('vm', '{phase: Running}', two), '{vmName: vm, interfaceName: eth1}');
    expect(found).toMatchObject({ address: '10.0.10.2', interface: { name: 'eth1' }, problems: [] });
  });

  test('of an interface that has none yet is awaited', () => {
    const found = targetOf(instance('vm', status(main), two), '{vmName: vm, interfaceName: storage}');
    expect(found).toMatchObject({
      address: undefined,
      problems: ['Pending spec.vmTarget.vmName: interface storage of virtual machine vm has no address yet'],
    });
  });

  test('of an interface outside of the project is refused', () => {
    const found = targetOf(instance('vm', status(storage, main), two), '{vmName: vm, interfaceName: eth0}');
    expect(found).toMatchObject({
      address: undefined,
      problems: [
        'OutOfRange spec.vmTarget.interfaceName: interface storage of virtual machine vm has 192.168.7.9, which is in no subnet of this project',
      ],
    });
  });

  test.each([
    ['another workload’s', '10.0.10.3'],
    ['the gateway', '10.0.10.1'],
    ['elsewhere', '10.0.2.2'],
    ['nonsense', 'x'],
  ])('that a guest reports but cannot have, %s, is not believed', (_, address) => {
    const text = instance('vm', status(`{name: vpc_net_0, ipAddress: ${address}}`));
    expect(targetOf(text)).toMatchObject({ address: '10.0.10.2', problems: [] });
  });

  test('another workload’s is none on a further interface either', () => {
    const text = instance('vm', status(main, '{name: storage, ipAddress: 10.0.10.3}'), two);
    expect(targetOf(text, '{vmName: vm, interfaceName: storage}').problems).toEqual([
      'OutOfRange spec.vmTarget.interfaceName: interface storage of virtual machine vm has 10.0.10.3, which is that of another workload',
    ]);
  });

  test('is the port’s where several are reported, whatever their order, and link-local ones are none', () => {
    const text = instance(
      'vm',
      status('{name: vpc_net_0, ipAddress: 10.0.10.90, ipAddresses: [10.0.10.90, 10.0.10.2/24, "fe80::1"]}'),
    );
    expect(targetOf(text)).toMatchObject({ address: '10.0.10.2', problems: [] });
  });

  test('of a guest’s own bridge is no target', () => {
    const docker = '{interfaceName: docker0, ipAddress: 10.0.10.77, infoSource: guest-agent}';
    expect(targetOf(instance('vm', status(docker, main), two)).address).toBe('10.0.10.50');
    const named = targetOf(instance('vm', status(docker, main), two), '{vmName: vm, interfaceName: docker0}');
    expect(named.problems).toHaveLength(1);
  });

  test.each(['Succeeded', 'Failed'])('that has %s is its launcher’s, if there is one', (phase) => {
    const text = instance('vm', `{phase: ${phase}, interfaces: [${main}]}`);
    expect(targetOf(text).address).toBe('10.0.10.2');
    const without = targetOf(text, undefined, networks + project);
    expect(without).toMatchObject({
      address: undefined,
      problems: ['Pending spec.vmTarget.vmName: no running pod of virtual machine vm is known'],
    });
  });

  test('follows the machine to another address', () => {
    const at = (address: string): string | undefined =>
      targetOf(instance('vm', status(`{name: vpc_net_0, ipAddress: ${address}}`))).address;
    expect([at('10.0.10.60'), at('10.0.10.61')]).toEqual(['10.0.10.60', '10.0.10.61']);
  });
});
