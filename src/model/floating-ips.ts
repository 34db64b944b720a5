// Floating IPs of a VPC: which internal address each FIp means.
import { label } from '../api/annotations.ts';
import { objectKey } from '../api/api-object.ts';
import type { FIp } from '../api/fip.ts';
import { formatAddress, parseAddress, sameAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import { macFromAddress } from '../net/mac.ts';
import { prefixContains, usableRange } from '../net/prefix.ts';
import { namedEip } from './named-eip.ts';
import type { EipBook, HeldEip } from './eips.ts';
import type { EipClaim } from './eip-claims.ts';
import type { FloatingIpModel, LoadBalancerModel } from './network-model.ts';
import { underlayOfPod } from './underlay-targets.ts';
import type { UnitRun } from './unit-run.ts';
import { claimOrder } from './vpc-root.ts';
import type { SubnetSeed } from './vpc-root.ts';
import type { Workload } from './workloads.ts';

export interface FipClaim extends EipClaim {
  readonly kind: 'FIp';
  readonly fip: FIp;
  readonly internal: Address;
}

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
    const eip = fipEip(fip, eips, run);
    const internal = fipTarget(fip, subnets, workloads, run);
    // One that keeps what it made has its target, too.
    const hasRows = eip !== undefined || run.heldSources.has(objectKey(fip));
    if (internal === undefined || !hasRows || !isFirst(fip, internal, taken, run) || eip === undefined)
      return [];
    const author = {
      object: objectKey(fip),
      path: fip.spec.eip === undefined ? 'spec.externalNetworkType' : 'spec.eip',
    };
    return [{ kind: 'FIp' as const, fip, eip, internal, author, order: claimOrder(2, fip) }];
  });
}

/**
 * The NAT of a claim that stands. `balancers`: those of the same router. A target that backs one of them is translated on
 * the gateway: there, on the workload's own node, replies to the load balancer would be taken for the floating IP's
 * (silent on OVN 23.03), or the floating IP's for the load balancer's (silent on 25.03).
 */
export function floatingIp(
  claim: FipClaim,
  balancers: readonly LoadBalancerModel[],
  workloads: readonly Workload[],
  run: UnitRun,
): FloatingIpModel[] {
  const external = claim.eip.address;
  if (external === undefined) return [];
  const target = workloads.find(({ port }) => sameAddress(port.address, claim.internal));
  const isDistributed =
    target !== undefined &&
    run.context.observations.isPortUp(target.port.source) &&
    !isBackend(claim.internal, balancers);
  return [
    {
      source: objectKey(claim.fip),
      external,
      internal: claim.internal,
      distributed: isDistributed
        ? { workload: target.port.workload, mac: macFromAddress(external) }
        : undefined,
    },
  ];
}

function isBackend(address: Address, balancers: readonly LoadBalancerModel[]): boolean {
  return balancers.some(({ vips }) =>
    vips.some(({ backends }) => backends.some((backend) => sameAddress(backend.address, address))),
  );
}

function fipEip(fip: FIp, eips: EipBook, run: UnitRun): HeldEip | undefined {
  const object = objectKey(fip);
  const { eip: name, externalNetworkType } = fip.spec;
  if (name === undefined) {
    const type = externalNetworkType ?? run.context.config.defaultFIpNetworkType;
    return eips.make(`fip-${fip.metadata.name}`, type, { object, path: 'spec.externalNetworkType' }, fip);
  }
  return namedEip(name, { object, path: 'spec.eip' }, eips, run);
}

function fipTarget(
  fip: FIp,
  subnets: readonly SubnetSeed[],
  workloads: readonly Workload[],
  run: UnitRun,
): Address | undefined {
  const { vmTarget, ipAddress } = fip.spec;
  if (vmTarget !== undefined) return vmAddress(fip, vmTarget.vmName, workloads, run);
  const internal = parseAddress(ipAddress ?? '');
  if (internal === undefined) return undefined;
  const subnet = subnets.find(({ prefix }) => prefixContains(prefix, internal));
  const why = subnet === undefined ? 'is in no subnet of this project' : notForWorkloads(subnet, internal);
  if (why === undefined) return internal;
  run.report({
    code: 'OutOfRange',
    object: objectKey(fip),
    path: 'spec.ipAddress',
    message: `${formatAddress(internal)} ${why}`,
    hint: 'use the address of a workload of this project',
  });
  return undefined;
}

/** Why an address of a subnet can be no workload's; undefined: one can have it. */
function notForWorkloads(subnet: SubnetSeed, address: Address): string | undefined {
  const { first, last } = usableRange(subnet.prefix);
  if (address.value < first) return `is the network address of ${subnet.name}`;
  if (address.value > last) return `is the broadcast address of ${subnet.name}`;
  if (sameAddress(subnet.gateway, address)) return `is the gateway of ${subnet.name}, which answers itself`;
  const [network] = [...subnet.edgeAddresses].find(([, reserved]) => sameAddress(reserved, address)) ?? [];
  return network && `is set apart on ${subnet.name} for the router to ${network}`;
}

/** Addresses that FIps of the namespace name, so that none of them is set apart for a router. */
export function targetAddresses(namespace: string, run: UnitRun): Address[] {
  return run.context.inventory
    .inNamespace('FIp', namespace)
    .flatMap(({ spec }) => parseAddress(spec.ipAddress ?? '') ?? []);
}

/** A virtual machine is known by the pod that runs it, which carries its name in a label. */
function vmAddress(
  fip: FIp,
  vmName: string,
  workloads: readonly Workload[],
  run: UnitRun,
): Address | undefined {
  const workload = workloads.findLast(({ pod }) => pod.metadata.labels[label.virtualMachine] === vmName);
  if (workload !== undefined) return workload.port.address;
  const { inventory } = run.context;
  const launcher = inventory
    .inNamespace('Pod', fip.metadata.namespace)
    .find((pod) => pod.metadata.labels[label.virtualMachine] === vmName);
  const underlay = launcher && underlayOfPod(launcher, inventory);
  if (underlay !== undefined) {
    run.report({
      code: 'OutOfRange',
      object: objectKey(fip),
      path: 'spec.vmTarget.vmName',
      message: `virtual machine ${vmName} is on ${objectKey(underlay)}, an underlay, where nothing is translated`,
      hint: 'use its own address on that VLAN, or put it on a subnet of this project',
    });
    return undefined;
  }
  run.report({
    code: 'Pending',
    object: objectKey(fip),
    path: 'spec.vmTarget.vmName',
    message: `no running pod of virtual machine ${vmName} is known`,
    hint: `start it, or correct the name; a pod is recognised by the label ${label.virtualMachine}`,
  });
  return undefined;
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
    path: fip.spec.vmTarget === undefined ? 'spec.ipAddress' : 'spec.vmTarget',
    message: `${text} already has the floating IP of ${older}`,
    hint: 'an internal address has one floating IP: remove one of the two',
  });
  return false;
}
