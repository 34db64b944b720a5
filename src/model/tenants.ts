// Projects in a Vpc: which of them are in it, with which range and which way out.
import { formatObjectKey, objectKey } from '../api/api-object.ts';
import { defaultGatewayEIpName } from '../api/eip.ts';
import { backingNamespace } from '../api/project.ts';
import type { Project } from '../api/project.ts';
import { isOpenTo } from '../api/vpc.ts';
import type { Vpc } from '../api/vpc.ts';
import { sortBy } from '../base/order.ts';
import { formatAddress, parseAddress } from '../net/address.ts';
import type { Prefix } from '../net/address.ts';
import { parseAddressList, parsePrefixList } from '../net/family-list.ts';
import { hostBits, parsePrefix } from '../net/prefix.ts';
import { homeOf } from './home-network.ts';
import { isolationSeed } from './isolation.ts';
import type { SubnetRange } from './network-model.ts';
import { projectBlocks } from './project-blocks.ts';
import { projectEgress } from './project-egress.ts';
import type { SharedWays } from './project-egress.ts';
import { subnetOfProject } from './project.ts';
import { namespaceOfProject } from './project-index.ts';
import { findOverlap, reservedRanges } from './reserved-ranges.ts';
import type { NamedRange } from './reserved-ranges.ts';
import { claimOrder, nameConflict, projectSubnet, subnetRanges } from './vpc-root.ts';
import type { EgressSeed, RootSubnet, Tenant } from './vpc-root.ts';
import type { UnitRun } from './unit-run.ts';

/** A project that is to be in the Vpc, or was when it could be read. */
interface Candidate {
  /** Of one that is rejected only the key is known: nothing else here is its own. */
  readonly project: Project;
  readonly isRejected: boolean;
  /** What its subnet has in the database; undefined: it has none. */
  readonly standing: readonly SubnetRange[] | undefined;
}

interface Scene {
  readonly ways: SharedWays;
  readonly own: readonly Pick<RootSubnet, 'name' | 'source' | 'ranges'>[];
  /** Ranges that are written, or stand, in the Vpc: no block is given out there. */
  readonly written: readonly Prefix[];
  /** Grows with every project that is let in. */
  readonly taken: NamedRange[];
  readonly run: UnitRun;
}

/**
 * The projects that are in the Vpc, the oldest first, where what is programmed is older than what is not. One that is
 * programmed stays, whatever its Project says now: with the range and the way out that it has, and without losing a row
 * of its own. One that is not waits until everything is right. Neither concerns the others.
 *
 * `own`: the Subnets of the Vpc. `ways`: the external networks that it is on.
 */
export function vpcTenants(vpc: Vpc, own: Scene['own'], ways: SharedWays, run: UnitRun): Tenant[] {
  const candidates = candidatesOf(vpc.metadata.name, run).filter((each) => isAdmitted(each, vpc, run));
  const ownRanges = own.flatMap(({ source, ranges }) => named(source, ranges));
  const scene: Scene = {
    ways,
    own,
    written: [...ownRanges.map(({ prefix }) => prefix), ...candidates.flatMap(writtenPrefixes)],
    taken: [...reservedRanges(run.context), ...ownRanges],
    run,
  };
  return candidates.flatMap((candidate) => {
    const tenant = tenantOf(candidate, vpc.metadata.name, scene);
    if (tenant === undefined) return [];
    scene.taken.push(...named(tenant.source, tenant.subnet.ranges));
    return [tenant];
  });
}

/** Whether the Vpc is open to its organization, or it is there already: what is taken back later takes nobody down. */
function isAdmitted({ project, isRejected, standing }: Candidate, vpc: Vpc, run: UnitRun): boolean {
  const { namespace } = project.metadata;
  if (isRejected || isOpenTo(vpc, project)) return true;
  const isThere = standing !== undefined;
  run.report({
    ...(isThere && { severity: 'warning' as const }),
    code: 'Forbidden',
    object: objectKey(project),
    path: 'spec.vpc',
    message: `${objectKey(vpc)} is not open to projects of ${namespace}${isThere ? ' any more; this one stays in it' : ''}`,
    hint: isThere
      ? `add ${namespace} to spec.organizations of ${objectKey(vpc)}, or delete the Project`
      : `ask for ${namespace} in spec.organizations of ${objectKey(vpc)}, or leave spec.vpc out`,
  });
  return isThere;
}

/** What projects have in the Vpc already, so that no Subnet takes it. */
export function standingRanges(vpc: string, run: UnitRun): NamedRange[] {
  return candidatesOf(vpc, run).flatMap(({ project, standing }) => named(objectKey(project), standing ?? []));
}

const named = (name: string, ranges: readonly SubnetRange[]): NamedRange[] =>
  ranges.map(({ prefix }) => ({ name, prefix }));

function writtenPrefixes({ project, isRejected, standing = [] }: Candidate): readonly Prefix[] {
  const { cidrBlock } = project.spec;
  if (cidrBlock !== undefined) return parsePrefixList(cidrBlock) ?? [];
  return isRejected ? standing.map(({ prefix }) => prefix) : [];
}

function candidatesOf(vpc: string, run: UnitRun): Candidate[] {
  const { inventory } = run.context;
  const standing = (namespace: string) => standingRange(vpc, namespace, run);
  const valid = inventory.projectsIn(vpc).map((project) => ({
    project,
    isRejected: false,
    standing: standing(backingNamespace(project)),
  }));
  const rejected = inventory
    .rejectedProjects(vpc)
    .filter((key) => inventory.projectsOf(namespaceOfProject(key)).length === 0)
    .map((key) => ({ project: unread(key), isRejected: true, standing: standing(namespaceOfProject(key)) }))
    .filter((candidate) => candidate.standing !== undefined);
  return sortBy(
    [...valid, ...rejected],
    (candidate) => `${candidate.standing === undefined ? 1 : 0} ${claimOrder(1, candidate.project)}`,
  );
}

/** As much of a rejected Project as its key says. */
function unread(key: string): Project {
  const [, namespace = '', name = ''] = key.split('/');
  const metadata = { namespace, name, labels: {}, annotations: {}, finalizers: [] };
  const status = { ready: false, conditions: [] };
  return { apiVersion: 'kube-dc.com/v1', kind: 'Project', metadata, spec: { subnetAcls: [] }, status };
}

function tenantOf(candidate: Candidate, vpc: string, scene: Scene): Tenant | undefined {
  const { project, isRejected } = candidate;
  const { run, own } = scene;
  const source = objectKey(project);
  const namespace = backingNamespace(project);
  const [holder] = run.context.inventory.projectsOf(namespace);
  if (holder !== undefined && holder !== project) {
    run.report(nameConflict(project, holder, 'namespace'));
    return undefined;
  }
  const router = { name: vpc, source: formatObjectKey('Vpc', '', vpc) };
  const twin = [router, ...own].find(({ name }) => name === projectSubnet(namespace));
  if (twin !== undefined) {
    run.report({
      code: 'Conflict',
      object: source,
      path: 'metadata.name',
      message: `its subnet would be ${twin.name}, which is the name of ${twin.source}`,
      hint: 'rename one of the two',
    });
    return undefined;
  }
  const ranges = rangesOf(candidate, scene);
  if (ranges === undefined) return undefined;
  const prefixes = ranges.map(({ prefix }) => prefix);
  const egress = projectEgress(project, prefixes, run, scene.ways) ?? standingEgress(candidate, run);
  if (egress === undefined) return undefined;
  keepRange(vpc, namespace, ranges, run);
  const subnet = subnetOfProject(project, ranges, egress);
  const isolation = isRejected ? undefined : isolationSeed(project, run);
  return { namespace, source, subnet, egress, isolation };
}

/** Undefined: it has none yet, and can have none (reported) or waits for one. */
function rangesOf(candidate: Candidate, scene: Scene): readonly SubnetRange[] | undefined {
  const { project, isRejected, standing } = candidate;
  const { run, taken, written, ways } = scene;
  const source = objectKey(project);
  if (isRejected) {
    keepBlock(source, run);
    return standing;
  }
  const { cidrBlock, gwLanIp } = project.spec;
  const prefixes =
    cidrBlock === undefined
      ? projectBlocks(project, run, { name: ways.vpc, taken: written })
      : parsePrefixList(cidrBlock);
  const overlap = prefixes && findOverlap(prefixes, taken);
  if (overlap !== undefined) {
    run.report({
      code: 'Overlap',
      object: source,
      path: 'spec.cidrBlock',
      message: overlap.text,
      hint: `use a range apart from it: everything in ${ways.vpc} is in one network`,
    });
  }
  if (prefixes !== undefined && overlap === undefined)
    return subnetRanges(prefixes, parseAddressList(gwLanIp ?? '') ?? []);
  if (standing !== undefined) run.heldSources.add(source);
  return standing;
}

/** What a project leaves as while nothing else can be had. Undefined: nothing, which is reported. */
function standingEgress({ project, standing }: Candidate, run: UnitRun): EgressSeed | undefined {
  if (standing === undefined) return undefined;
  const source = objectKey(project);
  const holder = formatObjectKey('EIp', backingNamespace(project), defaultGatewayEIpName);
  const addresses = run.recorded(holder);
  const network = homeOf(addresses, run.context)?.network;
  if (network === undefined) {
    run.block({
      code: 'Pending',
      object: source,
      path: 'spec.egressNetworkType',
      message: 'no network has the address that it leaves by any more',
      hint: 'correct the ExternalNetwork; until then everything in this Vpc stays as it is',
    });
    return undefined;
  }
  run.heldSources.add(source);
  return { network, source, addresses };
}

/** `10.0.10.1/24`: the gateway's address, with the length of the range, IPv4 first. */
function keepRange(vpc: string, namespace: string, ranges: readonly SubnetRange[], run: UnitRun): void {
  const texts = ranges.map(({ gateway, prefix }) => `${formatAddress(gateway)}/${prefix.length}`);
  run.ledger.push({ holder: rangeHolder(vpc, namespace), kind: 'port', value: texts.join(',') });
}

function standingRange(vpc: string, namespace: string, run: UnitRun): readonly SubnetRange[] | undefined {
  const text = run.context.addresses.recorded(rangeHolder(vpc, namespace));
  if (text === undefined) return undefined;
  return text.split(',').flatMap((part) => {
    const gateway = parseAddress(part.split('/', 1)[0] ?? '');
    const prefix = parsePrefix(part) ?? hostBits(part);
    return gateway === undefined || prefix === undefined ? [] : [{ gateway, prefix }];
  });
}

/** Where the ledger has what a project's subnet is, so that it can stay when its Project cannot be read. */
const rangeHolder = (vpc: string, namespace: string): string => `${vpc}/${projectSubnet(namespace)}`;

/** A block stays its project's, although nobody can ask for it. */
function keepBlock(source: string, run: UnitRun): void {
  const value = run.context.addresses.recorded(source);
  if (value !== undefined) run.ledger.push({ holder: source, kind: 'block', value });
}
