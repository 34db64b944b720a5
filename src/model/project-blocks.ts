// The ranges of a project that names none: a block of each configured project range.
import { objectKey } from '../api/api-object.ts';
import type { Project } from '../api/project.ts';
import type { Prefix } from '../net/address.ts';
import { formatPrefixList, ofFamily, parsePrefixList } from '../net/family-list.ts';
import { parsePrefix, prefixRange } from '../net/prefix.ts';
import { parseRange, subtractRanges } from '../net/range.ts';
import { poolName } from './network.ts';
import { reservedRanges } from './reserved-ranges.ts';
import type { AddressPool, UnitRun } from './unit-run.ts';
import { claimOrder } from './vpc-root.ts';

/** A Vpc in which blocks must be apart: `taken` is in use there. In VPCs of their own, projects may have the same. */
export interface SharedVpc {
  readonly name: string;
  readonly taken: readonly Prefix[];
}

/** Undefined while one is undecided or refused (reported): there is no half a network. */
export function projectBlocks(
  project: Project,
  run: UnitRun,
  vpc?: SharedVpc,
): readonly Prefix[] | undefined {
  const source = objectKey(project);
  const text = project.status.cidrBlock ?? run.context.addresses.recorded(source);
  const recorded = parsePrefixList(text ?? '') ?? [];
  const pools = blockPools(run, vpc);
  const blocks = pools.flatMap(({ prefix: { family }, spec, prefix }) => {
    const before = ofFamily(recorded, family);
    const hasLength = before !== undefined && before.length === spec.blockLength;
    const base = run.address(
      { spec, prefix },
      {
        holder: source,
        order: claimOrder(1, project),
        ...(hasLength && { recorded: { family, value: before.base } }),
      },
      { object: source, path: 'spec.cidrBlock' },
    );
    return base === undefined ? [] : [{ family, base: base.value, length: spec.blockLength ?? 0 }];
  });
  if (blocks.length === 0 || blocks.length < pools.length) return undefined;
  run.ledger.push({ holder: source, kind: 'block', value: formatPrefixList(blocks) });
  return blocks;
}

function blockPools(run: UnitRun, vpc: SharedVpc | undefined): readonly AddressPool[] {
  const { projectRange } = run.context.config;
  const holes = [
    ...projectRange.exclude.flatMap((text) => parseRange(text) ?? []),
    ...reservedRanges(run.context).map((reserved) => prefixRange(reserved.prefix)),
    ...(vpc?.taken ?? []).map(prefixRange),
  ];
  const ranges = [projectRange, ...(projectRange.ipv6 === undefined ? [] : [projectRange.ipv6])];
  return ranges.flatMap(({ cidr, prefixLength }): AddressPool[] => {
    const prefix = parsePrefix(cidr);
    if (prefix === undefined) return [];
    const { family } = prefix;
    return [
      {
        prefix,
        spec: {
          name: poolName(
            vpc === undefined ? 'the project range' : `the project range in ${vpc.name}`,
            family,
          ),
          family,
          ranges: subtractRanges([prefixRange(prefix)], holes),
          blockLength: prefixLength,
        },
      },
    ];
  });
}
