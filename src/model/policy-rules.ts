// One rule of a NetworkPolicy taken apart: each kind of peer with each kind of port, in words that OVN has.
import type { Finding } from '../api/finding.ts';
import { fieldPath, finding } from '../api/finding.ts';
import { rulesOf } from '../api/network-policy.ts';
import type { IpBlock, NetworkPolicy, PolicyPeer, PolicyPort } from '../api/network-policy.ts';
import { peerFindings, portFindings, readBlock } from '../api/policy-findings.ts';
import { families } from '../net/family-list.ts';
import { prefixRange, rangePrefixes } from '../net/prefix.ts';
import { mergeRanges, subtractRanges } from '../net/range.ts';
import { elsewhere } from './elsewhere.ts';
import type { Inventory } from './inventory.ts';
import { portNumbers, rangesText } from './peer-book.ts';
import type { PeerBook, Selection } from './peer-book.ts';
import { portParts, portsText } from './policy-ports.ts';
import type { PortPart } from './policy-ports.ts';
import type { AllowModel, PeerModel, PolicyDirection, PortsModel, SubjectGroup } from './policy-model.ts';
import { requirementsOf } from './selector.ts';
import type { Workload } from './workloads.ts';

export interface RuleContext {
  readonly policy: NetworkPolicy;
  readonly subjects: readonly Workload[];
  readonly book: PeerBook;
  readonly inventory: Inventory;
  readonly report: (finding: Finding) => void;
}

/** One part of whom a rule allows. `selection`: which workloads are among them. */
interface PeerPart {
  readonly id: string;
  readonly peer: PeerModel;
  readonly text: string;
  readonly selection: Selection;
}

/** Everything that the rules of a direction allow. Within one rule identities do not depend on what else it allows. */
export function allowsOf(direction: PolicyDirection, context: RuleContext): AllowModel[] {
  return rulesOf(context.policy.spec, direction).flatMap((written, index) => {
    const rule = `${direction}[${index}]`;
    const path = fieldPath(fieldPath('spec', direction), index);
    const field = direction === 'ingress' ? 'from' : 'to';
    const peers = peerParts(field, fieldPath(path, field), written.peers, context);
    const usable = usablePorts(fieldPath(path, 'ports'), written.ports, context);
    const ports = portParts(written.ports.length === 0 ? undefined : usable);
    return peers.flatMap((peer) => ports.flatMap((port) => allows(rule, direction, peer, port, context)));
  });
}

function usablePorts(path: string, ports: readonly PolicyPort[], { report }: RuleContext): PolicyPort[] {
  return ports.filter((port, index) => {
    const findings = portFindings(fieldPath(path, index), port);
    findings.forEach(report);
    return findings.length === 0;
  });
}

function allows(
  rule: string,
  direction: PolicyDirection,
  part: PeerPart,
  port: PortPart,
  context: RuleContext,
): AllowModel[] {
  const allow = (id: string, peer: PeerModel, ports: PortsModel | undefined, subjects?: SubjectGroup) => {
    const preposition = direction === 'ingress' ? 'from' : 'to';
    const text = `${portsText(ports)} ${preposition} ${part.text}`;
    return { id: `${rule}/${part.id}/${id}`, rule, direction, subjects, peer, ports, text };
  };
  if (port.kind === 'numbers') return [allow(port.id, part.peer, port.ports)];
  if (direction === 'ingress')
    return portNumbers(context.subjects, port.port).map(([number, workloads]) => {
      const id = `${port.id}=${number}`;
      const group = { id, ports: [...new Set(workloads.map((each) => each.port.source))].toSorted() };
      return allow(id, part.peer, onePort(port, number), group);
    });
  // A name is looked up with the pods that are connected to, so that only pods can be meant.
  return context.book
    .setsByPort(part.selection, port.port)
    .map(({ port: number, set }) =>
      allow(`${port.id}=${number}`, { kind: 'set', key: set.key }, onePort(port, number)),
    );
}

const onePort = ({ protocol }: Extract<PortPart, { kind: 'name' }>, port: number): PortsModel => ({
  protocol,
  ranges: [{ first: port, last: port }],
});

/** Every workload here, for rules without peers that name a port. */
const everyWorkload: Selection = { namespaces: [], pods: [] };

function peerParts(
  field: string,
  path: string,
  peers: readonly PolicyPeer[],
  context: RuleContext,
): readonly PeerPart[] {
  if (peers.length === 0)
    return [{ id: 'all', peer: { kind: 'anybody' }, text: 'anybody', selection: everyWorkload }];
  const blocks: IpBlock[] = [];
  const selected = peers.flatMap((peer, index): PeerPart[] => {
    const findings = peerFindings(fieldPath(path, index), peer);
    findings.forEach(context.report);
    if (findings.length > 0) return [];
    if (peer.ipBlock !== undefined) blocks.push(peer.ipBlock);
    const selection = selectionOf(peer, context);
    if (selection === undefined) return [];
    reportElsewhere(fieldPath(path, index), selection, context);
    const { key, text } = context.book.set(selection);
    return [{ id: `${field}[${index}]`, peer: { kind: 'set', key }, text, selection }];
  });
  return [...selected, ...blockParts(field, blocks)];
}

function selectionOf(
  { podSelector, namespaceSelector }: PolicyPeer,
  { policy }: RuleContext,
): Selection | undefined {
  if (podSelector === undefined && namespaceSelector === undefined) return undefined;
  return {
    namespaces:
      namespaceSelector === undefined ? policy.metadata.namespace : requirementsOf(namespaceSelector),
    pods: podSelector === undefined ? [] : requirementsOf(podSelector),
  };
}

/** All blocks of a rule in one part per family: each without its own exceptions, then all together. */
function blockParts(field: string, blocks: readonly IpBlock[]): readonly PeerPart[] {
  const ranges = mergeRanges(
    blocks.flatMap(({ cidr, except }) => {
      const [block] = [cidr].flatMap((text) => readBlock(text) ?? []);
      const holes = except.flatMap((text) => readBlock(text) ?? []);
      return block === undefined ? [] : subtractRanges([prefixRange(block)], holes.map(prefixRange));
    }),
  );
  return families.flatMap((family): PeerPart[] => {
    const prefixes = ranges.filter((range) => range.family === family).flatMap(rangePrefixes);
    if (prefixes.length === 0) return [];
    return [
      {
        id: `${field}/ip${family}`,
        peer: { kind: 'prefixes', family, prefixes },
        text: rangesText(prefixes),
        selection: { ...everyWorkload, within: prefixes },
      },
    ];
  });
}

function reportElsewhere(path: string, selection: Selection, { book, inventory, report }: RuleContext): void {
  const names = elsewhere(selection, book, inventory);
  if (names === undefined) return;
  report({
    ...finding(
      'NotFound',
      fieldPath(path, 'namespaceSelector'),
      `it matches namespaces of other networks only (${names}), whose pods are not seen here by their own addresses`,
      'allow the addresses that they leave by, with an ipBlock',
    ),
    severity: 'warning',
  });
}
