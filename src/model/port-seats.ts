// Which pods share one port: the launchers of a virtual machine, of which there are two while it moves.
import { annotation, machineOf } from '../api/annotations.ts';
import { formatObjectKey, objectKey } from '../api/api-object.ts';
import type { Pod } from '../api/pod.ts';
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import type { Inventory } from './inventory.ts';
import type { ObjectName } from './network-model.ts';

/** A place for one port. */
export interface PortSeat {
  /** At least one, the oldest first. */
  readonly pods: readonly [Pod, ...Pod[]];
  /** The pod that the port is named after: the first that had it, which may be gone by now. */
  readonly port: ObjectName;
  /** Who holds the addresses: `Pod/shalb-demo/nginx-0`, `VirtualMachine/shalb-demo/vm`. */
  readonly holder: string;
  /** What KubeVirt says of the virtual machine; undefined: nothing, or it is none. */
  readonly instance: VirtualMachineInstance | undefined;
}

/** A virtual machine keeps its port and its addresses from one of its pods to the next. `pods`: the oldest first. */
export function portSeats(pods: readonly Pod[], inventory: Inventory): readonly PortSeat[] {
  const seats = new Map<string, readonly [Pod, ...Pod[]]>();
  for (const pod of pods) {
    const holder = holderOf(pod);
    const [first, ...others] = seats.get(holder) ?? [pod];
    seats.set(holder, first === pod ? [pod] : [first, ...others, pod]);
  }
  return [...seats].map(([holder, seated]) => ({
    holder,
    pods: seated,
    port: portOf(seated[0]),
    instance: instanceOf(seated[0], inventory),
  }));
}

function instanceOf(pod: Pod, inventory: Inventory): VirtualMachineInstance | undefined {
  const machine = machineOf(pod);
  return machine === undefined ? undefined : machineInstance(pod.metadata.namespace, machine, inventory);
}

/** What KubeVirt says of a virtual machine by that name; undefined: nothing. */
export function machineInstance(
  namespace: string,
  name: string,
  inventory: Inventory,
): VirtualMachineInstance | undefined {
  const object = inventory.get(formatObjectKey('VirtualMachineInstance', namespace, name));
  return object?.kind === 'VirtualMachineInstance' ? object : undefined;
}

function holderOf(pod: Pod): string {
  const machine = machineOf(pod);
  return machine === undefined
    ? objectKey(pod)
    : formatObjectKey('VirtualMachine', pod.metadata.namespace, machine);
}

/** What a launcher was told to plug into stays its port; only the name of a launcher of the same machine is believed. */
function portOf(pod: Pod): ObjectName {
  const { name, namespace, annotations } = pod.metadata;
  const machine = machineOf(pod);
  const told = annotations[annotation.port] ?? '';
  const suffix = `.${namespace}`;
  if (machine === undefined || !told.endsWith(suffix)) return { namespace, name };
  const first = told.slice(0, -suffix.length);
  return { namespace, name: isLauncherOf(machine, first) ? first : name };
}

/**
 * Who holds the addresses of a pod of which only the key is known: its virtual machine, if that `isHolder` and KubeVirt's
 * way to name launchers leads to it, else the pod itself. `machines`: names of all in its namespace, since a long one is
 * not to be read from the name of a launcher.
 */
export function holderOfRejected(
  key: string,
  machines: readonly string[],
  isHolder: (holder: string) => boolean,
): string {
  const [, namespace = '', name = ''] = key.split('/');
  const read = /^virt-launcher-(.+)-[a-z0-9]+$/.exec(name)?.[1];
  const known = machines.filter((machine) => isLauncherOf(machine, name));
  const holders = [...(read === undefined ? [] : [read]), ...known].map((machine) =>
    formatObjectKey('VirtualMachine', namespace, machine),
  );
  return holders.find(isHolder) ?? key;
}

/** Source: Kubernetes, `metadata.generateName`: with the five characters that are added a name has 63 at most. */
const generatedFrom = 58;

/** KubeVirt names them so. */
function isLauncherOf(machine: string, pod: string): boolean {
  const prefix = `virt-launcher-${machine}-`.slice(0, generatedFrom);
  return pod.startsWith(prefix) && /^[a-z0-9]+$/.test(pod.slice(prefix.length));
}
