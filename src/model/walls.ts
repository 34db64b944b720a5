// Walls inside a VPC: which subnets may not begin connections to which, where a project is on one side.
import { anySubnet } from '../api/openings.ts';
import { formatPrefix } from '../net/prefix.ts';
import { compareStrings } from '../base/order.ts';
import type { WallModel } from './network-model.ts';
import type { RootSubnet, VpcRoot } from './vpc-root.ts';
import type { UnitRun } from './unit-run.ts';

/**
 * None between two Subnets that no project made. Every other subnet is closed to every other one, but for what
 * `openings` says; one that names no subnet of the Vpc is told, and opens nothing.
 */
export function walls(root: VpcRoot, run: UnitRun): WallModel[] {
  const { tenants, subnets, openings } = root;
  reportUnknown(root, run);
  if (tenants.length === 0) return [];
  const tenanted = new Set(tenants.map(({ subnet }) => subnet.name));
  const isOpen = (from: RootSubnet, to: RootSubnet): boolean =>
    openings.some((opening) => names(opening.from, from) && names(opening.to, to));
  return subnets.flatMap((to) => {
    const closed = subnets.filter(
      (from) => from !== to && (tenanted.has(from.name) || tenanted.has(to.name)) && !isOpen(from, to),
    );
    const prefixes = closed.flatMap(({ ranges }) => ranges.map(({ prefix }) => prefix));
    if (prefixes.length === 0) return [];
    const forbiddenSources = prefixes.toSorted(
      (a, b) => a.family - b.family || compareStrings(formatPrefix(a), formatPrefix(b)),
    );
    return [{ subnet: to.name, source: to.source, forbiddenSources }];
  });
}

const names = (end: string, { name }: RootSubnet): boolean => end === anySubnet || end === name;

function reportUnknown({ source, subnets, openings }: VpcRoot, run: UnitRun): void {
  for (const [index, opening] of openings.entries()) {
    for (const end of ['from', 'to'] as const) {
      const name = opening[end];
      if (name === anySubnet || subnets.some((subnet) => subnet.name === name)) continue;
      run.report({
        severity: 'warning',
        code: 'NotFound',
        object: source,
        path: `spec.openings[${index}].${end}`,
        message: `${name} is no subnet of this Vpc, so nothing is opened`,
        hint: 'name a Subnet of it, or {organization}-{project}-default of a project in it',
      });
    }
  }
}
