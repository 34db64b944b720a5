// Waits until hypervisors have the policies that were written, tenants' and the platform's: before that, an answer proves nothing.
import { expect } from 'vitest';
import { pod } from './lab-objects.ts';
import type { LabObject } from './lab-objects.ts';
import type { LabWorld } from './lab-world.ts';

/** Resolves when exactly these are in force, as far as their names tell. */
export async function policiesInForce(world: LabWorld, policies: readonly LabObject[]): Promise<void> {
  const wanted = policies.map(({ kind, metadata: { namespace, name } }) =>
    namespace === undefined ? `${kind}/${name}` : `${kind}/${namespace}/${name}`,
  );
  const inForce = async (): Promise<string[]> => {
    const text = await world.lab.ovn.nbctl('--bare', '--columns=external_ids', 'list', 'Port_Group');
    const sources = text.match(
      /ovn-projector\/source=(?:NetworkPolicy\/[-\w]+|\w+NetworkPolicy)\/[-\w.]+(?=$| )/gm,
    );
    return [...new Set(sources)].map((mark) => mark.slice(mark.indexOf('=') + 1)).toSorted();
  };
  await expect.poll(inForce).toEqual(wanted.toSorted());
  await world.lab.settled();
}

/**
 * Resolves when all that was written before is in force, whatever it is: when the port of a Pod that is written now is. It
 * is of namespace `shop-a`, and labelled `app: nobody`. `name`: one that is new in the test.
 */
export async function writtenInForce(world: LabWorld, name: string): Promise<void> {
  const passing = pod(`shop-a/${name}`, { labels: { app: 'nobody' } });
  await world.put(passing);
  await expect
    .poll(() => world.lab.ovn.nbctl('find', 'Logical_Switch_Port', `name=${name}.shop-a`))
    .not.toBe('');
  await world.lab.settled();
  await world.remove(passing);
}
