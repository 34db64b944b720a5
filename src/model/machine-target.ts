// Which address the virtual machine that a FIp names has: by what KubeVirt says of it, else by the pod that runs it.
import { label, machineAnnotation, machineOf } from '../api/annotations.ts';
import { objectKey } from '../api/api-object.ts';
import type { FIp } from '../api/fip.ts';
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { formatAddress, sameAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import { families, ofFamily } from '../net/family-list.ts';
import { chooseInterface, interfaceNames, machineInterfaces } from './machine-interfaces.ts';
import type { MachineInterface } from './machine-interfaces.ts';
import type { TargetInterface } from './network-model.ts';
import { machineInstance } from './port-seats.ts';
import { underlayOfPod } from './underlay-targets.ts';
import type { UnitRun } from './unit-run.ts';
import type { SubnetSeed } from './vpc-root.ts';
import { whyNoTarget } from './written-target.ts';
import type { Workload } from './workloads.ts';

export type VmTarget = NonNullable<FIp['spec']['vmTarget']>;

export interface MachineTarget {
  /** At most one per family, IPv4 first; at least one. */
  readonly addresses: readonly Address[];
  readonly interface: TargetInterface;
}

/** What a machine is called that tells nothing of its interfaces. */
const defaultInterface = 'default';

/**
 * The target, or undefined with a problem that says why there is none. A machine that KubeVirt does not tell of, or that
 * does not run, is known by the pod that runs it, which carries its name in a label.
 */
export function machineTarget(
  fip: FIp,
  target: VmTarget,
  subnets: readonly SubnetSeed[],
  workloads: readonly Workload[],
  run: UnitRun,
): MachineTarget | undefined {
  const { vmName, interfaceName } = target;
  const seat = workloads.findLast(({ pod }) => machineOf(pod) === vmName);
  const instance = runningInstance(fip.metadata.namespace, vmName, run);
  const interfaces = instance === undefined ? [] : machineInterfaces(instance);
  if (interfaces.length === 0)
    return seat === undefined ? notRunning(fip, vmName, run) : ofSeat(seat, target);
  const chosen = chooseInterface(interfaces, interfaceName);
  if (chosen === undefined) return noInterface(fip, target, interfaces, run);
  const port = chosen.isMain ? seat?.port : undefined;
  const usable = usableAddresses(chosen, vmName, subnets, workloads);
  const addresses = families.flatMap((family) => {
    const reported = usable.filter((address) => address.family === family);
    const own = ofFamily(port?.addresses ?? [], family);
    return (own && reported.find((address) => sameAddress(address, own))) ?? reported[0] ?? own ?? [];
  });
  if (addresses.length === 0) return noAddress(fip, vmName, chosen, subnets, run);
  return {
    addresses,
    interface: { name: interfaceName ?? chosen.name, mac: chosen.mac ?? port?.mac },
  };
}

/** Of one that has ended only the shell is left. */
function runningInstance(namespace: string, name: string, run: UnitRun): VirtualMachineInstance | undefined {
  const instance = machineInstance(namespace, name, run.context.inventory);
  const hasEnded = instance?.status.phase === 'Succeeded' || instance?.status.phase === 'Failed';
  return hasEnded ? undefined : instance;
}

function ofSeat({ port }: Workload, { interfaceName }: VmTarget): MachineTarget {
  return {
    addresses: port.addresses,
    interface: { name: interfaceName ?? defaultInterface, mac: port.mac },
  };
}

/** What is in the project, and not another workload's: a guest must not be able to expose its neighbour. */
function usableAddresses(
  { addresses }: MachineInterface,
  vmName: string,
  subnets: readonly SubnetSeed[],
  workloads: readonly Workload[],
): readonly Address[] {
  const others = workloads.filter(({ pod }) => machineOf(pod) !== vmName);
  return addresses.filter(
    (address) =>
      whyNoTarget(address, subnets) === undefined &&
      !others.some(({ port }) => port.addresses.some((other) => sameAddress(other, address))),
  );
}

function noInterface(
  fip: FIp,
  { vmName, interfaceName }: VmTarget,
  interfaces: readonly MachineInterface[],
  run: UnitRun,
): undefined {
  run.report({
    code: 'NotFound',
    object: objectKey(fip),
    path: 'spec.vmTarget.interfaceName',
    message: `virtual machine ${vmName} has no interface ${interfaceName ?? ''}; it has ${interfaceNames(interfaces)}`,
    hint: 'name one of these, or leave interfaceName out for the one in the network of this project',
  });
}

function noAddress(
  fip: FIp,
  vmName: string,
  { name, addresses, isMain }: MachineInterface,
  subnets: readonly SubnetSeed[],
  run: UnitRun,
): undefined {
  if (isMain && reportsUnderlay(fip, vmName, run)) return;
  const object = objectKey(fip);
  const [first] = addresses;
  if (first === undefined) {
    run.report({
      code: 'Pending',
      object,
      path: 'spec.vmTarget.vmName',
      message: `interface ${name} of virtual machine ${vmName} has no address yet`,
      hint: 'it is taken as soon as the VirtualMachineInstance reports one; for some interfaces that needs the guest agent',
    });
    return;
  }
  run.report({
    code: 'OutOfRange',
    object,
    path: 'spec.vmTarget.interfaceName',
    message: `interface ${name} of virtual machine ${vmName} has ${formatAddress(first)}, which ${whyNoTarget(first, subnets) ?? 'is that of another workload'}`,
    hint: 'name the interface that is in the network of this project, or leave interfaceName out',
  });
}

function notRunning(fip: FIp, vmName: string, run: UnitRun): undefined {
  if (reportsUnderlay(fip, vmName, run)) return;
  run.report({
    code: 'Pending',
    object: objectKey(fip),
    path: 'spec.vmTarget.vmName',
    message: `no running pod of virtual machine ${vmName} is known`,
    hint: `start it, or correct the name; a pod is recognised by the label ${label.virtualMachine} and the annotation ${machineAnnotation}`,
  });
}

function reportsUnderlay(fip: FIp, vmName: string, run: UnitRun): boolean {
  const { inventory } = run.context;
  const launcher = inventory
    .inNamespace('Pod', fip.metadata.namespace)
    .find((pod) => machineOf(pod) === vmName);
  const underlay = launcher && underlayOfPod(launcher, inventory);
  if (underlay === undefined) return false;
  run.report({
    code: 'OutOfRange',
    object: objectKey(fip),
    path: 'spec.vmTarget.vmName',
    message: `virtual machine ${vmName} is on ${objectKey(underlay)}, an underlay, where nothing is translated`,
    hint: 'use its own address on that VLAN, or put it on a subnet of this project',
  });
  return true;
}
