// What is kept of an object that the API server sent: as little as possible, there are many Pods.
import { isObject, metadataOf, type RawObject } from './raw-object.ts';
import { machineAnnotation } from '../../api/annotations.ts';
import { isForeignKind } from '../../gateway/foreign-kind.ts';
import type { ListedResource } from './resources.ts';

/**
 * The object with its apiVersion and kind (items of a list have none), without the annotations of others and without
 * `managedFields`; undefined for a Pod that has no port: on the host's network, or finished. What else is not used
 * `decodeObject` leaves out.
 */
export function trim({ apiVersion, kind }: ListedResource, raw: RawObject): RawObject | undefined {
  // Decoded at once, and not kept; of a Gateway its managed fields count.
  if (isForeignKind(kind)) return { ...raw, apiVersion, kind };
  if (kind === 'Pod' && !hasPort(raw)) return undefined;
  const { managedFields: _, annotations, ...metadata } = metadataOf(raw);
  return { ...raw, apiVersion, kind, metadata: { ...metadata, annotations: oursOf(annotations) } };
}

function hasPort({ spec, status }: RawObject): boolean {
  if (isObject(spec) && spec['hostNetwork'] === true) return false;
  const phase = isObject(status) ? status['phase'] : undefined;
  return phase !== 'Succeeded' && phase !== 'Failed';
}

/** Annotations that are read; among the others is `last-applied-configuration`, as large as the object. */
function oursOf(annotations: unknown): RawObject {
  if (!isObject(annotations)) return {};
  return Object.fromEntries(
    Object.entries(annotations).filter(
      ([key]) => key === machineAnnotation || key.split('/')[0]?.endsWith('kube-dc.com'),
    ),
  );
}
