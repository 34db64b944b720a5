// The objects as they are now, with the lookups that modelling one unit needs and the units that a change touches.
import { apiServerService } from '../api/service-families.ts';
import { requestedSubnet } from '../api/annotations.ts';
import type { Project } from '../api/project.ts';
import { serviceNameLabel } from '../api/endpoint-slice.ts';
import type { EndpointSlice } from '../api/endpoint-slice.ts';
import type { ApiObject, Kind, ObjectOf } from '../api/api-object.ts';
import type { MissingKinds } from '../api/missing-kinds.ts';
import type { ExternalNetwork } from '../api/external-network.ts';
import type { RoutedSubnet, Subnet, UnderlaySubnet } from '../api/subnet.ts';
import type { Vpc } from '../api/vpc.ts';
import { nodeAddresses } from '../api/node.ts';
import { platformKinds } from '../api/platform-policy.ts';
import type { PlatformPolicy } from '../api/platform-policy.ts';
import { compareStrings } from '../base/order.ts';
import { parsePrefixList } from '../net/family-list.ts';
import { prefixContains } from '../net/prefix.ts';
import { AgedIndex, byAge } from './aged-index.ts';
import { NodeIndex } from './node-index.ts';
import type { NodeAddress } from './node-index.ts';
import { NodesInUse } from './nodes-in-use.ts';
import { ProjectIndex, vpcOfProject } from './project-index.ts';
import { RejectedKeys } from './rejected-keys.ts';
import { SubnetIndex } from './subnet-index.ts';
import type { Segment } from './subnet-index.ts';
import { rootUnit, underlayUnit, vpcUnit } from './unit.ts';
import type { UnitId } from './unit.ts';

/** One change of one object, as a source tells it; see source/source.ts. */
export interface InventoryChange {
  readonly key: string;
  readonly object: ApiObject | undefined;
  readonly invalid?: boolean;
}

/**
 * Every object by key, kind and namespace. Lookups cost what they return, never what is stored.
 * An object that is there but invalid has no value here; its key is in {@link Inventory.invalidKeys}.
 */
export class Inventory {
  readonly #objects = new Map<string, ApiObject>();
  readonly #rejected = new RejectedKeys();
  readonly #byNamespace = new AgedIndex<ApiObject>();
  readonly #projects = new ProjectIndex();
  readonly #subnets = new SubnetIndex();
  readonly #vpcsByPeer = new AgedIndex<Vpc>();
  readonly #nodes = new NodeIndex();
  readonly #nodesInUse = new NodesInUse();
  readonly #slicesByService = new AgedIndex<EndpointSlice>();
  readonly #units = new Map<UnitId, number>();
  #missingKinds: MissingKinds = new Map();
  #revision = 0;

  /**
   * Takes changes in and returns the units to look at again: those the objects belonged to and those they belong to
   * now. A change of an external network or a Subnet touches every unit, since any may use it or overlap it; so does one
   * of the API server's own Service, whose family is every Service's default, one of a policy of the platform, which is
   * for pods anywhere, and one of a Node with an address on an external network, or that such a policy may
   * mean. One of any other Node touches the units of virtual machines there.
   */
  apply(changes: Iterable<InventoryChange>): ReadonlySet<UnitId> {
    const affected = new Set<UnitId>();
    for (const change of changes) {
      this.#revision += 1;
      this.#collect(change.key, affected);
      this.#replace(change);
      this.#collect(change.key, affected);
    }
    return affected;
  }

  /** How many changes it has taken in. */
  get revision(): number {
    return this.#revision;
  }

  /** Kinds of which nothing is known, so that none of their objects is here. */
  get missingKinds(): MissingKinds {
    return this.#missingKinds;
  }

  set missingKinds(kinds: MissingKinds) {
    this.#missingKinds = kinds;
  }

  get(key: string): ApiObject | undefined {
    return this.#objects.get(key);
  }

  isInvalid(key: string): boolean {
    return this.#rejected.all.has(key);
  }

  /** Keys of objects that exist but were rejected: what an earlier version of them made must stay. */
  get invalidKeys(): ReadonlySet<string> {
    return this.#rejected.all;
  }

  /** {@link invalidKeys} of a kind in a namespace, sorted; `''` for cluster-scoped kinds. */
  invalidIn(kind: Kind, namespace: string): readonly string[] {
    return this.#rejected.inNamespace(kind, namespace);
  }

  /** {@link invalidKeys} of what the unit would be made of: Projects and Vpcs, or the ExternalNetwork. */
  invalidRoots(unit: UnitId): readonly string[] {
    return this.#rejected.rootsOf(unit);
  }

  /** Objects of a kind in a namespace, sorted by age; `''` for cluster-scoped kinds. */
  inNamespace<K extends Kind>(kind: K, namespace: string): readonly ObjectOf<K>[] {
    return this.#byNamespace
      .get(`${kind}/${namespace}`)
      .filter((object): object is ObjectOf<K> => object.kind === kind);
  }

  /** Every project with this backing namespace, the one that has it first. */
  projectsOf(namespace: string): readonly Project[] {
    return this.#projects.ofNamespace(namespace);
  }

  /** Projects that are in the VPC: the one that makes it, or those that name the Vpc, sorted by age. */
  projectsIn(vpc: string): readonly Project[] {
    return this.#projects.inVpc(vpc);
  }

  /**
   * The VPC that everything of a namespace would be in if it is a project's: the project's own, which has the name of the
   * namespace, or the Vpc that it names. A rejected project counts as it was seen last.
   */
  vpcOfNamespace(namespace: string): string {
    const [holder] = this.projectsOf(namespace);
    if (holder !== undefined) return vpcOfProject(holder);
    for (const key of this.#projects.rejectedOf(namespace)) return this.#projects.formerVpc(key) ?? namespace;
    return namespace;
  }

  /** Rejected projects that may be in the Vpc: those that named it last, and those of which nobody knows, sorted. */
  rejectedProjects(vpc: string): readonly string[] {
    return this.#rejected
      .ofKind('Project')
      .filter((key) => (this.#projects.formerVpc(key) ?? vpc) === vpc)
      .toSorted(compareStrings);
  }

  subnetsOf(vpc: string): readonly RoutedSubnet[] {
    return byAge(this.#subnets.ofVpc(vpc));
  }

  /** Subnets of Vpcs that name a namespace in `spec.namespaces`, be it in vain, sorted by age. */
  subnetsNaming(namespace: string): readonly RoutedSubnet[] {
    return byAge(this.#subnets.naming(namespace));
  }

  /** Underlays that Pods of a namespace may name, in no particular order. */
  underlaysOpenTo(namespace: string): Iterable<UnderlaySubnet> {
    return this.#subnets.openTo(namespace).values();
  }

  /** Underlays on one VLAN, sorted by age. */
  underlaysOn(segment: Segment): readonly UnderlaySubnet[] {
    return byAge(this.#subnets.on(segment));
  }

  /** Vpcs that name this one in `spec.peerings`, be it in vain, sorted by age. */
  peersOf(vpc: string): readonly Vpc[] {
    return this.#vpcsByPeer.get(vpc);
  }

  slicesOf(namespace: string, service: string): readonly EndpointSlice[] {
    return this.#slicesByService.get(`${namespace}/${service}`);
  }

  /** Addresses of all Nodes, sorted by Node; the same list until one comes or goes. */
  nodeAddresses(): readonly NodeAddress[] {
    return this.#nodes.all;
  }

  /** Policies of the platform, sorted by kind and age. */
  platformPolicies(): readonly PlatformPolicy[] {
    return platformKinds.flatMap((kind) => this.inNamespace(kind, ''));
  }

  networks(): readonly ExternalNetwork[] {
    return this.inNamespace('ExternalNetwork', '');
  }

  /** Every unit that some object, valid or not, asks for, be it in vain. */
  units(): ReadonlySet<UnitId> {
    return new Set([...this.#units.keys()].filter((unit) => !this.#isElsewhere(unit)));
  }

  /** Whether a unit is asked for by objects of a namespace alone, whose project is in a Vpc. */
  #isElsewhere(unit: UnitId): boolean {
    const name = unit.startsWith('vpc/') ? unit.slice('vpc/'.length) : undefined;
    if (name === undefined || this.vpcOfNamespace(name) === name) return false;
    return (
      !this.#objects.has(`Vpc/${name}`) &&
      this.projectsIn(name).length === 0 &&
      this.subnetsOf(name).length === 0 &&
      this.invalidRoots(unit).length === 0
    );
  }

  #replace({ key, object, invalid = false }: InventoryChange): void {
    const before = this.#objects.get(key);
    this.#count(key, before, -1);
    if (before !== undefined) this.#index(key, before, false);
    this.#objects.delete(key);
    this.#rejected.put(key, false);
    if (key.startsWith('Project/'))
      this.#projects.reject(key, before?.kind === 'Project' ? before : undefined, invalid);
    if (object !== undefined && !invalid) {
      this.#objects.set(key, object);
      this.#index(key, object, true);
    } else if (invalid) this.#rejected.put(key, true);
    this.#count(key, this.#objects.get(key), 1);
  }

  #index(key: string, object: ApiObject, present: boolean): void {
    const { kind, metadata } = object;
    this.#byNamespace.put(`${kind}/${metadata.namespace}`, key, object, present);
    if (kind === 'Project') this.#projects.put(key, object, present);
    if (kind === 'Subnet') this.#subnets.put(key, object, present);
    if (kind === 'Vpc')
      for (const { vpc } of object.spec.peerings) this.#vpcsByPeer.put(vpc, key, object, present);
    if (kind === 'Node') this.#nodes.put(key, object, present);
    this.#nodesInUse.put(key, object, present);
    if (kind === 'EndpointSlice') {
      const service = metadata.labels[serviceNameLabel];
      if (service !== undefined)
        this.#slicesByService.put(`${metadata.namespace}/${service}`, key, object, present);
    }
  }

  /** Keeps the units that exist, or should: because of a Project, Vpc or ExternalNetwork, and of what needs one. */
  #count(key: string, object: ApiObject | undefined, delta: 1 | -1): void {
    if (object === undefined && !this.isInvalid(key)) return;
    const unit =
      object?.kind === 'Project' ? vpcUnit(vpcOfProject(object)) : (rootUnit(key) ?? neededUnit(object));
    if (unit === undefined) return;
    const count = (this.#units.get(unit) ?? 0) + delta;
    if (count > 0) this.#units.set(unit, count);
    else this.#units.delete(unit);
  }

  /** Whether a Node has an address that some external network might give out otherwise. */
  #isOnNetwork(object: ApiObject | undefined): boolean {
    if (object?.kind !== 'Node') return false;
    const prefixes = this.networks().flatMap(({ spec }) => parsePrefixList(spec.cidr) ?? []);
    return nodeAddresses(object).some((address) =>
      prefixes.some((prefix) => prefixContains(prefix, address)),
    );
  }

  /** Whether some policy selects Nodes: by their labels, which this one has now or had until now. */
  #isPeer(object: ApiObject | undefined): boolean {
    if (object?.kind !== 'Node') return false;
    return this.platformPolicies().some(({ spec: { egress } }) =>
      egress.some(({ to }) => to.some(({ nodes }) => nodes !== undefined)),
    );
  }

  /** What is known of a rejected project may be nothing: then it may have been in any Vpc. */
  #collectProject(key: string, object: ApiObject | undefined, affected: Set<UnitId>): void {
    if (object?.kind === 'Project') affected.add(vpcUnit(vpcOfProject(object)));
    if (!this.isInvalid(key)) return;
    const former = this.#projects.formerVpc(key);
    const vpcs =
      former === undefined ? this.inNamespace('Vpc', '').map(({ metadata }) => metadata.name) : [former];
    for (const vpc of vpcs) affected.add(vpcUnit(vpc));
  }

  #collect(key: string, affected: Set<UnitId>): void {
    const object = this.#objects.get(key);
    const [kind] = key.split('/', 1);
    const isShared = everywhere.has(kind ?? '') || key === apiServerService;
    if (isShared || this.#isOnNetwork(object) || this.#isPeer(object)) {
      for (const unit of this.#units.keys()) affected.add(unit);
    }
    for (const unit of unitsOf(key, object)) affected.add(unit);
    for (const { metadata } of this.peersOf(vpcOf(key))) affected.add(vpcUnit(metadata.name));
    if (kind === 'Subnet' && this.isInvalid(key)) affected.add(underlayUnit(key.slice('Subnet/'.length)));
    if (kind === 'Node') {
      for (const namespace of this.#nodesInUse.namespacesOn(key.slice('Node/'.length))) {
        affected.add(vpcUnit(namespace));
        this.#collectFor(namespace, true, affected);
      }
    }
    if (kind === 'Project') this.#collectProject(key, object, affected);
    const namespace = namespaceOf(key);
    if (namespace !== undefined) this.#collectFor(namespace, perUnderlay.has(kind ?? ''), affected);
  }

  /** Units of its project, of Vpcs whose Subnets name the namespace, and of underlays that are open to it. */
  #collectFor(namespace: string, withUnderlays: boolean, affected: Set<UnitId>): void {
    for (const project of this.#projects.ofNamespace(namespace)) affected.add(vpcUnit(vpcOfProject(project)));
    affected.add(vpcUnit(this.vpcOfNamespace(namespace)));
    for (const { spec } of this.#subnets.naming(namespace).values()) affected.add(vpcUnit(spec.vpc));
    if (!withUnderlays) return;
    for (const { metadata } of this.#subnets.openTo(namespace).values())
      affected.add(underlayUnit(metadata.name));
  }
}

/** Kinds of which one object concerns every unit. */
const everywhere: ReadonlySet<string> = new Set(['ExternalNetwork', 'Subnet', ...platformKinds]);

/** Kinds in a namespace that say something about pods, or their connections, on underlays. */
const perUnderlay: ReadonlySet<string> = new Set([
  'Pod',
  'VirtualMachine',
  'VirtualMachineInstance',
  'NetworkPolicy',
  'Namespace',
]);

/** The unit without which nothing comes of an object. */
function neededUnit(object: ApiObject | undefined): UnitId | undefined {
  if (object?.kind === 'Subnet') return subnetUnit(object);
  if (object?.kind === 'Pod' && requestedSubnet(object) !== undefined)
    return vpcUnit(object.metadata.namespace);
  const isExposed =
    object?.kind === 'EIp' ||
    object?.kind === 'FIp' ||
    (object?.kind === 'Service' && object.spec.type === 'LoadBalancer');
  return isExposed ? vpcUnit(object.metadata.namespace) : undefined;
}

function subnetUnit({ metadata, spec }: Subnet): UnitId {
  return spec.vpc === undefined ? underlayUnit(metadata.name) : vpcUnit(spec.vpc);
}

/** Name of the VPC that a Project or Vpc makes, be it in vain; empty for any other object. */
function vpcOf(key: string): string {
  const unit = rootUnit(key);
  return unit?.startsWith('vpc/') === true ? unit.slice('vpc/'.length) : '';
}

/** Units that an object says something about. */
function unitsOf(key: string, object: ApiObject | undefined): UnitId[] {
  const root = rootUnit(key);
  if (root !== undefined) return [root];
  if (object?.kind === 'Subnet') return [subnetUnit(object)];
  const [kind, namespace, name] = key.split('/');
  if (namespace === undefined) return [];
  return name !== undefined || kind === 'Namespace' ? [vpcUnit(namespace)] : [];
}

/** The namespace whose network an object says something about: a policy of it may go by the labels of a Namespace. */
function namespaceOf(key: string): string | undefined {
  const [kind, first, second] = key.split('/');
  if (kind === 'Namespace') return first;
  if (first === undefined || second === undefined) return undefined;
  return kind === 'Project' ? `${first}-${second}` : first;
}
