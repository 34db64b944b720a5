// The load of the benchmark of policies: namespaces with 40 Pods and four NetworkPolicies each, in one shared Vpc.
import type { InventoryChange } from '../src/model/inventory.ts';
import { decodeChange } from './fleet.ts';
import type { Manifest } from './fleet.ts';

const podsPerNamespace = 40;
const namespaceName = (index: number): string => `n${String(index).padStart(3, '0')}`;
const tiers = ['web', 'api', 'db', 'job'];

/** Nobody from other namespaces; web from everywhere, api from web, db from api of every namespace of the team. */
function policies(namespace: string): Manifest[] {
  const of = (name: string, spec: Manifest): Manifest => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace, name },
    spec,
  });
  const tier = (name: string): Manifest => ({ podSelector: { matchLabels: { tier: name } } });
  const team = { namespaceSelector: { matchLabels: { team: 'a' } } };
  return [
    of('default', { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] }),
    of('web', { ...tier('web'), ingress: [{ ports: [{ port: 80 }, { port: 443 }] }] }),
    of('api', {
      ...tier('api'),
      ingress: [{ from: [tier('web'), { ipBlock: { cidr: '10.0.0.0/8' } }], ports: [{ port: 8080 }] }],
    }),
    of('db', { ...tier('db'), ingress: [{ from: [{ ...team, ...tier('api') }], ports: [{ port: 5432 }] }] }),
  ];
}

export const policyPod = (namespace: number, index: number): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    namespace: namespaceName(namespace),
    name: `pod-${String(index).padStart(2, '0')}`,
    labels: { tier: tiers[index % tiers.length] },
  },
  spec: { containers: [{ name: 'app' }] },
});

export function policyLoad(namespaces: number): InventoryChange[] {
  const indexes = Array.from({ length: namespaces }, (_, index) => index);
  const manifests: Manifest[] = [
    {
      apiVersion: 'ovn.kube-dc.com/v1alpha1',
      kind: 'Vpc',
      metadata: { name: 'shared' },
      spec: { externalNetworks: [] },
    },
    {
      apiVersion: 'ovn.kube-dc.com/v1alpha1',
      kind: 'Subnet',
      metadata: { name: 'pods' },
      spec: { vpc: 'shared', cidr: '10.0.0.0/16', namespaces: indexes.map(namespaceName) },
    },
    ...indexes.map((index) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespaceName(index), labels: { team: index % 2 === 0 ? 'a' : 'b' } },
    })),
    ...indexes.flatMap((index) => policies(namespaceName(index))),
    ...indexes.flatMap((index) =>
      Array.from({ length: podsPerNamespace }, (_, pod) => policyPod(index, pod)),
    ),
  ];
  return manifests.map(decodeChange);
}
