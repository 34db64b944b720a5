// Waits until hypervisors have the NetworkPolicies that were written: before that, an answer proves nothing.
import { expect } from 'vitest';
import type { LabObject } from './lab-objects.ts';
import type { LabWorld } from './lab-world.ts';

/** Resolves when exactly these are in force, as far as their names tell. */
export async function policiesInForce(world: LabWorld, policies: readonly LabObject[]): Promise<void> {
  const wanted = policies.map(({ metadata }) => `NetworkPolicy/${metadata.namespace}/${metadata.name}`);
  const inForce = async (): Promise<string[]> => {
    const text = await world.lab.ovn.nbctl('--bare', '--columns=external_ids', 'list', 'Port_Group');
    return [...new Set(text.match(/NetworkPolicy\/[-\w]+\/[-\w.]+(?=$| )/gm))].toSorted();
  };
  await expect.poll(inForce).toEqual(wanted.toSorted());
  await world.lab.settled();
}
