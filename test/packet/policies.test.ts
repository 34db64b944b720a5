// Kubernetes' conformance cases of NetworkPolicy with packets: every pod with every other one, over TCP and UDP.
import { expect, test } from 'vitest';
import type { Host } from '../../src/lab/host.ts';
import { policiesInForce } from '../support/lab-policies.ts';
import { describeLab } from '../support/lab-world.ts';
import type { LabWorld } from '../support/lab-world.ts';
import {
  caseConnections,
  caseNetwork,
  casePods,
  clusterOf,
  policyCases,
  policyObjects,
  stepObjects,
} from '../support/policy-cases.ts';
import type { CaseObject, PolicyStep } from '../support/policy-cases.ts';
import { isAllowed } from '../support/policy-evaluator.ts';
import type { Connection } from '../support/policy-evaluator.ts';

const probes = [
  { protocol: 'TCP', port: 80 },
  { protocol: 'TCP', port: 81 },
  { protocol: 'UDP', port: 80 },
] as const;

const pathOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  `${namespace}/${name}`;
/** Pods of namespace z are on the other hypervisor. */
const hostOf = (world: LabWorld, path: string): Promise<Host> =>
  world.pod(path, path.startsWith('z') ? 2 : 1);

async function listenEverywhere(world: LabWorld): Promise<void> {
  for (const path of casePods.map(pathOf)) {
    const host = await hostOf(world, path);
    for (const { protocol, port } of probes) await host.listen(protocol === 'TCP' ? 'tcp' : 'udp', port);
  }
}

const textOf = ({ from, to, protocol, port }: Connection): string =>
  `${pathOf(from.pod!)} → ${pathOf(to.pod!)} ${protocol} ${port}`;

/** Connections that go through, of all between pods. */
async function open(connections: readonly Connection[], world: LabWorld): Promise<string[]> {
  const results = await Promise.all(
    connections.map(async (connection) => {
      const host = await hostOf(world, pathOf(connection.from.pod!));
      const transport = connection.protocol === 'TCP' ? 'tcp' : 'udp';
      const target = `${connection.to.address}:${connection.port}`;
      const { outcome } = await host[transport](target, { timeoutMs: 400 });
      return outcome === 'answered' ? [textOf(connection)] : [];
    }),
  );
  return results.flat();
}

describeLab(
  'NetworkPolicy',
  {
    objects: [...caseNetwork, ...stepObjects({ policies: [] })],
    chassis: 2,
    // With so many connections in one zone the userspace datapath of OVS 3.1 ends itself (conn_update_state).
    switchVersion: '25.03',
    prepare: listenEverywhere,
  },
  (world) => {
    let there: readonly CaseObject[] = [];
    const apply = async (step: PolicyStep): Promise<void> => {
      const wanted = policyObjects(step);
      const names = new Set(wanted.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
      await world.put(...stepObjects(step), ...wanted);
      await world.remove(
        ...there.filter(({ metadata }) => !names.has(`${metadata.namespace}/${metadata.name}`)),
      );
      there = wanted;
      await policiesInForce(world, wanted);
    };

    test.each(policyCases.map((each) => [each.name, each] as const))('%s', async (_name, { steps }) => {
      for (const step of steps) {
        await apply(step);
        const connections = caseConnections(step, probes);
        const expected = connections.filter((each) => isAllowed(each, clusterOf(step))).map(textOf);
        await expect.poll(() => open(connections, world), { timeout: 20_000 }).toEqual(expected);
      }
    });
  },
);
