// Underlays: Subnets that are a physical VLAN, with workloads that are hosts on it.
import { requestedSubnet } from '../api/annotations.ts';
import { objectKey } from '../api/api-object.ts';
import type { Pod } from '../api/pod.ts';
import { isUnderlay } from '../api/subnet.ts';
import type { UnderlaySubnet } from '../api/subnet.ts';
import { invariant } from '../base/errors.ts';
import type { Problem } from '../base/problem.ts';
import { parseAddressList, parsePrefixList } from '../net/family-list.ts';
import { subnetDhcp } from './dhcp.ts';
import type { ModelContext, UnitResult } from './model-context.ts';
import { vpcOfNamespace } from './namespaces.ts';
import { excluded, networkPrefixes } from './network.ts';
import type { UnderlayModel } from './network-model.ts';
import { misplaced, needsPort } from './placement.ts';
import { policiesOf } from './policies.ts';
import { hasPolicies } from './policy-model.ts';
import type { PoliciesModel } from './policy-model.ts';
import { findOverlap, overlapProblems } from './reserved-ranges.ts';
import { segmentConflict } from './segments.ts';
import { subnetRules } from './subnet-rules.ts';
import { UnitRun } from './unit-run.ts';
import { underlayUnit } from './unit.ts';
import { subnetFamilies, subnetRanges } from './vpc-root.ts';
import type { SubnetSeed } from './vpc-root.ts';
import { portsOf, workloadsOf } from './workloads.ts';
import type { Workload } from './workloads.ts';

/** Models the unit `underlay/{name}`. */
export function modelUnderlay(name: string, context: ModelContext): UnitResult {
  const run = new UnitRun(context);
  const key = `Subnet/${name}`;
  const { inventory, observations } = context;
  const result = (state: UnitResult['state'], problems: readonly Problem[], model?: UnderlayModel) => {
    const { requests, heldSources } = run;
    return { state, model, problems, requests, heldSources, eips: [] };
  };
  const subnet = inventory.get(key);
  if (subnet?.kind !== 'Subnet' || !isUnderlay(subnet)) {
    // Of a rejected Subnet nobody knows whether it is one; its rows do.
    const isRejected = inventory.isInvalid(key) && observations.hasUnderlay(name);
    return result(isRejected ? 'blocked' : 'absent', []);
  }
  const blockers = underlayBlockers(subnet, context);
  if (blockers.length > 0) return result('blocked', blockers);
  const model = underlayModel(subnet, run);
  return result('model', [...unbridged(subnet, context), ...run.problems], model);
}

function underlayModel(subnet: UnderlaySubnet, run: UnitRun): UnderlayModel {
  const { metadata, spec } = subnet;
  const { physicalNetwork, vlan = 0 } = spec.underlay;
  const seed = underlaySeed(subnet);
  const { name, source, ranges } = seed;
  const workloads = workloadsOf(podsOn(subnet, run), spec.namespaces, seed, run);
  return {
    kind: 'underlay',
    unit: underlayUnit(metadata.name),
    name,
    source,
    physicalNetwork,
    vlan: vlan === 0 ? undefined : vlan,
    ranges,
    dhcp: physicalDhcp(seed, run),
    ports: portsOf(workloads),
    rules: subnetRules(seed, run),
    policies: underlayPolicies(workloads, seed, spec.namespaces, run),
    ledger: run.ledger,
  };
}

/** Those that are for somebody here: a policy of the namespace may be about its pods in a VPC only. */
function underlayPolicies(
  workloads: readonly Workload[],
  seed: SubnetSeed,
  namespaces: readonly string[],
  run: UnitRun,
): PoliciesModel {
  const reports = (namespace: string): boolean => vpcOfNamespace(namespace, run.context) === undefined;
  const unit = underlayUnit(seed.name);
  const hasRulesBetween = seed.written.acls.length > 0;
  const families = subnetFamilies([seed]);
  const all = policiesOf({ unit, namespaces, workloads, families, hasRulesBetween, reports }, run);
  const isForSome = ({ subjects }: { readonly subjects: readonly string[] }): boolean => subjects.length > 0;
  const here = {
    ...all,
    policies: all.policies.filter(isForSome),
    platform: all.platform.filter(isForSome),
  };
  return hasPolicies(here) ? here : { ...here, peerSets: [] };
}

function underlaySeed({ metadata, spec }: UnderlaySubnet): SubnetSeed {
  const [prefixes, gateways] = [parsePrefixList(spec.cidr), parseAddressList(spec.gateway)];
  invariant(
    prefixes !== undefined && gateways !== undefined,
    `Subnet ${metadata.name} was accepted with an unreadable address`,
  );
  return {
    name: metadata.name,
    source: `Subnet/${metadata.name}`,
    ranges: subnetRanges(prefixes, gateways),
    excluded: excluded(spec.excludeIps),
    egress: undefined,
    dhcp: spec.dhcp ?? false,
    written: { acls: spec.acls, path: 'spec.acls' },
    edgeAddresses: new Map(),
  };
}

/** The MTU of tunnels is not that of the VLAN, and no name of a VPC is known there. */
function physicalDhcp(seed: SubnetSeed, run: UnitRun): UnderlayModel['dhcp'] {
  const dhcp = subnetDhcp(seed, [], run);
  return dhcp && { ...dhcp, mtuBytes: undefined };
}

/** Pods that name the underlay. One that names a subnet now that it cannot be on keeps what it has. */
function podsOn({ metadata, spec }: UnderlaySubnet, run: UnitRun): Pod[] {
  const { inventory } = run.context;
  return spec.namespaces.flatMap((namespace) => {
    const pods = inventory.inNamespace('Pod', namespace).filter(needsPort);
    const strays = pods.filter((pod) => ![undefined, metadata.name].includes(requestedSubnet(pod)));
    const vpc = strays.length === 0 ? undefined : vpcOfNamespace(namespace, run.context);
    for (const pod of strays) {
      if (misplaced(pod, requestedSubnet(pod) ?? '', vpc, inventory) !== undefined)
        run.heldSources.add(objectKey(pod));
    }
    return pods.filter((pod) => requestedSubnet(pod) === metadata.name);
  });
}

/**
 * What makes an underlay unusable: its VLAN or name is somebody else's, or its range is that of an external network,
 * which everybody on every VLAN must find in one place. Any other range may be in use elsewhere: nothing is routed here.
 */
function underlayBlockers(subnet: UnderlaySubnet, context: ModelContext): Problem[] {
  const { name } = subnet.metadata;
  const object = objectKey(subnet);
  const networks = context.inventory.networks();
  const twin = segmentConflict(subnet, context);
  if (twin !== undefined) return [twin];
  const namesake = networks.find(({ metadata }) => metadata.name === name);
  if (namesake !== undefined) {
    const message = `the switch ${name} is that of ${objectKey(namesake)}`;
    return [{ code: 'Conflict', object, path: 'metadata.name', message, hint: 'rename one of the two' }];
  }
  const { ranges } = underlaySeed(subnet);
  const overlap = findOverlap(
    ranges.map(({ prefix }) => prefix),
    networks.flatMap((network) =>
      networkPrefixes(network).map((prefix) => ({ name: objectKey(network), prefix })),
    ),
  );
  const hint = 'use a range that no external network has; one network cannot be on two VLANs';
  return overlapProblems(object, overlap, hint);
}

function unbridged(subnet: UnderlaySubnet, { observations }: ModelContext): Problem[] {
  const { physicalNetwork } = subnet.spec.underlay;
  if (observations.bridgedNetworks?.has(physicalNetwork) !== false) return [];
  return [
    {
      severity: 'warning',
      code: 'Pending',
      object: objectKey(subnet),
      path: 'spec.underlay.physicalNetwork',
      message: `no chassis is bridged to physical network ${physicalNetwork}, so its workloads reach nobody outside their own node`,
      hint: 'add it to ovn-bridge-mappings on the nodes',
    },
  ];
}
