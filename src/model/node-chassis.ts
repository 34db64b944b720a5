// Which chassis of OVN a Node is: KubeVirt and Kubernetes say nodes, OVN binds ports to chassis.
import { objectKey } from '../api/api-object.ts';
import type { Pod } from '../api/pod.ts';
import type { UnitRun } from './unit-run.ts';

/**
 * The chassis of nodes, in their order. Of a node that OVN does not know, nothing is said at all: a port that is to be
 * bound on a chassis which does not exist would be bound nowhere. `pods`: those that are on these nodes, the oldest first.
 */
export function nodeChassis(
  nodes: readonly string[],
  pods: readonly [Pod, ...Pod[]],
  run: UnitRun,
): readonly string[] {
  const { observations } = run.context;
  const found = nodes.map((node) => observations.chassisOf(namesOf(node, run)));
  const chassis = found.filter((name) => name !== undefined);
  const lost = nodes.find((_, index) => found[index] === undefined);
  if (lost === undefined) return chassis;
  run.report({
    severity: 'warning',
    code: 'Pending',
    object: objectKey(pods.find(({ spec }) => spec.nodeName === lost) ?? pods[0]),
    path: 'spec.nodeName',
    message: `no chassis is known for node ${lost}, so a move of the virtual machine is left to whoever binds its port`,
    hint: 'ovn-controller must run there, with the name or an address of the node as its hostname, system-id or ovn-encap-ip',
  });
  return [];
}

/** What a chassis may be called: as the node, or by one of its names or addresses. */
function namesOf(node: string, { context }: UnitRun): readonly string[] {
  const object = context.inventory.get(`Node/${node}`);
  return [node, ...(object?.kind === 'Node' ? object.status.addresses.map(({ address }) => address) : [])];
}
