// Objects of kinds that are not read: which of them are worth a word, and which word.
import type { Problem } from '../base/problem.ts';
import { isKind, kinds } from './kind.ts';
import { nearestWord } from './nearest-word.ts';

/** Kinds of the API group `v1` that stand in any folder of manifests and are nobody's mistake. */
const coreKinds = new Set([
  'ConfigMap',
  'Endpoints',
  'Event',
  'LimitRange',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'PodTemplate',
  'ReplicationController',
  'ResourceQuota',
  'Secret',
  'ServiceAccount',
]);

const kubernetesGroups = new Set(['apps', 'autoscaling', 'batch', 'extensions', 'policy']);

/** A warning about an object of a kind that is not read; nothing for Kubernetes' own kinds. */
export function unknownKind(apiVersion: string, kind: string, object: string): Problem[] {
  if (isOrdinary(apiVersion, kind)) return [];
  return [
    {
      code: 'UnknownKind',
      object,
      path: isKind(kind) ? 'apiVersion' : 'kind',
      message: `${kind} of ${apiVersion} is not read`,
      hint: suggestion(kind),
      severity: 'warning',
    },
  ];
}

function isOrdinary(apiVersion: string, kind: string): boolean {
  if (apiVersion === 'v1') return coreKinds.has(kind);
  const group = apiVersion.split('/')[0] ?? '';
  return kubernetesGroups.has(group) || group.endsWith('.k8s.io');
}

function suggestion(kind: string): string {
  if (isKind(kind)) return `if it is meant for ovn-projector, its apiVersion is ${kinds[kind].apiVersion}`;
  const nearest = nearestWord(kind, Object.keys(kinds));
  if (nearest !== undefined && isKind(nearest))
    return `did you mean ${nearest} of ${kinds[nearest].apiVersion}?`;
  return 'it is left alone; nothing to do if it is meant for somebody else';
}
