// One rule of a policy of the platform taken apart: each kind of peer with each kind of port, as values and in words.
import type { PlatformPeer, PlatformRule } from '../api/platform-policy.ts';
import { selectorsOf } from '../api/platform-policy.ts';
import { nodeAddresses } from '../api/node.ts';
import { readBlock } from '../api/policy-findings.ts';
import type { Address, Prefix, Range } from '../net/address.ts';
import { families } from '../net/family-list.ts';
import { prefixRange, rangePrefixes } from '../net/prefix.ts';
import { mergeRanges } from '../net/range.ts';
import type { Inventory } from './inventory.ts';
import { portNumbers, rangesText } from './peer-book.ts';
import type { PeerBook, Selection } from './peer-book.ts';
import { portParts } from './policy-ports.ts';
import type { PortPart } from './policy-ports.ts';
import type { PeerModel, PeerSetModel, PortsModel, SubjectGroup } from './policy-model.ts';
import { formatRequirements, fulfils, requirementsOf } from './selector.ts';
import type { Workload } from './workloads.ts';

/** One kind of peer. `ranges`: its addresses now; `selection`: undefined for what is no pod. */
export interface PlatformPeerPart {
  readonly id: string;
  readonly peer: PeerModel;
  readonly text: string;
  readonly ranges: readonly Range[];
  readonly selection: Selection | undefined;
}

/** A product: these subjects, that peer, those ports. `subjects` undefined: all of the policy. */
export interface RulePart {
  /** Unique in the rule. */
  readonly id: string;
  /** Whether its port has been looked up by name: such a part is no factor of a larger product. */
  readonly isNamed: boolean;
  readonly peer: PlatformPeerPart;
  readonly ports: PortsModel | undefined;
  readonly subjects: SubjectGroup | undefined;
}

export interface PartContext {
  readonly book: PeerBook;
  readonly inventory: Inventory;
  /** Those of the policy whose labels are known. */
  readonly subjects: readonly Workload[];
}

/** Everybody, for a rule that is closed. */
const anybody: PlatformPeerPart = {
  id: 'all',
  peer: { kind: 'anybody' },
  text: 'anybody',
  ranges: families.map((family) => prefixRange({ family, base: 0n, length: 0 })),
  selection: undefined,
};

/** What a rule is that cannot be carried out, and is no allow: everything, with everybody. */
export const closedPart: RulePart = {
  id: 'closed',
  isNamed: false,
  peer: anybody,
  ports: undefined,
  subjects: undefined,
};

/** Every packet of a rule that has nothing wrong with it, and none else. */
export function rulePartsOf(rule: PlatformRule, context: PartContext): readonly RulePart[] {
  const peers = peerPartsOf(rule, context);
  const written = rule.ports.flatMap((ports) => ports ?? []);
  const ports = portParts(written.length === 0 ? undefined : written);
  return peers.flatMap((peer) =>
    ports.flatMap((port) =>
      port.kind === 'numbers'
        ? [{ id: `${peer.id}/${port.id}`, isNamed: false, peer, ports: port.ports, subjects: undefined }]
        : namedParts(rule, peer, port, context),
    ),
  );
}

/** A name is looked up with the pods that are connected to. */
function namedParts(
  { direction }: PlatformRule,
  peer: PlatformPeerPart,
  port: Extract<PortPart, { kind: 'name' }>,
  { book, subjects }: PartContext,
): RulePart[] {
  const on = (number: number): PortsModel => ({
    protocol: port.protocol,
    ranges: [{ first: number, last: number }],
  });
  const idOf = (number: number): string => `${port.id}=${number}`;
  if (direction === 'ingress')
    return portNumbers(subjects, port.port).map(([number, workloads]) => {
      const ports = [...new Set(workloads.map((each) => each.port.source))].toSorted();
      const group = { id: idOf(number), ports };
      return { id: `${peer.id}/${group.id}`, isNamed: true, peer, ports: on(number), subjects: group };
    });
  const sets = peer.selection === undefined ? [] : book.setsByPort(peer.selection, port.port);
  return sets.map(({ port: number, set }) => ({
    id: `${peer.id}/${idOf(number)}`,
    isNamed: true,
    peer: { ...peer, peer: { kind: 'set', key: set.key }, text: set.text, ranges: rangesOf(set) },
    ports: on(number),
    subjects: undefined,
  }));
}

function peerPartsOf(
  { direction, peers }: PlatformRule,
  { book, inventory }: PartContext,
): readonly PlatformPeerPart[] {
  const field = direction === 'ingress' ? 'from' : 'to';
  const single = peers.flatMap((peer, index): PlatformPeerPart[] => {
    const selection = selectionOf(peer);
    const set = selection === undefined ? nodeSet(peer, book, inventory) : book.set(selection);
    if (set === undefined) return [];
    const model: PeerModel = { kind: 'set', key: set.key };
    return [{ id: `${field}[${index}]`, peer: model, text: set.text, ranges: rangesOf(set), selection }];
  });
  const networks = peers.flatMap((peer) => peer.networks ?? []);
  return [...single, ...networkParts(field, networks)];
}

/** Undefined: no pods are meant. */
export function selectionOf(peer: Pick<PlatformPeer, 'namespaces' | 'pods'>): Selection | undefined {
  const selectors = selectorsOf(peer);
  if (selectors === undefined) return undefined;
  const { namespaces, pods } = selectors;
  return { namespaces: requirementsOf(namespaces), pods: pods === undefined ? [] : requirementsOf(pods) };
}

function nodeSet({ nodes }: PlatformPeer, book: PeerBook, inventory: Inventory): PeerSetModel | undefined {
  if (nodes === undefined) return undefined;
  const wanted = requirementsOf(nodes);
  const addresses = inventory
    .inNamespace('Node', '')
    .filter(({ metadata }) => fulfils(metadata.labels, wanted))
    .flatMap(nodeAddresses);
  const text = wanted.length === 0 ? 'every node' : `nodes ${formatRequirements(wanted)}`;
  return book.made(
    ['nodes', JSON.stringify(wanted)],
    text,
    mergeRanges(addresses.map(single)).flatMap(rangePrefixes),
  );
}

/** All ranges of a rule in one part per family. */
function networkParts(field: string, networks: readonly string[]): PlatformPeerPart[] {
  const ranges = mergeRanges(networks.flatMap((text) => readBlock(text) ?? []).map(prefixRange));
  return families.flatMap((family): PlatformPeerPart[] => {
    const own = ranges.filter((range) => range.family === family);
    const prefixes: readonly Prefix[] = own.flatMap(rangePrefixes);
    if (prefixes.length === 0) return [];
    const peer: PeerModel = { kind: 'prefixes', family, prefixes };
    return [
      { id: `${field}/ip${family}`, peer, text: rangesText(prefixes), ranges: own, selection: undefined },
    ];
  });
}

const single = ({ family, value }: Address): Range => ({ family, first: value, last: value });

function rangesOf({ addresses, prefixes }: PeerSetModel): readonly Range[] {
  return mergeRanges([...addresses.map(single), ...prefixes.map(prefixRange)]);
}
