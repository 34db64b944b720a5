// EIps that nobody wrote: the one that a project leaves by, and those made for Services and FIps that name none.
import { boundEIp, label, managedBy } from '../api/annotations.ts';
import type { ApiObject } from '../api/api-object.ts';
import { defaultGatewayEIpName } from '../api/eip.ts';
import { isOwnLoadBalancer } from '../api/service.ts';
import type { EipOutcome } from '../model/eip-outcome.ts';
import { companion, isFree } from './companion.ts';
import type { Companion } from './companion.ts';
import { finalizers } from './finalizers.ts';
import type { JsonObject } from './json.ts';
import type { StatusObjects } from './unit-outcome.ts';

/** EIps of the namespace that must be there because of something else. */
export function eipCompanions(
  namespace: string,
  eips: readonly EipOutcome[],
  objects: StatusObjects,
): readonly Companion[] {
  return eips.flatMap((eip) => {
    const name = eip.key.slice(`EIp/${namespace}/`.length);
    const existing = objects.get(eip.key);
    const isDefault = name === defaultGatewayEIpName;
    const maker = isDefault ? undefined : makerOf(name, namespace, eip, objects);
    const type = eip.network && typeOf(eip.network, objects);
    if ((!isDefault && maker === undefined) || type === undefined || !isFree(eip.key, existing)) return [];
    const spec = isDefault ? { childRef: eip.ovnEIpRef } : { externalNetworkType: type };
    return [
      companion({
        kind: 'EIp',
        namespace,
        name,
        labels: { [label.managedBy]: managedBy.projector, [label.externalNetworkType]: type },
        owner: maker,
        // It is made with it: one write less than putting it there afterwards.
        finalizers: [finalizers.EIp],
        // What was written when it was made cannot be changed later.
        rest: { spec: existing?.kind === 'EIp' ? ({ ...existing.spec } satisfies JsonObject) : spec },
      }),
    ];
  });
}

/** The Service or FIp for which an EIp of that name is made. */
function makerOf(
  name: string,
  namespace: string,
  { owners }: EipOutcome,
  objects: StatusObjects,
): ApiObject | undefined {
  const service = objects.get(`Service/${namespace}/${withoutPrefix(name, 'slb-')}`);
  // One that is no LoadBalancer has an address for its route alone, as the model says.
  const isServed = (ref: string): boolean =>
    owners.some(({ type, ownerRef }) => type === 'ServiceLb' && ownerRef === ref);
  if (service?.kind === 'Service' && boundEIp(service) === undefined)
    if (isOwnLoadBalancer(service) || isServed(service.metadata.name)) return service;
  const fip = objects.get(`FIp/${namespace}/${withoutPrefix(name, 'fip-')}`);
  return fip?.kind === 'FIp' && fip.spec.eip === undefined ? fip : undefined;
}

function withoutPrefix(name: string, prefix: string): string {
  return name.startsWith(prefix) ? name.slice(prefix.length) : '';
}

function typeOf(network: string, objects: StatusObjects): string | undefined {
  const found = objects.get(network);
  return found?.kind === 'ExternalNetwork' ? found.spec.type : undefined;
}
