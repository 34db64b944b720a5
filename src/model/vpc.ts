// One VPC: from its Project or Vpc and everything in its namespace to the network that is meant.
import type { AddressUse } from './address-answers.ts';
import { clusterIpBalancers } from './cluster-ips.ts';
import { subnetDhcp } from './dhcp.ts';
import { edgeAddresses } from './edges.ts';
import { exposure } from './exposure.ts';
import type { Populated } from './exposure.ts';
import { targetAddresses } from './floating-ips.ts';
import { gatewayModel } from './gateways.ts';
import { heldUses } from './held-uses.ts';
import { isolation } from './isolation.ts';
import type { ModelContext, UnitResult } from './model-context.ts';
import { vpcNames } from './names.ts';
import type { SubnetModel, VpcModel } from './network-model.ts';
import { openSubnets, podsBySubnet } from './placement.ts';
import { policiesOf } from './policies.ts';
import { projectRoot } from './project.ts';
import { strandedProblems } from './stranded.ts';
import { subnetRules } from './subnet-rules.ts';
import { UnitRun } from './unit-run.ts';
import { vpcUnit } from './unit.ts';
import { backingNamespace } from '../api/project.ts';
import { isLeaving, leavingProblem } from '../api/vpc-users.ts';
import { vpcRoot } from './vpc-object.ts';
import { holderOfVpc, projectSubnet, subnetFamilies } from './vpc-root.ts';
import type { SubnetSeed, VpcRoot } from './vpc-root.ts';
import { walls } from './walls.ts';
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
  if (holder === undefined) return result(isMissed(name, context) ? 'blocked' : 'absent');
  if (holder.kind === 'Vpc' && isLeaving(holder)) run.report(leavingProblem(holder, context.inventory));
  const root = holder.kind === 'Project' ? projectRoot(holder, run) : vpcRoot(holder, run);
  if (root === undefined) return result('blocked');
  const model = modelRoot(root, run);
  return run.isBlocked ? result('blocked') : result('model', model);
}

/** Whether what a Vpc made before it was removed has Subnets or Projects in it: nothing is taken from their workloads. */
function isMissed(name: string, { inventory, observations }: ModelContext): boolean {
  const subnets = [
    ...inventory.subnetsOf(name).map(({ metadata }) => metadata.name),
    ...inventory
      .projectsIn(name)
      .filter(({ spec }) => spec.vpc === name)
      .map((project) => projectSubnet(backingNamespace(project))),
  ];
  return subnets.some((subnet) => observations.hasSubnet(name, subnet));
}

function modelRoot(root: VpcRoot, run: UnitRun): VpcModel {
  const subnets = seedSubnets(root, run);
  const pods = podsBySubnet(root, run);
  const places = subnets.map((subnet): Populated => {
    const here = namespacesOn(subnet.name, root);
    return { subnet, workloads: workloadsOf(pods.get(subnet.name) ?? [], here, subnet, run) };
  });
  const workloads = places.flatMap((place) => place.workloads);
  const namespaces = [...root.homes.keys()];
  const uses = heldUses(root.name, namespaces, run);
  const exposed = exposure(root, places, uses, run);
  const kept = walls(root, run);
  return {
    kind: 'vpc',
    unit: vpcUnit(root.name),
    name: root.name,
    source: root.source,
    subnets: places.map((place) => subnetModel(place, root, run)),
    gateway: root.egress && gatewayModel(root.name, root.egress, run),
    staticRoutes: root.staticRoutes,
    policyRoutes: root.policyRoutes,
    peerings: root.peerings,
    ...exposed,
    isolations: root.tenants.flatMap((tenant) => isolation(tenant, root.name, run) ?? []),
    walls: kept,
    ...insideServices(namespaces, subnets, workloads, uses, run),
    policies: policiesOf(
      {
        unit: vpcUnit(root.name),
        namespaces,
        workloads,
        families: subnetFamilies(subnets),
        hasRulesBetween: kept.length > 0 || subnets.some(({ written }) => written.acls.length > 0),
        reports: () => true,
      },
      run,
    ),
    ledger: run.ledger,
  };
}

function subnetModel({ subnet, workloads }: Populated, root: VpcRoot, run: UnitRun): SubnetModel {
  const { name, source, ranges, egress } = subnet;
  const dhcp = subnetDhcp(subnet, namespacesOn(name, root), run);
  return { name, source, ranges, egress, dhcp, ports: portsOf(workloads), rules: subnetRules(subnet, run) };
}

/** Whose pods may be on a subnet. */
const namespacesOn = (subnet: string, root: VpcRoot): readonly string[] =>
  [...root.homes.keys()].filter((namespace) => openSubnets(namespace, root).has(subnet));

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

/** Sets addresses apart for the routers to every external network that may come to have one there. */
function seedSubnets(
  { name, homes, egress, attached, subnets, tenants }: VpcRoot,
  run: UnitRun,
): SubnetSeed[] {
  const further = run.context.inventory
    .networks()
    .map((network) => network.metadata.name)
    .filter((network) => egress !== undefined && network !== egress.network.metadata.name)
    .toSorted();
  const networksOf = (subnet: string): readonly string[] =>
    tenants.some((tenant) => tenant.subnet.name === subnet)
      ? further
      : further.filter((each) => attached.has(each));
  const isNeeded = subnets.some((subnet) => networksOf(subnet.name).length > 0);
  const taken = isNeeded
    ? [
        ...[...homes.keys()].flatMap((each) => workloadClaims(each, run)),
        ...tenants.flatMap(({ namespace }) => targetAddresses(namespace, run)),
      ]
    : [];
  return subnets.map((subnet) => ({
    ...subnet,
    edgeAddresses: edgeAddresses(name, subnet, networksOf(subnet.name), taken, run),
  }));
}
