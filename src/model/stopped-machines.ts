// Virtual machines that do not run: they are still there, and what they had is theirs when they are started again.
import { machineOf } from '../api/annotations.ts';
import { formatObjectKey } from '../api/api-object.ts';
import type { Inventory } from './inventory.ts';
import { needsPort } from './placement.ts';
import type { UnitRun } from './unit-run.ts';
import { claimOrder } from './vpc-root.ts';

export interface StoppedMachine {
  /** Who holds the addresses: `VirtualMachine/shalb-demo/vm`. */
  readonly holder: string;
  /** Object key of what says that there is such a machine. */
  readonly key: string;
  readonly order: string;
}

const kinds = ['VirtualMachine', 'VirtualMachineInstance'] as const;

/** Of all machines of a namespace that KubeVirt tells of, be their objects rejected; some twice. */
export function machineNames(namespace: string, inventory: Inventory): readonly string[] {
  return kinds.flatMap((kind) => [
    ...inventory.inNamespace(kind, namespace).map(({ metadata: { name } }) => name),
    ...inventory.invalidIn(kind, namespace).map((key) => key.slice(key.lastIndexOf('/') + 1)),
  ]);
}

/** Machines of a namespace without a pod that could have their addresses, be their objects rejected. */
export function stoppedMachines(namespace: string, run: UnitRun): readonly StoppedMachine[] {
  const { inventory } = run.context;
  const pods = inventory.inNamespace('Pod', namespace).filter(needsPort);
  const running = new Set(pods.flatMap((pod) => machineOf(pod) ?? []));
  const found = new Map<string, StoppedMachine>();
  const note = (key: string, name: string, order: string): void => {
    if (running.has(name) || found.has(name)) return;
    found.set(name, { holder: formatObjectKey('VirtualMachine', namespace, name), key, order });
  };
  for (const kind of kinds) {
    for (const machine of inventory.inNamespace(kind, namespace)) {
      const { name } = machine.metadata;
      note(formatObjectKey(kind, namespace, name), name, claimOrder(2, machine));
    }
    for (const key of inventory.invalidIn(kind, namespace))
      note(key, key.slice(key.lastIndexOf('/') + 1), `2  ${key}`);
  }
  return [...found.values()];
}
