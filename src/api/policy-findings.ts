// What of a NetworkPolicy cannot be carried out, part by part: each part is left out by itself.
import { hostBits, formatPrefix, parsePrefix, prefixContains } from '../net/prefix.ts';
import type { Prefix } from '../net/address.ts';
import { fieldPath, finding, type Finding } from './finding.ts';
import { checkSelector } from './label-selector.ts';
import { nearestWord } from './nearest-word.ts';
import type { IpBlock, NetworkPolicySpec, PolicyPeer, PolicyPort } from './network-policy.ts';

/** What makes it unclear for whom, or in which directions, a policy is. */
export function subjectFindings({ podSelector, policyTypes }: NetworkPolicySpec): Finding[] {
  return [
    ...checkSelector('spec.podSelector', podSelector),
    ...policyTypes.flatMap((type, index) =>
      checkWord(fieldPath('spec.policyTypes', index), type, ['Ingress', 'Egress']),
    ),
  ];
}

/** What is wrong with one entry of `from` or `to`. */
export function peerFindings(
  path: string,
  { podSelector, namespaceSelector, ipBlock }: PolicyPeer,
): Finding[] {
  const selectors = [podSelector, namespaceSelector].filter((selector) => selector !== undefined);
  if (ipBlock !== undefined && selectors.length > 0) {
    const hint = 'make two entries of it';
    return [finding('Invalid', path, 'it has an ipBlock and selectors', hint)];
  }
  if (ipBlock !== undefined) return checkBlock(fieldPath(path, 'ipBlock'), ipBlock);
  if (selectors.length === 0) {
    const hint =
      'name a podSelector, a namespaceSelector or an ipBlock; {} as a podSelector is every pod here';
    return [finding('Invalid', path, 'it names nobody', hint)];
  }
  return [
    ...(podSelector === undefined ? [] : checkSelector(fieldPath(path, 'podSelector'), podSelector)),
    ...(namespaceSelector === undefined
      ? []
      : checkSelector(fieldPath(path, 'namespaceSelector'), namespaceSelector)),
  ];
}

/** A prefix as Kubernetes reads it: bits after its length do not count. */
export function readBlock(text: string): Prefix | undefined {
  return parsePrefix(text) ?? hostBits(text);
}

function checkBlock(path: string, { cidr, except }: IpBlock): Finding[] {
  const block = readBlock(cidr);
  if (block === undefined) return [noPrefix(fieldPath(path, 'cidr'), cidr)];
  return except.flatMap((text, index) => {
    const at = fieldPath(fieldPath(path, 'except'), index);
    const hole = readBlock(text);
    if (hole === undefined) return [noPrefix(at, text)];
    const isInside =
      hole.length > block.length && prefixContains(block, { family: hole.family, value: hole.base });
    if (isInside) return [];
    const hint = `write a part of ${formatPrefix(block)}, or remove it`;
    return [finding('OutOfRange', at, `${text} is not a part of ${cidr}`, hint)];
  });
}

function noPrefix(path: string, text: string): Finding {
  const message = `${JSON.stringify(text)} is not a range in CIDR notation`;
  return finding(
    'Invalid',
    path,
    message,
    'write it as 10.0.10.0/24 or fd00:10::/64; one address is /32 or /128',
  );
}

/** What is wrong with one entry of `ports`. */
export function portFindings(path: string, { protocol, port, endPort }: PolicyPort): Finding[] {
  return [
    ...checkWord(fieldPath(path, 'protocol'), protocol, ['TCP', 'UDP', 'SCTP']),
    ...(typeof port === 'number' ? checkNumber(fieldPath(path, 'port'), port) : []),
    ...(typeof port === 'string' ? checkPortName(fieldPath(path, 'port'), port) : []),
    ...(endPort === undefined ? [] : checkEnd(fieldPath(path, 'endPort'), port, endPort)),
  ];
}

function checkEnd(path: string, port: PolicyPort['port'], endPort: number): Finding[] {
  if (typeof port !== 'number') {
    const what = port === undefined ? 'there is no port that the range begins with' : `${port} is a name`;
    return [finding('Invalid', path, `${what}, and has no end`, 'write the first port as a number')];
  }
  if (endPort >= port) return checkNumber(path, endPort);
  return [
    finding('Invalid', path, `${endPort} is before port ${port}`, 'write the larger number as endPort'),
  ];
}

function checkNumber(path: string, port: number): Finding[] {
  if (port >= 1 && port <= 65_535) return [];
  return [finding('Invalid', path, `${port} is no port`, 'use a number from 1 to 65535')];
}

/** Source: RFC 6335 §5.1. */
function checkPortName(path: string, name: string): Finding[] {
  const isName = name.length <= 15 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) && /[a-z]/.test(name);
  if (isName) return [];
  const hint = /^\d+$/.test(name)
    ? `write it without quotes: ${name}`
    : 'use at most 15 lower-case letters, digits and "-", with a letter among them';
  return [finding('Invalid', path, `${JSON.stringify(name)} is no name of a port`, hint)];
}

function checkWord(path: string, text: string, words: readonly string[]): Finding[] {
  if (words.includes(text)) return [];
  const nearest = nearestWord(text, words);
  const list = words.join(', ');
  const hint = nearest === undefined ? `use one of: ${list}` : `did you mean ${nearest}?`;
  return [finding('Invalid', path, `${JSON.stringify(text)} is not one of: ${list}`, hint)];
}
