// The nodes that objects name of which the chassis counts: those of virtual machines, which are bound where they run.
import { machineOf } from '../api/annotations.ts';
import type { ApiObject } from '../api/api-object.ts';
import { GroupIndex } from './group-index.ts';

/** Group: name of the Node. Member: object that names it → its namespace. */
export class NodesInUse {
  readonly #namespaces = new GroupIndex<string>();

  /** Adds an object (`present`), or takes it out as it was added. */
  put(key: string, object: ApiObject, present: boolean): void {
    for (const node of namedNodes(object))
      this.#namespaces.put(node, key, object.metadata.namespace, present);
  }

  /** Namespaces of machines on a Node, or on their way there. */
  namespacesOn(node: string): ReadonlySet<string> {
    return new Set(this.#namespaces.get(node).values());
  }
}

function namedNodes(object: ApiObject): readonly string[] {
  if (object.kind === 'Pod') return machineOf(object) === undefined ? [] : [object.spec.nodeName ?? ''];
  if (object.kind !== 'VirtualMachineInstance') return [];
  const { nodeName, migrationState } = object.status;
  return [nodeName, migrationState?.sourceNode, migrationState?.targetNode].flatMap((node) => node || []);
}
