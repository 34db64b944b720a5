// One VPC: from its Project or Vpc and everything in its namespace to the network that is meant.
import { EipBook } from './eips.ts';
import { settleClaims } from './eip-claims.ts';
import { fipClaims, floatingIp } from './floating-ips.ts';
import type { FipClaim } from './floating-ips.ts';
import { gatewayCandidates, orderGatewayChassis } from './gateway-chassis.ts';
import { loadBalancers, serviceClaims } from './load-balancers.ts';
import type { ServiceClaim } from './load-balancers.ts';
import type { ModelContext, UnitResult } from './model-context.ts';
import { networkGateway, networkPrefix } from './network.ts';
import type {
  FloatingIpModel,
  GatewayModel,
  LoadBalancerModel,
  SubnetModel,
  VpcModel,
} from './network-model.ts';
import { projectRoot } from './project.ts';
import { UnitRun } from './unit-run.ts';
import { vpcUnit } from './unit.ts';
import { vpcRoot } from './vpc-object.ts';
import { holderOfVpc } from './vpc-root.ts';
import type { EgressSeed, VpcRoot } from './vpc-root.ts';
import { workloadsOf } from './workloads.ts';
import type { Workload } from './workloads.ts';

/** Models the unit `vpc/{name}`. */
export function modelVpc(name: string, context: ModelContext): UnitResult {
  const run = new UnitRun(context);
  const { holder, conflicts } = holderOfVpc(name, context.inventory);
  const result = (state: UnitResult['state'], model?: VpcModel): UnitResult => ({
    state,
    model,
    problems: [...conflicts, ...run.problems],
    requests: run.requests,
    heldSources: run.heldSources,
  });
  if (isRootInvalid(name, context)) return result('blocked');
  if (holder === undefined) return result('absent');
  const root = holder.kind === 'Project' ? projectRoot(holder, run) : vpcRoot(holder, run);
  return root === undefined ? result('blocked') : result('model', modelRoot(root, run));
}

/** A Project or Vpc of this name that was rejected: the network it made stays as it is, whoever else claims the name. */
function isRootInvalid(name: string, { inventory }: ModelContext): boolean {
  return [...inventory.invalidKeys].some((key) => {
    const [kind, first, second] = key.split('/');
    return (
      (kind === 'Vpc' && first === name) || (kind === 'Project' && `${first ?? ''}-${second ?? ''}` === name)
    );
  });
}

function modelRoot(root: VpcRoot, run: UnitRun): VpcModel {
  const workloads = root.subnets.map((subnet) =>
    root.namespace === undefined ? [] : workloadsOf(root.namespace, subnet, run),
  );
  const exposed = exposure(root, workloads.flat(), run);
  return {
    kind: 'vpc',
    unit: vpcUnit(root.name),
    name: root.name,
    source: root.source,
    subnets: root.subnets.map(({ excluded: _excluded, ...subnet }, index): SubnetModel => ({
      ...subnet,
      ports: (workloads[index] ?? []).map(({ port }) => port),
    })),
    gateway: root.egress && gatewayModel(root.name, root.egress, run),
    staticRoutes: root.staticRoutes,
    policyRoutes: root.policyRoutes,
    ...exposed,
    ledger: run.ledger,
  };
}

/** What of the VPC can be reached from outside. */
function exposure(
  { namespace, egress, subnets }: VpcRoot,
  workloads: readonly Workload[],
  run: UnitRun,
): {
  readonly floatingIps: readonly FloatingIpModel[];
  readonly loadBalancers: readonly LoadBalancerModel[];
} {
  if (namespace === undefined || egress === undefined) return { floatingIps: [], loadBalancers: [] };
  const eips = new EipBook(namespace, egress, run);
  const claims = settleClaims<FipClaim | ServiceClaim>(
    [...serviceClaims(namespace, eips, run), ...fipClaims(namespace, eips, subnets, workloads, run)],
    egress,
    run,
  );
  return {
    floatingIps: claims.flatMap((claim) => (claim.kind === 'FIp' ? floatingIp(claim, workloads, run) : [])),
    loadBalancers: loadBalancers(
      claims.filter((claim) => claim.kind === 'Service'),
      workloads,
      run,
    ),
  };
}

function gatewayModel(
  vpc: string,
  { network, source, address }: EgressSeed,
  run: UnitRun,
): GatewayModel | undefined {
  if (address === undefined) return undefined;
  const { observations } = run.context;
  const { name } = network.metadata;
  const candidates = gatewayCandidates(network.spec.physicalNetwork, observations);
  return {
    network: name,
    source,
    address,
    prefixLength: networkPrefix(network).length,
    nextHop: networkGateway(network),
    chassis: orderGatewayChassis(vpc, candidates, observations.gatewayGroup(vpc, name)),
  };
}
