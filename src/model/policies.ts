// NetworkPolicies of a unit: whom each is for, and whom and what it allows, as far as that is in the same network.
import { objectKey } from '../api/api-object.ts';
import { platformKinds } from '../api/platform-policy.ts';
import { isolatedDirections } from '../api/network-policy.ts';
import type { NetworkPolicy } from '../api/network-policy.ts';
import { subjectFindings } from '../api/policy-findings.ts';
import type { Finding } from '../api/finding.ts';
import type { Family } from '../net/address.ts';
import type { Inventory } from './inventory.ts';
import { PeerBook } from './peer-book.ts';
import type { Labels } from './peer-book.ts';
import { peerSetSource } from './policy-model.ts';
import type { PoliciesModel, PolicyModel } from './policy-model.ts';
import { allowsOf } from './policy-rules.ts';
import { platformOf } from './platform.ts';
import { requirementsOf } from './selector.ts';
import type { UnitId } from './unit.ts';
import type { UnitRun } from './unit-run.ts';
import type { Workload } from './workloads.ts';

/** What policies of a unit are about. */
export interface PolicyScene {
  readonly unit: UnitId;
  /** Whose policies and pods are in it. */
  readonly namespaces: readonly string[];
  readonly workloads: readonly Workload[];
  readonly families: readonly Family[];
  /** Whether rules of others stand between the policies of the platform and those of tenants. */
  readonly hasRulesBetween: boolean;
  /** Whether what is wrong with the policies of a namespace is said here: they may be about several units. */
  reports(namespace: string): boolean;
}

/**
 * What cannot be read allows nothing: a peer or port with a mistake is left out by itself. For whom a policy is and in
 * which directions is read the wide way then. So a mistake makes a wall thicker, never thinner.
 */
export function policiesOf(scene: PolicyScene, run: UnitRun): PoliciesModel {
  const { inventory } = run.context;
  const { namespaces, workloads, families } = scene;
  const rejected = namespaces.flatMap((name) => inventory.invalidIn('NetworkPolicy', name));
  const rejectedPlatform = platformKinds.flatMap((kind) => inventory.invalidIn(kind, ''));
  if (rejected.length + rejectedPlatform.length > 0) run.heldSources.add(peerSetSource);
  const written = namespaces.flatMap((namespace) => inventory.inNamespace('NetworkPolicy', namespace));
  const ofPlatform = inventory.platformPolicies();
  if (written.length + ofPlatform.length === 0) return { families, policies: [], platform: [], peerSets: [] };
  const labels = new Map(namespaces.map((name) => [name, namespaceLabels(name, inventory)]));
  const book = new PeerBook(workloads, labels);
  const kept = new Map(namespaces.map((name) => [name, keptPorts(name, run)]));
  const policies = written.map((policy) => {
    const { namespace } = policy.metadata;
    const report = (finding: Finding): void => {
      if (scene.reports(namespace)) run.report({ ...finding, object: objectKey(policy) });
    };
    return policyModel(policy, book, kept.get(namespace) ?? [], inventory, report);
  });
  const unread = new Set(rejected.map((key) => key.split('/')[1]));
  const shut = workloads
    .filter(({ pod }) => unread.has(pod.metadata.namespace))
    .map(({ port }) => port.source);
  const tenants = { policies, shut };
  const { unit, hasRulesBetween } = scene;
  const platform = platformOf(ofPlatform, { unit, hasRulesBetween, book, kept, tenants, run });
  return { families, policies, platform, peerSets: book.sets };
}

function policyModel(
  policy: NetworkPolicy,
  book: PeerBook,
  kept: readonly string[],
  inventory: Inventory,
  report: (finding: Finding) => void,
): PolicyModel {
  const { metadata, spec } = policy;
  const findings = subjectFindings(spec);
  findings.forEach(report);
  const isReadable = !findings.some(({ path }) => path.startsWith('spec.podSelector'));
  const pods = isReadable ? requirementsOf(spec.podSelector) : [];
  const subjects = book.select({ namespaces: metadata.namespace, pods });
  const isolates = isolatedDirections(spec);
  const context = { policy, subjects, book, inventory, report };
  return {
    source: objectKey(policy),
    subjects: [...new Set([...subjects.map(({ port }) => port.source), ...kept])].toSorted(),
    isolates,
    allows: isolates.flatMap((direction) => allowsOf(direction, context)),
  };
}

/** As the API server has them: a namespace that nobody has written still has its name. */
function namespaceLabels(name: string, inventory: Inventory): Labels {
  return {
    ...inventory.get(`Namespace/${name}`)?.metadata.labels,
    'kubernetes.io/metadata.name': name,
  };
}

/**
 * Ports that stay although nobody knows what their pods are now: rejected ones, and those on a subnet that they cannot
 * be on. With their labels unknown every policy of the namespace is for them.
 */
function keptPorts(namespace: string, run: UnitRun): readonly string[] {
  const prefix = `Pod/${namespace}/`;
  return [...run.heldSources].filter((key) => key.startsWith(prefix) && run.recorded(key).length > 0);
}
