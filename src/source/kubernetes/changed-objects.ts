// Which objects changed after the loop last looked at them: of those a look says nothing that could be written.
import { platformKinds } from '../../api/platform-policy.ts';
import type { ObjectChange } from '../source.ts';

/** Kinds of which something is written or deleted. */
const written: ReadonlySet<string> = new Set([
  'Project',
  'EIp',
  'FIp',
  'Service',
  'EndpointSlice',
  'ExternalNetwork',
  'Vpc',
  'Subnet',
  ...platformKinds,
]);

export class ChangedObjects {
  readonly #revisions = new Map<string, number>();

  /** `revision`: how many changes the loop has been told of, these included. */
  note(changes: readonly ObjectChange[], revision: number): void {
    for (const { key, object, invalid } of changes) {
      if (object === undefined && invalid !== true) this.#revisions.delete(key);
      else if (written.has(key.slice(0, key.indexOf('/')))) this.#revisions.set(key, revision);
    }
  }

  hasChanged(key: string, revision: number): boolean {
    return (this.#revisions.get(key) ?? 0) > revision;
  }
}
