// The load balancers of one Service on one address: its ports by protocol, each with its backends.
import { objectKey } from '../api/api-object.ts';
import type { Service } from '../api/service.ts';
import { formatAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import { backendsOf } from './backends.ts';
import type { LoadBalancerModel, LoadBalancerProtocol, VipModel } from './network-model.ts';
import type { UnitRun } from './unit-run.ts';
import type { Workload } from './workloads.ts';

/** ovn-nb(5) Load_Balancer:options affinity_timeout. Kubernetes allows up to 86400. */
const maximumAffinitySeconds = 65_535;

const protocols = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' } as const;

/** An address that a Service is on, and what to say when one of its ports there is not free. */
export interface ServicePlace {
  readonly address: Address;
  /** `EIp/shalb-demo/default-gw (100.65.0.102)` */
  readonly text: string;
  /** Field to change, of the port at `index` in the Service's list. */
  path(index: number): string;
  readonly hint: string;
}

/** Who has which address, protocol and port; lives for one run. */
export type TakenPorts = Map<string, string>;

export const portKey = (address: Address, protocol: string, port: number): string =>
  `${formatAddress(address)} ${protocol} ${port}`;

/** One per protocol. A port that is taken already is left out and reported; the others are added to `taken`. */
export function serviceBalancers(
  service: Service,
  places: readonly ServicePlace[],
  taken: TakenPorts,
  workloads: readonly Workload[],
  run: UnitRun,
): LoadBalancerModel[] {
  const { namespace, name } = service.metadata;
  const vips = places.flatMap((place) => vipsOf(service, place, taken, workloads, run));
  return [...Map.groupBy(vips, ({ protocol }) => protocol)].map(([protocol, group]) => ({
    service: { namespace, name },
    source: objectKey(service),
    protocol,
    vips: group.map(({ vip }) => vip),
    affinityTimeoutSeconds: affinityTimeout(service),
    allowedSources: [],
  }));
}

function vipsOf(
  service: Service,
  place: ServicePlace,
  taken: TakenPorts,
  workloads: readonly Workload[],
  run: UnitRun,
): { readonly protocol: LoadBalancerProtocol; readonly vip: VipModel }[] {
  const { address } = place;
  return service.spec.ports.flatMap((port, index) => {
    const protocol = protocols[port.protocol];
    const key = portKey(address, protocol, port.port);
    const older = taken.get(key);
    if (older !== undefined) {
      run.report({
        code: 'Conflict',
        object: objectKey(service),
        path: place.path(index),
        message: `${protocol} port ${port.port} of ${place.text} is already ${older}`,
        hint: place.hint,
      });
      return [];
    }
    taken.set(key, objectKey(service));
    // OVN ignores a VIP with backends of another family as a whole.
    const backends = backendsOf(service, port, run.context.inventory, workloads).filter(
      (backend) => backend.address.family === address.family,
    );
    return [{ protocol, vip: { address, port: port.port, backends } }];
  });
}

function affinityTimeout({ spec }: Service): number | undefined {
  if (spec.sessionAffinity !== 'ClientIP') return undefined;
  return Math.min(spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800, maximumAffinitySeconds);
}
