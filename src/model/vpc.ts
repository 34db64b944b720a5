// One VPC: from its Project or Vpc and everything in its namespace to the network that is meant.
import type { ExternalNetwork } from '../api/external-network.ts';
import type { Address } from '../net/address.ts';
import { ofFamily } from '../net/family-list.ts';
import type { AddressUse } from './address-answers.ts';
import { clusterIpBalancers } from './cluster-ips.ts';
import { subnetDhcp } from './dhcp.ts';
import { edgeAddresses, edgeNetworks, edgeSeed } from './edges.ts';
import type { EdgeSeed } from './edges.ts';
import { EipBook } from './eips.ts';
import { settleClaims } from './eip-claims.ts';
import { eipOutcomes } from './eip-owners.ts';
import { fipClaims, floatingIps, targetAddresses } from './floating-ips.ts';
import type { FipClaim } from './floating-ips.ts';
import { gatewayCandidates, orderGatewayChassis } from './gateway-chassis.ts';
import { heldUses } from './held-uses.ts';
import { isolation } from './isolation.ts';
import { loadBalancers, serviceClaims } from './load-balancers.ts';
import type { ServiceClaim } from './load-balancers.ts';
import type { ModelContext, UnitResult } from './model-context.ts';
import { vpcNames } from './names.ts';
import { networkGateways, networkPrefixes } from './network.ts';
import { reportNodeConflicts } from './node-conflicts.ts';
import type { EdgeModel, GatewayModel, GatewayRange, SubnetModel, VpcModel } from './network-model.ts';
import { podsBySubnet } from './placement.ts';
import { policiesOf } from './policies.ts';
import { projectRoot } from './project.ts';
import { withoutAmbiguousPorts } from './steering-conflicts.ts';
import { strandedProblems } from './stranded.ts';
import { subnetRules } from './subnet-rules.ts';
import { UnitRun } from './unit-run.ts';
import { vpcUnit } from './unit.ts';
import { vpcRoot } from './vpc-object.ts';
import { holderOfVpc, subnetFamilies } from './vpc-root.ts';
import type { EgressSeed, SubnetSeed, VpcRoot } from './vpc-root.ts';
import { portsOf, workloadClaims, workloadsOf } from './workloads.ts';
import type { Workload } from './workloads.ts';

/** Models the unit `vpc/{name}`. */
export function modelVpc(name: string, context: ModelContext): UnitResult {
  const run = new UnitRun(context);
  const { holder, conflicts } = holderOfVpc(name, context.inventory);
  // One that was rejected: the network it made stays as it is, whoever else claims the name.
  const isInvalid = context.inventory.invalidRoots(vpcUnit(name)).length > 0;
  const stranded = isInvalid ? [] : strandedProblems(name, holder, context);
  const result = (state: UnitResult['state'], model?: VpcModel): UnitResult => ({
    state,
    model,
    problems: [...conflicts, ...stranded, ...run.problems],
    requests: run.requests,
    heldSources: run.heldSources,
    eips: state === 'model' ? run.eips : [],
  });
  if (isInvalid) return result('blocked');
  if (holder === undefined) return result('absent');
  const root = holder.kind === 'Project' ? projectRoot(holder, run) : vpcRoot(holder, run);
  if (root === undefined) return result('blocked');
  const model = modelRoot(root, run);
  return run.isBlocked ? result('blocked') : result('model', model);
}

function modelRoot(root: VpcRoot, run: UnitRun): VpcModel {
  const subnets = seedSubnets(root, run);
  const pods = podsBySubnet(root, run);
  const namespaces = [...root.homes.keys()];
  const workloads = subnets.map((subnet) =>
    workloadsOf(pods.get(subnet.name) ?? [], namespaces, subnet, run),
  );
  const uses = heldUses(root.name, namespaces, run);
  const exposed = exposure(root, subnets, workloads.flat(), uses, run);
  return {
    kind: 'vpc',
    unit: vpcUnit(root.name),
    name: root.name,
    source: root.source,
    subnets: subnets.map((subnet, index): SubnetModel => {
      const { name, source, ranges, egress } = subnet;
      const ports = portsOf(workloads[index] ?? []);
      const dhcp = subnetDhcp(subnet, namespaces, run);
      return { name, source, ranges, egress, dhcp, ports, rules: subnetRules(subnet, run) };
    }),
    gateway: root.egress && gatewayModel(root.name, root.egress, run),
    staticRoutes: root.staticRoutes,
    policyRoutes: root.policyRoutes,
    ...exposed,
    isolation: root.isolation && isolation(root.isolation, subnets, run),
    ...insideServices(namespaces, subnets, workloads.flat(), uses, run),
    policies: policiesOf(
      {
        unit: vpcUnit(root.name),
        namespaces,
        workloads: workloads.flat(),
        families: subnetFamilies(subnets),
        reports: () => true,
      },
      run,
    ),
    ledger: run.ledger,
  };
}

/** What of the Services only the VPC's own workloads see. */
function insideServices(
  namespaces: readonly string[],
  subnets: readonly SubnetSeed[],
  workloads: readonly Workload[],
  uses: readonly AddressUse[],
  run: UnitRun,
): Pick<VpcModel, 'clusterIps' | 'names'> {
  if (namespaces.length === 0) return { clusterIps: undefined, names: new Map() };
  const clusterIps = clusterIpBalancers(namespaces, subnets, workloads, uses, run);
  return { clusterIps, names: vpcNames(namespaces, clusterIps, workloads, run) };
}

/** Sets addresses apart for the routers to every external network that is not the default one. */
function seedSubnets(
  { name, namespace, homes, egress, attached, subnets }: VpcRoot,
  run: UnitRun,
): SubnetSeed[] {
  if (egress === undefined || (namespace === undefined && attached.size === 0)) {
    return subnets.map((subnet) => ({ ...subnet, edgeAddresses: new Map<string, readonly Address[]>() }));
  }
  const networks = run.context.inventory
    .networks()
    .map((network) => network.metadata.name)
    .filter((network) => network !== egress.network.metadata.name)
    .toSorted();
  const taken =
    networks.length === 0
      ? []
      : [
          ...[...homes.keys()].flatMap((each) => workloadClaims(each, run)),
          ...(namespace === undefined ? [] : targetAddresses(namespace, run)),
        ];
  return subnets.map((subnet) => ({
    ...subnet,
    edgeAddresses: edgeAddresses(name, subnet, networks, taken, run),
  }));
}

/** What of the VPC can be reached from outside, by the router that faces there. */
function exposure(
  root: VpcRoot,
  subnets: readonly SubnetSeed[],
  workloads: readonly Workload[],
  uses: readonly AddressUse[],
  run: UnitRun,
): Pick<VpcModel, 'floatingIps' | 'loadBalancers' | 'edges'> {
  const { namespace, egress } = root;
  if (egress === undefined) return { floatingIps: [], loadBalancers: [], edges: [] };
  if (namespace === undefined)
    return { floatingIps: [], loadBalancers: [], edges: bareEdges(root, subnets, run) };
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
  const services = withoutAmbiguousPorts(exposed, fips, run);
  const on = (network: ExternalNetwork) => {
    const models = services.filter((service) => service.network === network).map((service) => service.model);
    const own = fips.filter((claim) => claim.eip.network === network);
    return {
      floatingIps: own.flatMap((claim) => floatingIps(claim, models, workloads, run)),
      loadBalancers: models,
    };
  };
  const held = eips.held();
  reportNodeConflicts(held, run);
  const exclusive = new Set([
    ...fips.map((claim) => claim.eip.holder),
    ...held.filter(({ name }) => eips.keepers(name).some(isFip)).map(({ holder }) => holder),
  ]);
  run.eips.push(...eipOutcomes(root.name, egress, eips, claims, run));
  const edges = edgeNetworks(root, held).flatMap((network) => {
    const edge = edgeModel(root, edgeSeed(root, subnets, network, held, exclusive, run), run);
    return edge === undefined ? [] : [{ ...edge, ...on(network) }];
  });
  return { ...on(egress.network), edges };
}

const isFip = (object: string): boolean => object.startsWith('FIp/');

/** Edges of a Vpc, which exposes nothing: EIps are a project's. */
function bareEdges(root: VpcRoot, subnets: readonly SubnetSeed[], run: UnitRun): EdgeModel[] {
  return edgeNetworks(root, []).flatMap((network) => {
    const edge = edgeModel(root, edgeSeed(root, subnets, network, [], new Set(), run), run);
    return edge === undefined ? [] : [{ ...edge, floatingIps: [], loadBalancers: [] }];
  });
}

function edgeModel(
  { name, source }: VpcRoot,
  { network, addresses, label, ports }: EdgeSeed,
  run: UnitRun,
): Pick<EdgeModel, 'gateway' | 'label' | 'ports'> | undefined {
  const gateway = gatewayModel(`${name}.${network.metadata.name}`, { network, source, addresses }, run);
  return gateway && { gateway, label, ports };
}

function gatewayModel(
  router: string,
  { network, source, addresses }: EgressSeed,
  run: UnitRun,
): GatewayModel | undefined {
  if (addresses.length === 0) return undefined;
  const { observations } = run.context;
  const { name } = network.metadata;
  const candidates = gatewayCandidates(network.spec.physicalNetwork, observations);
  return {
    network: name,
    source,
    ranges: addresses.flatMap((address) => gatewayRange(address, network)),
    mtuBytes: network.spec.mtu < run.context.config.mtu ? network.spec.mtu : undefined,
    chassis: orderGatewayChassis(router, candidates, observations.gatewayGroup(router, name)),
  };
}

function gatewayRange(address: Address, network: ExternalNetwork): GatewayRange[] {
  const prefix = ofFamily(networkPrefixes(network), address.family);
  const nextHop = ofFamily(networkGateways(network), address.family);
  if (prefix === undefined || nextHop === undefined) return [];
  return [{ address, prefixLength: prefix.length, nextHop }];
}
