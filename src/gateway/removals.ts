// What of ours is to go: routes first, the rest when no listener needs it any more.
import { asArray, asObject, asText } from '../status/json.ts';
import type { ForeignObject } from './foreign-object.ts';
import type { Cluster } from './foreign-objects.ts';
import type { Listener } from './gateway-input.ts';
import { routeKinds } from './routes.ts';

/**
 * `wanted`: by Service, the keys of what it is to have; undefined: what it has stays. A Service that is not there has
 * nothing. While a listener of ours (`standing`) names a Secret, whatever it needs to have it stays.
 */
export function removals(
  wanted: ReadonlyMap<string, ReadonlySet<string> | undefined>,
  standing: readonly Listener[],
  cluster: Cluster,
): readonly ForeignObject[] {
  const secrets = new Set(standing.flatMap(secretsOf));
  return [...cluster.makers()].flatMap((service) => {
    if (wanted.has(service) && wanted.get(service) === undefined) return [];
    const keys = wanted.get(service) ?? new Set<string>();
    const obsolete = cluster.madeFor(service).filter(({ key }) => !keys.has(key));
    const routes = obsolete.filter(({ kind }) => routeKinds.includes(kind));
    const isFree = (object: ForeignObject): boolean =>
      !secrets.has(`${object.namespace}/${secretOf(object)}`);
    const rest = routes.length > 0 ? [] : obsolete.filter(isFree);
    return [...routes, ...rest].filter(({ isEnding }) => !isEnding);
  });
}

/** Name of the Secret that a Certificate makes, or that may be read because of a ReferenceGrant. */
function secretOf({ spec }: ForeignObject): string {
  const [target] = asArray(spec['to']).map(asObject);
  return asText(spec['secretName']) || asText(target?.['name']);
}

function secretsOf(listener: Listener): readonly string[] {
  return asArray(asObject(listener['tls'])['certificateRefs'])
    .map(asObject)
    .map(({ namespace, name }) => `${asText(namespace)}/${asText(name)}`);
}
