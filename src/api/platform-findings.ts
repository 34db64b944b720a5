// What of a policy of the platform cannot be carried out, rule by rule.
import { fieldPath, finding, type Finding } from './finding.ts';
import { checkSelector } from './label-selector.ts';
import type { PolicyPort } from './network-policy.ts';
import { actionsOf, platformRules, priorityOf, selectorsOf, tierOf } from './platform-policy.ts';
import type { PlatformPeer, PlatformPolicy, PlatformRule } from './platform-policy.ts';
import { portFindings, readBlock } from './policy-findings.ts';

/** Everything that is wrong with it. */
export function platformFindings(policy: PlatformPolicy): Finding[] {
  return [
    ...subjectFindings(policy),
    ...priorityFindings(policy),
    ...platformRules(policy).flatMap((rule) => ruleFindings(rule, policy)),
  ];
}

/** What makes it unclear for whom the policy is, or where it goes: it is for nobody then. */
export function subjectFindings(policy: PlatformPolicy): Finding[] {
  const { subject } = policy.spec;
  const selectors = selectorsOf(subject);
  const hint = 'remove or mend it; until then the policy is for nobody';
  const tier =
    tierOf(policy) === undefined
      ? [finding('Invalid', 'spec.tier', 'it is not one of: Admin, Baseline', hint)]
      : [];
  if (selectors === undefined)
    return [...tier, finding('Invalid', 'spec.subject', 'it needs either namespaces or pods', hint)];
  return [...tier, ...selectorFindings('spec.subject', subject)];
}

function priorityFindings(policy: PlatformPolicy): Finding[] {
  if (policy.kind === 'BaselineAdminNetworkPolicy') return [];
  const priority = priorityOf(policy);
  if (priority >= 0 && priority <= 1000) return [];
  return [
    finding('OutOfRange', 'spec.priority', `${priority} is no priority`, 'use a number from 0 to 1000'),
  ];
}

/**
 * What keeps a rule from being carried out. The API wants it to fail closed then: one that allows matches nothing, any
 * other denies everything. Source: network-policy-api, ClusterNetworkPolicyEgressPeer.
 */
export function ruleFindings(rule: PlatformRule, policy: PlatformPolicy): Finding[] {
  const { direction, action, peers, ports } = rule;
  const path = `spec.${rule.rule}`;
  const close =
    action === 'allow' ? 'until then the rule allows nothing' : 'until then the rule denies everything';
  const peersPath = fieldPath(path, direction === 'ingress' ? 'from' : 'to');
  const portsPath = fieldPath(path, policy.kind === 'ClusterNetworkPolicy' ? 'protocols' : 'ports');
  const findings = [
    ...actionFindings(fieldPath(path, 'action'), rule, policy),
    ...(peers.length === 0 ? [finding('Invalid', peersPath, 'it names nobody', 'name a peer')] : []),
    ...peers.flatMap((peer, index) => peerFindings(fieldPath(peersPath, index), peer, rule)),
    ...ports.flatMap((port, index) => rulePortFindings(fieldPath(portsPath, index), port, rule)),
  ];
  const closed = (each: Finding): Finding => ({ ...each, hint: `${each.hint}; ${close}` });
  return findings.map(closed);
}

function actionFindings(path: string, { action }: PlatformRule, policy: PlatformPolicy): Finding[] {
  if (action !== undefined) return [];
  const list = actionsOf(policy).join(', ');
  return [finding('Invalid', path, `it is not one of: ${list}`, `use one of: ${list}`)];
}

function peerFindings(path: string, peer: PlatformPeer, { direction }: PlatformRule): Finding[] {
  const [kind, ...more] = Object.keys(peer).filter((field) => known[direction].includes(field));
  if (kind === undefined || more.length > 0) {
    const list = known[direction].join(', ');
    return [finding('Invalid', path, `it needs exactly one of: ${list}`, 'make an entry for each peer')];
  }
  if (kind === 'domainNames') {
    const what = 'names of domains cannot be carried out: nobody here looks at the answers of name servers';
    return [finding('Unsupported', fieldPath(path, kind), what, 'use networks')];
  }
  if (peer.networks !== undefined)
    return peer.networks.flatMap((text, index) =>
      readBlock(text) === undefined ? [noNetwork(fieldPath(fieldPath(path, kind), index), text)] : [],
    );
  if (peer.nodes !== undefined) return checkSelector(fieldPath(path, kind), peer.nodes);
  return selectorFindings(path, peer);
}

const known: Readonly<Record<PlatformRule['direction'], readonly string[]>> = {
  ingress: ['namespaces', 'pods'],
  egress: ['namespaces', 'pods', 'nodes', 'networks', 'domainNames'],
};

function selectorFindings(path: string, { namespaces, pods }: PlatformPeer): Finding[] {
  if (namespaces !== undefined) return checkSelector(fieldPath(path, 'namespaces'), namespaces);
  if (pods === undefined) return [];
  const at = fieldPath(path, 'pods');
  return [
    ...checkSelector(fieldPath(at, 'namespaceSelector'), pods.namespaceSelector),
    ...checkSelector(fieldPath(at, 'podSelector'), pods.podSelector),
  ];
}

function noNetwork(path: string, text: string): Finding {
  const message = `${JSON.stringify(text)} is not a range in CIDR notation`;
  return finding('Invalid', path, message, 'write it as 10.0.10.0/24 or fd00:10::/64');
}

function rulePortFindings(
  path: string,
  ports: readonly PolicyPort[] | undefined,
  { direction, peers }: PlatformRule,
): Finding[] {
  const [port] = ports ?? [];
  if (port === undefined)
    return [finding('Invalid', path, 'it names no port, or several', 'make an entry for each port')];
  const isNamed = typeof port.port === 'string';
  const isOutside = ({ networks, nodes }: PlatformPeer): boolean =>
    networks !== undefined || nodes !== undefined;
  if (isNamed && direction === 'egress' && peers.some(isOutside))
    return [finding('Invalid', path, 'networks and nodes have no names for ports', 'use numbers')];
  return portFindings(path, port);
}
