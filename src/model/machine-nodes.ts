// On which nodes the port of a virtual machine may be bound: derived anew each time, never remembered.
import type { Pod } from '../api/pod.ts';
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';

type MigrationState = NonNullable<VirtualMachineInstance['status']['migrationState']>;

/**
 * Nodes in the order of right, where the machine runs first; empty: wherever it is plugged in.
 * - It moves: both nodes, so that the port is ready on the second one before the machine is. The pod there is made, and
 *   plugged in, before KubeVirt says that it moves.
 * - It has moved, or failed to: only where it runs. The other pod may be there a while longer, and its interface longer
 *   still, and two nodes that claim one port take it from each other.
 * `pods`: those that are seated on the port, the oldest first.
 */
export function machineNodes(
  pods: readonly Pod[],
  instance: VirtualMachineInstance | undefined,
): readonly string[] {
  const { nodeName, migrationState } = instance?.status ?? {};
  if (migrationState === undefined) return several(nodesOf(pods));
  const { sourceNode = nodeName, targetNode } = migrationState;
  if (!isOver(migrationState)) {
    const moving = several(unique([sourceNode, targetNode]));
    return moving.length > 0 ? moving : several(nodesOf(pods));
  }
  const running = nodeName ?? (migrationState.completed ? targetNode : sourceNode);
  return unique([running, ...nodesOf(pods.filter((pod) => !isLeftOver(pod, pods, migrationState)))]);
}

const isOver = ({ completed, failed, endTimestamp }: MigrationState): boolean =>
  completed || failed || endTimestamp !== undefined;

/** Whether a pod is what the last move has left behind: what the machine came from, or where it did not arrive. */
function isLeftOver(
  pod: Pod,
  pods: readonly Pod[],
  { completed, sourcePod, targetPod }: MigrationState,
): boolean {
  const { name } = pod.metadata;
  if (!completed) return name === targetPod;
  // KubeVirt did not always name the pod that a machine came from; it is older than the other one.
  const arrived = pods.findIndex(({ metadata }) => metadata.name === targetPod);
  return name === sourcePod || pods.indexOf(pod) < arrived;
}

const nodesOf = (pods: readonly Pod[]): readonly string[] => unique(pods.map(({ spec }) => spec.nodeName));

const unique = (nodes: readonly (string | undefined)[]): readonly string[] => [
  ...new Set(nodes.flatMap((node) => node || [])),
];

/** One node is no choice: who is there alone is bound there. */
const several = (nodes: readonly string[]): readonly string[] => (nodes.length > 1 ? nodes : []);
