// The standard Kubernetes condition (metav1.Condition), as it stands in the status of our kinds.
import { Type } from 'typebox';
import { word } from './schema.ts';

const conditionSchema = Type.Object({
  type: Type.String(),
  status: word(['True', 'False', 'Unknown']),
  reason: Type.String(),
  message: Type.String(),
  lastTransitionTime: Type.String({ format: 'date-time' }),
  observedGeneration: Type.Optional(Type.Integer({ minimum: 0, format: 'int64' })),
});

/** The list of conditions in a status, each for example `{type: 'Programmed', status: 'True', reason: 'Committed', …}`; a map by `type` for server-side apply. */
export const conditionsSchema = () =>
  Type.Array(conditionSchema, {
    default: [],
    description: 'The latest observations of the state of this object.',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  });
