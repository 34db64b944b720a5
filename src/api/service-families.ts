// Which families a Service of type LoadBalancer is to have outside: `spec.ipFamilies` is about addresses in the cluster.
import { annotation, requestedFamilies } from './annotations.ts';
import { annotationPath } from './finding.ts';
import type { Service, ServiceSpec } from './service.ts';
import type { Family } from '../net/address.ts';
import { families } from '../net/family-list.ts';

/** What a Service says of its families. */
export interface OutsideFamilies {
  /** IPv4 first; undefined: it does not say, so all that its EIp has. */
  readonly wanted: readonly Family[] | undefined;
  /** Where it is written. */
  readonly path: string;
}

const unsaid: OutsideFamilies = { wanted: undefined, path: 'spec.ipFamilies' };

/**
 * The annotation `ip-families`, else both for `RequireDualStack`, else all that there are for `PreferDualStack`, else
 * `ipFamilies`, unless the API server wrote it: one that knows one family only writes it into every Service.
 * @param serverFamily {@link primaryFamily}; undefined: the objects are of no API server
 */
export function outsideFamilies(
  { metadata, spec }: Pick<Service, 'metadata' | 'spec'>,
  serverFamily: Family | undefined,
): OutsideFamilies {
  const asked = requestedFamilies({ metadata });
  if (asked !== undefined) return { wanted: asked, path: annotationPath(annotation.ipFamilies) };
  const { path } = unsaid;
  if (spec.ipFamilyPolicy === 'RequireDualStack') return { wanted: families, path };
  const written = families.filter((family) => spec.ipFamilies.includes(`IPv${family}`));
  const isSaid =
    spec.ipFamilyPolicy !== 'PreferDualStack' && !isDefault(written, metadata, spec, serverFamily);
  return isSaid && written.length > 0 ? { wanted: written, path } : unsaid;
}

/** What an API server may have written by itself. One whose own Service is away for a moment takes no address away. */
function isDefault(
  written: readonly Family[],
  { uid }: Service['metadata'],
  { ipFamilyPolicy }: ServiceSpec,
  serverFamily: Family | undefined,
): boolean {
  if (written.length !== 1 || ipFamilyPolicy !== 'SingleStack') return false;
  return serverFamily === undefined ? uid !== undefined : written[0] === serverFamily;
}

/** Key of the Service of the API server itself, which has the family that is written into Services that name none. */
export const apiServerService = 'Service/default/kubernetes';

/** Family of the first ClusterIP range of an API server, from its own Service. Source: Kubernetes, IPv4/IPv6 dual-stack. */
export function primaryFamily({ ipFamilies }: Pick<ServiceSpec, 'ipFamilies'>): Family | undefined {
  return families.find((family) => ipFamilies[0] === `IPv${family}`);
}
