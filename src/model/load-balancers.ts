// Services of type LoadBalancer: which EIP each is put on, and the VIPs that follow.
import { annotation, boundEIp, requestedNetworkType } from '../api/annotations.ts';
import { objectKey } from '../api/api-object.ts';
import type { ExternalNetwork } from '../api/external-network.ts';
import type { Service } from '../api/service.ts';
import { formatAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import { parsePrefix } from '../net/prefix.ts';
import { backendsOf } from './backends.ts';
import type { EipBook, HeldEip } from './eips.ts';
import type { EipClaim } from './eip-claims.ts';
import { namedEip } from './named-eip.ts';
import type { LoadBalancerModel, LoadBalancerProtocol, VipModel } from './network-model.ts';
import type { UnitRun, WishAuthor } from './unit-run.ts';
import { claimOrder } from './vpc-root.ts';
import type { Workload } from './workloads.ts';

/** `spec.loadBalancerClass` of a Service that is meant for us by name; without a class it is ours, too. */
const ownLoadBalancerClass = 'kube-dc.com/ovn-projector';

/** ovn-nb(5) Load_Balancer:options affinity_timeout. Kubernetes allows up to 86400. */
const maximumAffinitySeconds = 65_535;

export interface ServiceClaim extends EipClaim {
  readonly kind: 'Service';
  readonly service: Service;
}

/**
 * Services of the namespace that are to be reached from outside, each with its EIP. Those that have one made come first,
 * so that others can name it.
 */
export function serviceClaims(namespace: string, eips: EipBook, run: UnitRun): ServiceClaim[] {
  return run.context.inventory
    .inNamespace('Service', namespace)
    .filter(
      ({ spec }) =>
        spec.type === 'LoadBalancer' &&
        (spec.loadBalancerClass ?? ownLoadBalancerClass) === ownLoadBalancerClass,
    )
    .toSorted((a, b) => Number(boundEIp(a) !== undefined) - Number(boundEIp(b) !== undefined))
    .flatMap((service) => {
      const author = { object: objectKey(service), path: addressPath(service) };
      const eip = serviceEip(service, author, eips, run);
      return eip === undefined
        ? []
        : [{ kind: 'Service' as const, service, eip, author, order: claimOrder(2, service) }];
    });
}

/** A load balancer with the external network that it faces. */
export interface ExposedService {
  readonly network: ExternalNetwork;
  readonly model: LoadBalancerModel;
}

/** One load balancer per Service and protocol. Of two Services on one address, protocol and port the older has it. */
export function loadBalancers(
  claims: readonly ServiceClaim[],
  workloads: readonly Workload[],
  run: UnitRun,
): ExposedService[] {
  const taken = new Map<string, string>();
  const byAge = claims.toSorted((a, b) => (a.order < b.order ? -1 : 1));
  return byAge.flatMap((claim) => {
    const vips = vipsOf(claim, workloads, taken, run);
    return [...Map.groupBy(vips, (vip) => vip.protocol)].map(([protocol, group]) => ({
      network: claim.eip.network,
      model: {
        service: { namespace: claim.service.metadata.namespace, name: claim.service.metadata.name },
        source: claim.author.object,
        protocol,
        vips: group.map(({ vip }) => vip),
        affinityTimeoutSeconds: affinityTimeout(claim.service),
        allowedSources: claim.service.spec.loadBalancerSourceRanges.flatMap(
          (text) => parsePrefix(text) ?? [],
        ),
      },
    }));
  });
}

function addressPath(service: Service): string {
  const { annotations } = service.metadata;
  const name = annotations[annotation.bindOnEIp];
  if (name !== undefined && name !== '') return `metadata.annotations[${annotation.bindOnEIp}]`;
  if (boundEIp(service) !== undefined) return `metadata.annotations[${annotation.bindOnDefaultGatewayEIp}]`;
  return `metadata.annotations[${annotation.externalNetworkType}]`;
}

function serviceEip(service: Service, author: WishAuthor, eips: EipBook, run: UnitRun): HeldEip | undefined {
  const name = boundEIp(service);
  if (name === undefined) {
    const type = requestedNetworkType(service) ?? run.context.config.defaultServiceNetworkType;
    return eips.make(`slb-${service.metadata.name}`, type, author, service);
  }
  return namedEip(name, author, eips, run);
}

function vipsOf(
  { service, eip }: ServiceClaim,
  workloads: readonly Workload[],
  taken: Map<string, string>,
  run: UnitRun,
): { readonly protocol: LoadBalancerProtocol; readonly vip: VipModel }[] {
  const { address } = eip;
  if (address === undefined) return [];
  return service.spec.ports.flatMap((port, index) => {
    const protocol = protocols[port.protocol];
    const place = `${formatAddress(address)} ${protocol} ${port.port}`;
    const older = taken.get(place);
    if (older !== undefined) {
      reportTaken(service, index, { address, protocol, port: port.port, eip: eip.holder, older }, run);
      return [];
    }
    taken.set(place, objectKey(service));
    const backends = backendsOf(service, port, run.context.inventory, workloads);
    return [{ protocol, vip: { address, port: port.port, backends } }];
  });
}

const protocols = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' } as const;

function reportTaken(
  service: Service,
  index: number,
  {
    address,
    protocol,
    port,
    eip,
    older,
  }: { address: Address; protocol: string; port: number; eip: string; older: string },
  run: UnitRun,
): void {
  run.report({
    code: 'Conflict',
    object: objectKey(service),
    path: `spec.ports[${index}].port`,
    message: `${protocol} port ${port} of ${eip} (${formatAddress(address)}) is already ${older}`,
    hint: 'use another port, or bind the Service to another EIp',
  });
}

function affinityTimeout({ spec }: Service): number | undefined {
  if (spec.sessionAffinity !== 'ClientIP') return undefined;
  return Math.min(spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800, maximumAffinitySeconds);
}
