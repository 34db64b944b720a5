// The interfaces of a virtual machine, as KubeVirt tells of them, and which of them a name means.
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { parseAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';

export interface MachineInterface {
  /** That of its network in KubeVirt: `vpc_net_0`. */
  readonly name: string;
  /** What the guest calls it, `eth0`; undefined while the guest does not say. */
  readonly guestName: string | undefined;
  readonly mac: string | undefined;
  /** Every address that was reported, in that order; whoever runs in the guest can make it say anything. */
  readonly addresses: readonly Address[];
  /** Whether it is the pod's own interface, and so in the network of the machine's namespace. */
  readonly isMain: boolean;
}

/** In the order of its networks. What only the guest knows of (a bridge of its containers) is left out. */
export function machineInterfaces({ spec, status }: VirtualMachineInstance): readonly MachineInterface[] {
  const named = status.interfaces.flatMap(({ name }) => (name === undefined || name === '' ? [] : [name]));
  const names = [...new Set([...spec.networks.map(({ name }) => name), ...named])];
  const main = spec.networks.find(({ pod, multus }) => pod !== undefined || multus?.default === true);
  return names.map((name) => {
    const found = status.interfaces.find((each) => each.name === name);
    const texts = found === undefined ? [] : [found.ipAddress ?? '', ...found.ipAddresses];
    return {
      name,
      guestName: found?.interfaceName || undefined,
      mac: found?.mac || undefined,
      // With a prefix length, as some guests report them, or without.
      addresses: texts.flatMap((text) => parseAddress(text.split('/', 1)[0] ?? '') ?? []),
      isMain: name === (main?.name ?? names[0]),
    };
  });
}

/** The machine's name for it, else the guest's. While the guest does not name its main interface, a name may mean that. */
export function chooseInterface(
  interfaces: readonly MachineInterface[],
  wanted: string | undefined,
): MachineInterface | undefined {
  const main = interfaces.find(({ isMain }) => isMain);
  if (wanted === undefined) return main;
  return (
    interfaces.find(({ name }) => name === wanted) ??
    interfaces.find(({ guestName }) => guestName === wanted) ??
    (main?.guestName === undefined ? main : undefined)
  );
}

/** `vpc_net_0 (eth0 in the guest), storage` */
export function interfaceNames(interfaces: readonly MachineInterface[]): string {
  return interfaces
    .map(({ name, guestName }) =>
      guestName === undefined || guestName === name ? name : `${name} (${guestName} in the guest)`,
    )
    .join(', ');
}
