// Services of type LoadBalancer: which EIP each is put on, and the VIPs that follow.
import { annotation, boundEIp, requestedNetworkType } from '../api/annotations.ts';
import { needsRouteAddress, routedPort } from '../api/exposure.ts';
import { objectKey } from '../api/api-object.ts';
import type { ExternalNetwork } from '../api/external-network.ts';
import { isOwnLoadBalancer } from '../api/service.ts';
import type { Service } from '../api/service.ts';
import { apiServerService, outsideFamilies, primaryFamily } from '../api/service-families.ts';
import type { OutsideFamilies } from '../api/service-families.ts';
import { formatAddress } from '../net/address.ts';
import { families, ofFamily } from '../net/family-list.ts';
import { parsePrefix } from '../net/prefix.ts';
import { familyMissing } from './eip-families.ts';
import type { EipBook } from './eips.ts';
import type { HeldEip } from './held-eip.ts';
import type { EipClaim } from './eip-claims.ts';
import type { AddressUse } from './address-answers.ts';
import { heldPorts } from './held-uses.ts';
import { madeEip } from './made-eip.ts';
import { namedEip } from './named-eip.ts';
import type { LoadBalancerModel } from './network-model.ts';
import { serviceBalancers } from './service-balancers.ts';
import type { ServicePlace } from './service-balancers.ts';
import type { UnitRun, WishAuthor } from './unit-run.ts';
import { claimOrder } from './vpc-root.ts';
import type { Workload } from './workloads.ts';

export interface ServiceClaim extends EipClaim {
  readonly kind: 'Service';
  readonly service: Service;
}

/**
 * Services of the namespace that are to be reached from outside, or by a Gateway in another VPC, each with its EIP.
 * Those that have one made come first, so that others can name it.
 */
export function serviceClaims(namespace: string, eips: EipBook, run: UnitRun): ServiceClaim[] {
  return run.context.inventory
    .inNamespace('Service', namespace)
    .flatMap((service) => exposedPart(service, namespace, run) ?? [])
    .toSorted((a, b) => Number(boundEIp(a) !== undefined) - Number(boundEIp(b) !== undefined))
    .flatMap((service) => {
      const author = { object: objectKey(service), path: addressPath(service) };
      const eip = serviceEip(service, author, eips, run);
      if (eip === undefined) return [];
      reportMissing(service, eip, run);
      return [{ kind: 'Service' as const, service, eip, author, order: claimOrder(2, service) }];
    });
}

/** The Service with the ports that are reached by its address; of one that is there for a route, only that one. */
function exposedPart(service: Service, vpc: string, { context: { config } }: UnitRun): Service | undefined {
  if (isOwnLoadBalancer(service)) return service;
  const { gateway, managementVpc } = config;
  const port = routedPort(service);
  if (gateway === undefined || port === undefined) return undefined;
  if (!needsRouteAddress(service, vpc, gateway, managementVpc)) return undefined;
  return { ...service, spec: { ...service.spec, ports: [port] } };
}

/** A load balancer with the external network that it faces. */
export interface ExposedService {
  readonly network: ExternalNetwork;
  readonly model: LoadBalancerModel;
}

/**
 * One load balancer per Service and protocol. Of two Services on one address, protocol and port the older has it, and
 * one that is rejected keeps its own (`uses`).
 */
export function loadBalancers(
  claims: readonly ServiceClaim[],
  workloads: readonly Workload[],
  uses: readonly AddressUse[],
  run: UnitRun,
): ExposedService[] {
  const taken = heldPorts(uses);
  const byAge = claims.toSorted((a, b) => (a.order < b.order ? -1 : 1));
  return byAge.flatMap(({ service, eip }) => {
    const { holder, network } = eip;
    const wanted = familiesOf(service, run).wanted ?? families;
    const places = eip.addresses
      .filter(({ family }) => wanted.includes(family))
      .map((address): ServicePlace => ({
        address,
        text: `${holder} (${formatAddress(address)})`,
        path: (index) => `spec.ports[${index}].port`,
        hint: 'use another port, or bind the Service to another EIp',
      }));
    const allowedSources = service.spec.loadBalancerSourceRanges.flatMap((text) => parsePrefix(text) ?? []);
    return serviceBalancers(service, places, taken, workloads, run).map((model) => ({
      network,
      model: { ...model, allowedSources },
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
    const made = {
      name: `slb-${service.metadata.name}`,
      requested: requestedNetworkType(service),
      otherwise: isOwnLoadBalancer(service)
        ? run.context.config.defaultServiceNetworkType
        : run.context.config.gateway?.addressType,
      wanted: familiesOf(service, run).wanted,
    };
    return madeEip(made, author, service, eips, run);
  }
  return namedEip(name, author, eips, run);
}

/** Families that the Service asks for and its EIP lacks. */
function reportMissing(service: Service, eip: HeldEip, run: UnitRun): void {
  const { wanted = [], path } = familiesOf(service, run);
  // What has no address yet, or was refused one, has been said.
  if (eip.addresses.length === 0) return;
  for (const family of wanted.filter((each) => ofFamily(eip.addresses, each) === undefined))
    run.report({ object: objectKey(service), path, ...familyMissing('the Service', family, eip) });
}

function familiesOf(service: Service, run: UnitRun): OutsideFamilies {
  const server = run.context.inventory.get(apiServerService);
  return outsideFamilies(service, server?.kind === 'Service' ? primaryFamily(server.spec) : undefined);
}
