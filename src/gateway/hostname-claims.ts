// Whose a hostname is: the first Service to claim it keeps it.
import { sortBy } from '../base/order.ts';
import { asArray, asText } from '../status/json.ts';
import type { ForeignObject } from './foreign-object.ts';
import type { Cluster } from './foreign-objects.ts';
import type { RouteRequest } from './route-request.ts';

interface Claim {
  readonly service: string;
  readonly hostname: string;
  /** Earlier first. */
  readonly order: string;
}

/**
 * Hostname → key of the Service that has it. `services`: those that ask for a route, rejected ones included. What a
 * Service had made for a hostname is its claim, as old as the oldest such object; a mere wish comes after all of these.
 */
export function hostnameHolders(
  requests: readonly RouteRequest[],
  services: readonly string[],
  cluster: Cluster,
): ReadonlyMap<string, string> {
  const made = services.flatMap((service) =>
    cluster.madeFor(service).flatMap((object) =>
      hostnamesIn(object).map((hostname): Claim => ({
        service,
        hostname,
        order: `0 ${object.creationTimestamp} ${service}`,
      })),
    ),
  );
  const wished = requests.map(({ key, service, hostname }): Claim => ({
    service: key,
    hostname,
    order: `1 ${service.metadata.creationTimestamp ?? ''} ${key}`,
  }));
  const holders = new Map<string, string>();
  for (const { hostname, service } of sortBy([...made, ...wished], ({ order }) => order))
    if (!holders.has(hostname)) holders.set(hostname, service);
  return holders;
}

function hostnamesIn({ kind, spec }: ForeignObject): readonly string[] {
  const field = {
    Certificate: 'dnsNames',
    HTTPRoute: 'hostnames',
    GRPCRoute: 'hostnames',
    TLSRoute: 'hostnames',
  };
  const names = Object.entries(field).find(([each]) => each === kind)?.[1];
  return names === undefined ? [] : asArray(spec[names]).map(asText);
}
