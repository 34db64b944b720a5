// The standard Kubernetes condition (metav1.Condition), as it stands in the status of our kinds.
import { Type, type Static } from 'typebox';
import { word, type Immutable } from './schema.ts';

export const conditionSchema = Type.Object({
  type: Type.String(),
  status: word(['True', 'False', 'Unknown']),
  reason: Type.String(),
  message: Type.String(),
  lastTransitionTime: Type.String({ format: 'date-time' }),
  observedGeneration: Type.Optional(Type.Integer({ minimum: 0, format: 'int64' })),
});

/** Example: `{type: 'Programmed', status: 'True', reason: 'Committed', message: '', lastTransitionTime: …}`. */
export type Condition = Immutable<Static<typeof conditionSchema>>;

/** The list of conditions in a status; a map by `type` for server-side apply. */
export const conditionsSchema = () =>
  Type.Array(conditionSchema, {
    default: [],
    description: 'The latest observations of the state of this object.',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  });
