// A Project expands into a VPC with one subnet, a way out and an address of its own there.
import { objectKey } from '../api/api-object.ts';
import { backingNamespace } from '../api/project.ts';
import type { Project } from '../api/project.ts';
import type { Prefix } from '../net/address.ts';
import { parseAddressList, parsePrefixList } from '../net/family-list.ts';
import { isolationSeed } from './isolation.ts';
import { projectBlocks } from './project-blocks.ts';
import { projectEgress } from './project-egress.ts';
import { findOverlap, reservedRanges } from './reserved-ranges.ts';
import { leavesBy, projectSubnet, subnetRanges } from './vpc-root.ts';
import type { EgressSeed, RootSubnet, VpcRoot } from './vpc-root.ts';
import type { SubnetRange } from './network-model.ts';
import type { UnitRun } from './unit-run.ts';

/** Returns undefined when a problem of the project (reported) or an undecided wish leaves nothing to build. */
export function projectRoot(project: Project, run: UnitRun): VpcRoot | undefined {
  const source = objectKey(project);
  const name = backingNamespace(project);
  const { cidrBlock, gwLanIp } = project.spec;
  const prefixes = cidrBlock === undefined ? projectBlocks(project, run) : parsePrefixList(cidrBlock);
  if (prefixes === undefined || overlaps(project, prefixes, run)) return undefined;
  const egress = projectEgress(project, prefixes, run);
  if (egress === undefined) return undefined;
  const ranges = subnetRanges(prefixes, parseAddressList(gwLanIp ?? '') ?? []);
  const subnet = subnetOfProject(project, ranges, egress);
  return {
    name,
    source,
    tenants: [{ namespace: name, source, subnet, egress, isolation: isolationSeed(project, run) }],
    homes: new Map([[name, subnet.name]]),
    egress,
    attached: new Map(),
    subnets: [subnet],
    staticRoutes: [],
    policyRoutes: [],
    peerings: [],
    openings: [],
  };
}

/** The one subnet of a project, with everything in it leaving as its `default-gw`. */
export function subnetOfProject(
  project: Project,
  ranges: readonly SubnetRange[],
  egress: EgressSeed,
): RootSubnet {
  return {
    name: projectSubnet(backingNamespace(project)),
    source: objectKey(project),
    ranges,
    excluded: [],
    egress: leavesBy(egress),
    dhcp: true,
    written: { acls: project.spec.subnetAcls, path: 'spec.subnetAcls' },
  };
}

function overlaps(project: Project, prefixes: readonly Prefix[], run: UnitRun): boolean {
  const overlap = findOverlap(prefixes, reservedRanges(run.context));
  if (overlap === undefined) return false;
  run.report({
    code: 'Overlap',
    object: objectKey(project),
    path: 'spec.cidrBlock',
    message: overlap.text,
    hint: 'use a range apart from it; overlapping another project is fine',
  });
  return true;
}
