// Peerings of a Vpc: those that both sides want alike. Of the others is said what is wrong, or what they wait for.
import { objectKey } from '../api/api-object.ts';
import type { Peering } from '../api/peering.ts';
import { backingNamespace } from '../api/project.ts';
import type { Project } from '../api/project.ts';
import { isOpenTo } from '../api/vpc.ts';
import type { Vpc } from '../api/vpc.ts';
import type { Problem } from '../base/problem.ts';
import type { Prefix } from '../net/address.ts';
import { commonFamilies, parsePrefixList } from '../net/family-list.ts';
import { formatPrefix, parsePrefix, prefixWithin } from '../net/prefix.ts';
import type { PeeringModel } from './network-model.ts';
import { linkAddresses } from './peering-link.ts';
import { findOverlap, reservedRanges } from './reserved-ranges.ts';
import type { NamedRange } from './reserved-ranges.ts';
import type { UnitRun } from './unit-run.ts';
import { holderOfVpc, projectSubnet } from './vpc-root.ts';
import type { RootSubnet } from './vpc-root.ts';

/** One entry of `spec.peerings`, read. */
interface Side {
  readonly vpc: Vpc;
  readonly peer: string;
  readonly path: string;
  readonly local: readonly Prefix[];
  readonly remote: readonly Prefix[];
}

/** What is wrong, but for whose entry it is. */
type Fault = Pick<Problem, 'code' | 'message' | 'hint'> & { readonly field: string };

/** Rows of a peering that a mistake on this side, or the rejection of the other one, leaves without a model stay. */
export function vpcPeerings(vpc: Vpc, subnets: readonly RootSubnet[], run: UnitRun): readonly PeeringModel[] {
  const reached: NamedRange[] = [];
  return vpc.spec.peerings.flatMap((entry, index) => {
    const side = readSide(vpc, entry, `spec.peerings[${index}]`);
    const mistake = ownFault(side, subnets, reached, run);
    if (mistake !== undefined) run.heldSources.add(peerKey(side));
    const fault = mistake ?? disagreement(side, run);
    if (fault !== undefined) {
      report(side, fault, run);
      return [];
    }
    reached.push(...side.remote.map((prefix) => ({ name: `the peering with ${peerKey(side)}`, prefix })));
    return [peeringModel(side)];
  });
}

function readSide(vpc: Vpc, { vpc: peer, localPrefixes, remotePrefixes }: Peering, path: string): Side {
  const read = (texts: readonly string[]): Prefix[] => texts.flatMap((text) => parsePrefix(text) ?? []);
  return { vpc, peer, path, local: read(localPrefixes), remote: read(remotePrefixes) };
}

const peerKey = ({ peer }: Side): string => `Vpc/${peer}`;

function report({ vpc, path }: Side, { field, ...fault }: Fault, run: UnitRun): void {
  run.report({ object: objectKey(vpc), path: `${path}.${field}`, ...fault });
}

function peeringModel(side: Side): PeeringModel {
  const { vpc, peer, local, remote } = side;
  return {
    peer,
    source: peerKey(side),
    ...linkAddresses(vpc.metadata.name, peer),
    localPrefixes: local,
    remotePrefixes: remote,
  };
}

/** What this side says that could be nothing, whatever the other one says. */
function ownFault(
  side: Side,
  subnets: readonly RootSubnet[],
  reached: readonly NamedRange[],
  run: UnitRun,
): Fault | undefined {
  const { vpc, peer, local, remote } = side;
  if (peer === vpc.metadata.name) {
    const hint = 'remove it: subnets of one Vpc reach each other anyway';
    return { field: 'vpc', code: 'Invalid', message: 'it is the Vpc itself', hint };
  }
  const own = subnets.flatMap(({ source, ranges }) => ranges.map(({ prefix }) => ({ name: source, prefix })));
  const stray = strayPrefix(local, own);
  if (stray !== undefined) {
    return {
      field: 'localPrefixes',
      code: 'OutOfRange',
      message: `${formatPrefix(stray)} is within no subnet of it (${namesOf(own)})`,
      hint: 'write the range of a subnet of this Vpc, or a part of one',
    };
  }
  const overlap = findOverlap(remote, [...own, ...reservedFor(peer, run), ...reached]);
  if (overlap !== undefined) {
    const hint = 'Vpcs that are to reach each other need ranges of their own; write only what has one';
    return { field: 'remotePrefixes', code: 'Overlap', message: overlap.text, hint };
  }
  if (commonFamilies(local, remote).length > 0) return undefined;
  return {
    field: 'remotePrefixes',
    code: 'FamilyMismatch',
    message: 'localPrefixes and remotePrefixes have no family in common',
    hint: 'write ranges of IPv4, or of IPv6, into both',
  };
}

const strayPrefix = (prefixes: readonly Prefix[], ranges: readonly NamedRange[]): Prefix | undefined =>
  prefixes.find((prefix) => !ranges.some((range) => prefixWithin(prefix, range.prefix)));

const namesOf = (ranges: readonly NamedRange[]): string =>
  ranges.length === 0 ? 'it has none' : ranges.map(({ prefix }) => formatPrefix(prefix)).join(', ');

/** The subnets of the management VPC are reserved, but for those who reach just these. */
function reservedFor(peer: string, { context }: UnitRun): readonly NamedRange[] {
  const theirs = new Set(context.inventory.subnetsOf(peer).map(objectKey));
  return reservedRanges(context).filter(({ name }) => !theirs.has(name));
}

/** What the other side lacks, or says otherwise. */
function disagreement(side: Side, run: UnitRun): Fault | undefined {
  const { vpc, peer, local, remote } = side;
  const name = vpc.metadata.name;
  const { inventory } = run.context;
  const { holder } = holderOfVpc(peer, inventory);
  if (holder?.kind !== 'Vpc') return missingVpc(peer, inventory.isInvalid(peerKey(side)));
  const entry = holder.spec.peerings.find((other) => other.vpc === name);
  if (entry === undefined) {
    return {
      field: 'vpc',
      code: 'Pending',
      message: `Vpc ${peer} has no peering with Vpc ${name}`,
      hint: `add {vpc: ${name}, localPrefixes: ${list(remote)}, remotePrefixes: ${list(local)}} to spec.peerings of Vpc ${peer}`,
    };
  }
  const theirs = readSide(holder, entry, '');
  return (
    mirrorFault('localPrefixes', local, 'remotePrefixes', theirs.remote, peer) ??
    mirrorFault('remotePrefixes', remote, 'localPrefixes', theirs.local, peer) ??
    theirFault(side, holder, run)
  );
}

/** What the other side is told to be its own mistake, as far as it follows from objects. */
function theirFault({ peer, local, remote }: Side, theirVpc: Vpc, { context }: UnitRun): Fault | undefined {
  const { inventory, observations } = context;
  const isIn = (project: Project): boolean =>
    isOpenTo(theirVpc, project) || observations.hasSubnet(peer, projectSubnet(backingNamespace(project)));
  const written = [
    ...inventory.subnetsOf(peer).map((object) => ({ object, cidr: object.spec.cidr })),
    ...inventory
      .projectsIn(peer)
      .filter(isIn)
      .map((object) => ({
        object,
        cidr: object.spec.cidrBlock ?? object.status.cidrBlock,
      })),
  ];
  const theirs = written.flatMap(({ object, cidr }) =>
    (parsePrefixList(cidr ?? '') ?? []).map((prefix) => ({ name: objectKey(object), prefix })),
  );
  // A Project whose range is given out may have any.
  const isKnown = written.every(({ cidr }) => cidr !== undefined);
  const stray = isKnown ? strayPrefix(remote, theirs) : undefined;
  const overlap = findOverlap(local, theirs);
  const text =
    overlap?.text ?? (stray && `${formatPrefix(stray)} is within no subnet of it (${namesOf(theirs)})`);
  if (text === undefined) return undefined;
  return {
    field: 'vpc',
    code: 'Pending',
    message: `Vpc ${peer} cannot carry it out: ${text}`,
    hint: 'correct the ranges on both sides',
  };
}

const missingVpc = (peer: string, isRejected: boolean): Fault => ({
  field: 'vpc',
  code: 'Pending',
  message: isRejected ? `Vpc ${peer} is rejected` : `there is no Vpc ${peer}`,
  hint: isRejected
    ? 'correct it; until then the peering stays as it is'
    : 'create it, or name one that exists',
});

function mirrorFault(
  field: string,
  prefixes: readonly Prefix[],
  otherField: string,
  others: readonly Prefix[],
  peer: string,
): Fault | undefined {
  if (list(prefixes) === list(others)) return undefined;
  return {
    field,
    code: 'Conflict',
    message: `${list(prefixes)} here, and ${list(others)} in ${otherField} of Vpc ${peer}`,
    hint: 'write the same ranges into both; until then nothing passes',
  };
}

const list = (prefixes: readonly Prefix[]): string =>
  `[${[...new Set(prefixes.map(formatPrefix))].toSorted().join(', ')}]`;
