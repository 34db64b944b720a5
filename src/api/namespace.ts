// Namespace (v1): read for its labels and for whether it is going away.
import { Type, type Static } from 'typebox';
import type { KubernetesObject } from './metadata.ts';
import type { Immutable } from './schema.ts';

export const namespaceStatusSchema = Type.Object({ phase: Type.Optional(Type.String()) }, { default: {} });

export interface Namespace extends KubernetesObject<'v1', 'Namespace'> {
  readonly status: Immutable<Static<typeof namespaceStatusSchema>>;
}
