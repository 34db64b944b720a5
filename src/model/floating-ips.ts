// Floating IPs of a VPC: which internal address each FIp means.
import { objectKey } from '../api/api-object.ts';
import type { FIp } from '../api/fip.ts';
import { formatAddress, sameAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import { ofFamily, parseAddressList } from '../net/family-list.ts';
import { macFromAddress } from '../net/mac.ts';
import { familyMissing } from './eip-families.ts';
import { madeEip } from './made-eip.ts';
import { machineTarget } from './machine-target.ts';
import type { MachineTarget } from './machine-target.ts';
import { namedEip } from './named-eip.ts';
import type { EipBook } from './eips.ts';
import type { HeldEip } from './held-eip.ts';
import type { EipClaim } from './eip-claims.ts';
import type { FloatingIpModel, LoadBalancerModel, TargetInterface } from './network-model.ts';
import type { UnitRun } from './unit-run.ts';
import { claimOrder } from './vpc-root.ts';
import type { SubnetSeed } from './vpc-root.ts';
import type { Workload } from './workloads.ts';
import { writtenTargets } from './written-target.ts';

export interface FipClaim extends EipClaim {
  readonly kind: 'FIp';
  readonly fip: FIp;
  /** At most one per family, each with an address of the EIP; at least one. */
  readonly internals: readonly Address[];
  readonly targetInterface: TargetInterface | undefined;
}

type FipTargets = Pick<MachineTarget, 'addresses'> & Partial<MachineTarget>;

/** FIps of the namespace with an EIP and a target; what is wrong with the others is reported. */
export function fipClaims(
  namespace: string,
  eips: EipBook,
  subnets: readonly SubnetSeed[],
  workloads: readonly Workload[],
  run: UnitRun,
): FipClaim[] {
  const taken = new Map<string, string>();
  return run.context.inventory.inNamespace('FIp', namespace).flatMap((fip) => {
    const { addresses: targets, interface: targetInterface } = fipTargets(fip, subnets, workloads, run);
    const eip = fipEip(fip, targets, eips, run);
    // One that keeps what it made has its target, too.
    const hasRows = eip !== undefined || run.heldSources.has(objectKey(fip));
    const own = hasRows ? targets.filter((internal) => isFirst(fip, internal, taken, run)) : [];
    if (eip === undefined) return [];
    const internals = reachable(fip, own, eip, run);
    if (internals.length === 0) return [];
    const author = {
      object: objectKey(fip),
      path: fip.spec.eip === undefined ? 'spec.externalNetworkType' : 'spec.eip',
    };
    const order = claimOrder(2, fip);
    return [{ kind: 'FIp' as const, fip, eip, internals, targetInterface, author, order }];
  });
}

/** Targets of families that the EIP has. Addresses that are written are missed; of a virtual machine one will do. */
function reachable(fip: FIp, targets: readonly Address[], eip: HeldEip, run: UnitRun): readonly Address[] {
  const [found, lost] = partition(targets, ({ family }) => ofFamily(eip.addresses, family) !== undefined);
  // What has no address yet, or was refused one, has been said.
  if (eip.addresses.length === 0) return targets;
  const isMissed = fip.spec.vmTarget === undefined || found.length === 0;
  for (const target of isMissed ? lost : [])
    run.report({
      object: objectKey(fip),
      path: targetPath(fip),
      ...familyMissing(formatAddress(target), target.family, eip),
    });
  return found;
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): readonly [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

/**
 * The NAT of a claim that stands, one per family. `balancers`: those of the same router. A target that backs one of them
 * is translated on the gateway: there, on the workload's own node, replies to the load balancer would be taken for the
 * floating IP's (silent on OVN 23.03), or the floating IP's for the load balancer's (silent on 25.03).
 */
export function floatingIps(
  { fip, eip, internals, targetInterface }: FipClaim,
  balancers: readonly LoadBalancerModel[],
  workloads: readonly Workload[],
  run: UnitRun,
): FloatingIpModel[] {
  return internals.flatMap((internal) => {
    const external = ofFamily(eip.addresses, internal.family);
    if (external === undefined) return [];
    const target = workloads.find(({ port }) => port.addresses.some((own) => sameAddress(own, internal)));
    const isDistributed =
      target !== undefined &&
      run.context.observations.isPortUp(target.port.source) &&
      !isBackend(internal, balancers);
    const distributed = isDistributed
      ? { workload: target.port.workload, mac: macFromAddress(external) }
      : undefined;
    return [{ source: objectKey(fip), external, internal, distributed, targetInterface }];
  });
}

function isBackend(address: Address, balancers: readonly LoadBalancerModel[]): boolean {
  return balancers.some(({ vips }) =>
    vips.some(({ backends }) => backends.some((backend) => sameAddress(backend.address, address))),
  );
}

/** An EIP that is made has the families of its target; while that is not known, all that there are. */
function fipEip(fip: FIp, targets: readonly Address[], eips: EipBook, run: UnitRun): HeldEip | undefined {
  const object = objectKey(fip);
  const { eip: name, externalNetworkType } = fip.spec;
  if (name === undefined) {
    const made = {
      name: `fip-${fip.metadata.name}`,
      requested: externalNetworkType,
      otherwise: run.context.config.defaultFIpNetworkType,
      wanted: targets.length === 0 ? undefined : targets.map(({ family }) => family),
    };
    return madeEip(made, { object, path: 'spec.externalNetworkType' }, fip, eips, run);
  }
  return namedEip(name, { object, path: 'spec.eip' }, eips, run);
}

function fipTargets(
  fip: FIp,
  subnets: readonly SubnetSeed[],
  workloads: readonly Workload[],
  run: UnitRun,
): FipTargets {
  const { vmTarget } = fip.spec;
  if (vmTarget === undefined) return { addresses: writtenTargets(fip, subnets, run) };
  return machineTarget(fip, vmTarget, subnets, workloads, run) ?? { addresses: [] };
}

/** Addresses that FIps of the namespace name, so that none of them is set apart for a router. */
export function targetAddresses(namespace: string, run: UnitRun): Address[] {
  return run.context.inventory
    .inNamespace('FIp', namespace)
    .flatMap(({ spec }) => parseAddressList(spec.ipAddress ?? '') ?? []);
}

/** An internal address leaves by one external address only. */
function isFirst(fip: FIp, internal: Address, taken: Map<string, string>, run: UnitRun): boolean {
  const text = formatAddress(internal);
  const older = taken.get(text);
  if (older === undefined) {
    taken.set(text, objectKey(fip));
    return true;
  }
  run.report({
    code: 'Conflict',
    object: objectKey(fip),
    path: targetPath(fip),
    message: `${text} already has the floating IP of ${older}`,
    hint: 'an internal address has one floating IP: remove one of the two',
  });
  return false;
}

const targetPath = ({ spec }: FIp): string =>
  spec.vmTarget === undefined ? 'spec.ipAddress' : 'spec.vmTarget';
