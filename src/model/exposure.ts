// What of a VPC can be reached from outside, by the router that faces there: floating IPs, load balancers, edges.
import type { ExternalNetwork } from '../api/external-network.ts';
import { formatAddress } from '../net/address.ts';
import { prefixContains } from '../net/prefix.ts';
import type { AddressUse } from './address-answers.ts';
import { edgeNetworks, edgeSeed } from './edges.ts';
import type { EdgeSeed } from './edges.ts';
import { settleClaims } from './eip-claims.ts';
import { eipOutcomes } from './eip-owners.ts';
import { EipBook } from './eips.ts';
import { fipClaims, floatingIps } from './floating-ips.ts';
import type { FipClaim } from './floating-ips.ts';
import { gatewayModel } from './gateways.ts';
import type { HeldEip } from './held-eip.ts';
import { loadBalancers, serviceClaims } from './load-balancers.ts';
import type { ExposedService, ServiceClaim } from './load-balancers.ts';
import type { EdgeModel, FloatingIpModel, LoadBalancerModel, VpcModel } from './network-model.ts';
import { reportNodeConflicts } from './node-conflicts.ts';
import { withoutAmbiguousPorts } from './steering-conflicts.ts';
import type { UnitRun } from './unit-run.ts';
import { subnetFamilies } from './vpc-root.ts';
import type { SubnetSeed, Tenant, VpcRoot } from './vpc-root.ts';
import type { Workload } from './workloads.ts';

/** A subnet with the workloads on it. */
export interface Populated {
  readonly subnet: SubnetSeed;
  readonly workloads: readonly Workload[];
}

/** What a project has outside, by network. */
interface Exposed {
  readonly tenant: Tenant;
  readonly held: readonly HeldEip[];
  /** Holders of EIPs that floating IPs have. */
  readonly exclusive: ReadonlySet<string>;
  readonly services: readonly ExposedService[];
  on(network: ExternalNetwork): {
    readonly floatingIps: readonly FloatingIpModel[];
    readonly loadBalancers: readonly LoadBalancerModel[];
  };
}

/** Every project has its own; EIps, FIps and the outside of Services are for projects alone. */
export function exposure(
  root: VpcRoot,
  places: readonly Populated[],
  uses: readonly AddressUse[],
  run: UnitRun,
): Pick<VpcModel, 'floatingIps' | 'loadBalancers' | 'edges'> {
  const { egress, tenants } = root;
  if (egress === undefined) return { floatingIps: [], loadBalancers: [], edges: [] };
  const all = tenants.map((tenant) => tenantExposure(tenant, places, uses, run));
  const on = (network: ExternalNetwork) => ({
    floatingIps: all.flatMap((each) => each.on(network).floatingIps),
    loadBalancers: all.flatMap((each) => each.on(network).loadBalancers),
  });
  const held = all.flatMap((each) => each.held);
  const edges = edgeNetworks(root, held).flatMap((network): EdgeModel[] => {
    const edge = edgeModel(root, vpcEdge(root, places, network, all, run), run);
    return edge === undefined ? [] : [{ ...edge, ...on(network) }];
  });
  return { ...on(egress.network), edges };
}

/**
 * An edge that the Vpc wants stands on all its subnets; one that is there for the EIPs of projects, on theirs alone. In a
 * Vpc, it has an address of its own: that of a project would go with the project.
 */
function vpcEdge(
  root: VpcRoot,
  places: readonly Populated[],
  network: ExternalNetwork,
  all: readonly Exposed[],
  run: UnitRun,
): EdgeSeed {
  const users = all.filter(({ held }) => held.some((eip) => eip.network === network));
  const subnets = places
    .map(({ subnet }) => subnet)
    .filter(
      ({ name }) =>
        root.attached.has(network.metadata.name) || users.some(({ tenant }) => tenant.subnet.name === name),
    );
  const held = users.flatMap((each) => each.held);
  const isShared = root.tenants.every(({ namespace }) => namespace !== root.name);
  const isExclusive = (holder: string): boolean =>
    isShared || users.some(({ exclusive }) => exclusive.has(holder));
  const exclusive = held.map(({ holder }) => holder).filter(isExclusive);
  return edgeSeed(root, subnets, network, held, new Set(exclusive), run);
}

function tenantExposure(
  tenant: Tenant,
  places: readonly Populated[],
  uses: readonly AddressUse[],
  run: UnitRun,
): Exposed {
  const { namespace, egress } = tenant;
  const own = places.filter(({ subnet }) => subnet.name === tenant.subnet.name);
  const subnets = own.map(({ subnet }) => subnet);
  const workloads = own.flatMap((place) => place.workloads);
  const eips = new EipBook(namespace, egress, subnetFamilies(subnets), uses, run);
  const claims = settleClaims<FipClaim | ServiceClaim>(
    [...serviceClaims(namespace, eips, run), ...fipClaims(namespace, eips, subnets, workloads, run)],
    egress,
    (eip) => eips.keepers(eip),
    run,
  );
  const fips = claims.flatMap((claim) => (claim.kind === 'FIp' ? [claim] : []));
  const exposed = loadBalancers(
    claims.filter((claim) => claim.kind === 'Service'),
    workloads,
    uses,
    run,
  );
  const foreign = places.map(({ subnet }) => subnet).filter(({ name }) => name !== tenant.subnet.name);
  const services = withoutAmbiguousPorts(
    exposed.map((service) => withoutForeign(service, foreign, run)),
    fips,
    run,
  );
  const held = eips.held();
  reportNodeConflicts(held, run);
  run.eips.push(...eipOutcomes(namespace, egress, eips, claims, run));
  return {
    tenant,
    held,
    services,
    exclusive: new Set([
      ...fips.map((claim) => claim.eip.holder),
      ...held.filter(({ name }) => eips.keepers(name).some(isFip)).map(({ holder }) => holder),
    ]),
    on(network) {
      const models = services
        .filter((service) => service.network === network)
        .map((service) => service.model);
      const there = fips.filter((claim) => claim.eip.network === network);
      return {
        floatingIps: there.flatMap((claim) => floatingIps(claim, models, workloads, run)),
        loadBalancers: models,
      };
    },
  };
}

const isFip = (object: string): boolean => object.startsWith('FIp/');

/** A project exposes nobody else's workloads: to a wall, whoever comes from outside is no neighbour. */
function withoutForeign(
  { network, model }: ExposedService,
  foreign: readonly SubnetSeed[],
  run: UnitRun,
): ExposedService {
  if (foreign.length === 0) return { network, model };
  const ownerOf = (address: VipBackend['address']): SubnetSeed | undefined =>
    foreign.find(({ ranges }) => ranges.some(({ prefix }) => prefixContains(prefix, address)));
  const strays = model.vips.flatMap(({ backends }) =>
    backends.filter(({ address }) => ownerOf(address) !== undefined),
  );
  const [stray] = strays;
  if (stray === undefined) return { network, model };
  run.report({
    severity: 'warning',
    code: 'Forbidden',
    object: model.source,
    path: '',
    message: `${formatAddress(stray.address)} is on ${ownerOf(stray.address)?.name ?? ''}, which is not of this project: it is left out`,
    hint: 'serve it by workloads of the project itself',
  });
  const vips = model.vips.map(({ address, port, backends }) => ({
    address,
    port,
    backends: backends.filter((backend) => ownerOf(backend.address) === undefined),
  }));
  return { network, model: { ...model, vips } };
}

type VipBackend = LoadBalancerModel['vips'][number]['backends'][number];

function edgeModel(
  { name, source }: VpcRoot,
  { network, addresses, label, ports }: EdgeSeed,
  run: UnitRun,
): Pick<EdgeModel, 'gateway' | 'label' | 'ports'> | undefined {
  const gateway = gatewayModel(`${name}.${network.metadata.name}`, { network, source, addresses }, run);
  return gateway && { gateway, label, ports };
}
