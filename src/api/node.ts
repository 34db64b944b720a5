// Node (v1): the addresses of a machine of the platform. They are nobody else's, and tell which chassis it is.
import { Type, type Static } from 'typebox';
import { parseAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import type { KubernetesObject } from './metadata.ts';
import type { Immutable } from './schema.ts';

export const nodeStatusSchema = Type.Object(
  {
    /** `type`: `InternalIP`, `ExternalIP`, `Hostname`, `InternalDNS` or `ExternalDNS`. */
    addresses: Type.Array(Type.Object({ type: Type.String({ default: '' }), address: Type.String() }), {
      default: [],
    }),
  },
  { default: {} },
);

export interface Node extends KubernetesObject<'v1', 'Node'> {
  readonly status: Immutable<Static<typeof nodeStatusSchema>>;
}

/** Every IP address of the node, in its order. */
export function nodeAddresses({ status }: Pick<Node, 'status'>): readonly Address[] {
  return status.addresses.flatMap(({ address }) => parseAddress(address) ?? []);
}
