// NetworkPolicies on a real ovn-northd: what ovn-trace says of connections is what the API documentation says.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { arbitraryCluster, clusterObjects, connectionsOf } from '../support/arbitrary-policies.ts';
import type { Report } from '../../src/controller/report.ts';
import { converge, onePass } from '../support/engine-world.ts';
import { startOvnCentral } from '../support/ovn-central.ts';
import type { OvnCentral } from '../support/ovn-central.ts';
import { hasOvn, ovnProgram, ovnVersions } from '../support/ovn-programs.ts';
import {
  caseConnections,
  caseNetwork,
  clusterOf,
  policyCases,
  policyObjects,
  stepObjects,
} from '../support/policy-cases.ts';
import { arbitraryPlatformCluster } from '../support/arbitrary-platform.ts';
import { isAllowedByAll } from '../support/platform-evaluator.ts';
import { isAllowed } from '../support/policy-evaluator.ts';
import type { Connection } from '../support/policy-evaluator.ts';

const execute = promisify(execFile);
const yamlOf = (objects: readonly unknown[]): string =>
  objects.map((one) => JSON.stringify(one)).join('\n---\n');

/** Every so many-th of a list. */
const sampleOf = <T>(items: readonly T[], count: number): T[] => {
  const step = Math.max(1, Math.floor(items.length / count));
  return items.filter((_, index) => index % step === Math.floor(index / step) % step);
};

function macOf(address: string): string {
  const octets = address.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'));
  return `0a:58:${octets.join(':')}`;
}

/** The first packet of a connection between two pods of one switch. */
function microflowOf({ from, to, protocol, port }: Connection): string {
  const [transport, ip] = [protocol.toLowerCase(), from.address.includes(':') ? 'ip6' : 'ip4'];
  return [
    `inport == "${from.pod?.name}.${from.pod?.namespace}"`,
    `eth.src == ${macOf(narrowOf(from.address))}`,
    `eth.dst == ${macOf(narrowOf(to.address))}`,
    `${ip}.src == ${from.address}`,
    `${ip}.dst == ${to.address}`,
    'ip.ttl == 64',
    `${transport}.src == 40000`,
    `${transport}.dst == ${port}`,
  ].join(' && ');
}

/** fd00:7::a is the same pod as 10.7.0.10, and has its MAC. */
const narrowOf = (address: string): string =>
  address.includes(':') ? `10.7.0.${Number.parseInt(address.split('::')[1] ?? '', 16)}` : address;

async function arrives(connection: Connection, central: OvnCentral): Promise<boolean> {
  const ct = Array.from({ length: 6 }, () => '--ct=new');
  const program = ovnProgram(central.version, 'ovn-trace');
  const { stdout } = await execute(program, [
    `--db=${central.sb}`,
    '--minimal',
    ...ct,
    's',
    microflowOf(connection),
  ]);
  return stdout.includes(`output("${connection.to.pod?.name}.${connection.to.pod?.namespace}")`);
}

async function expectAsDocumented(
  connections: readonly Connection[],
  isOpen: (connection: Connection) => boolean,
  central: OvnCentral,
): Promise<void> {
  await central.compiled();
  for (const connection of connections) {
    const found = { connection, arrives: await arrives(connection, central) };
    expect(found).toEqual({ connection, arrives: isOpen(connection) });
  }
}

describe.each(ovnVersions)('policies on OVN %s', (version) => {
  describe.skipIf(!hasOvn(version))('as ovn-trace sees them', () => {
    let central: OvnCentral;
    beforeAll(async () => {
      central = await startOvnCentral({ version });
    });
    afterAll(() => central.stop());
    const probes = (['TCP', 'UDP', 'SCTP'] as const).flatMap((protocol) =>
      [80, 81].map((port) => ({ protocol, port })),
    );

    test.each(policyCases.map((each) => [each.name, each] as const))('%s', async (_name, { steps }) => {
      for (const step of steps) {
        const objects = [...caseNetwork, ...stepObjects(step), ...policyObjects(step)];
        const report = await converge(yamlOf(objects), { nb: central.nb, allowMassDelete: true });
        expect(report.problems).toEqual([]);
        const all = caseConnections(step, probes);
        // What concerns the pod that most policies are for, and a sample of the rest.
        const close = all.filter(({ from, to }) =>
          [from, to].some(({ pod }) => pod?.namespace === 'x' && pod.name === 'a'),
        );
        const cluster = clusterOf(step);
        const isOpen = (connection: Connection): boolean => isAllowed(connection, cluster);
        await expectAsDocumented([...sampleOf(close, 9), ...sampleOf(all, 5)], isOpen, central);
      }
    });

    test.each(fc.sample(arbitraryCluster, { numRuns: 8, seed: 11 }))('a random cluster', async (cluster) => {
      await converge(yamlOf(clusterObjects(cluster)), { nb: central.nb, allowMassDelete: true });
      const inside = [...connectionsOf(cluster)].filter(({ from, to }) => from.pod && to.pod);
      const isOpen = (connection: Connection): boolean => isAllowed(connection, cluster);
      await expectAsDocumented(sampleOf(inside, 30), isOpen, central);
    });

    test.each(fc.sample(arbitraryPlatformCluster, { numRuns: 8, seed: 12 }))(
      'a random cluster with policies of the platform',
      async (cluster) => {
        await converge(yamlOf(clusterObjects(cluster)), { nb: central.nb, allowMassDelete: true });
        const inside = [...connectionsOf(cluster)].filter(({ from, to }) => from.pod && to.pod);
        const isOpen = (connection: Connection): boolean => isAllowedByAll(connection, cluster);
        await expectAsDocumented(sampleOf(inside, 30), isOpen, central);
      },
    );

    describe('a change', () => {
      const [, , one] = policyCases;
      const step = { policies: one?.steps[0]?.policies ?? [] };
      const objects = [...caseNetwork, ...stepObjects(step), ...policyObjects(step)];
      const settle = (...more: readonly unknown[]): Promise<Report> =>
        converge(yamlOf([...objects, ...more]), { nb: central.nb, allowMassDelete: true });
      const plan = async (...changed: readonly unknown[]): Promise<string[]> => {
        const report = await onePass('plan', yamlOf(changed), { nb: central.nb });
        const { changeSets } = report;
        return [
          changeSets.flatMap(({ inserts }) => inserts.map(({ table }) => `+ ${table}`)),
          changeSets.flatMap(({ updates }) =>
            updates.flatMap(({ table, columns }) =>
              columns.map(({ column, kind }) => `~ ${table}.${column} (${kind})`),
            ),
          ),
          changeSets.flatMap(({ deletes }) => deletes.map(({ table }) => `- ${table}`)),
        ].flat();
      };

      test('of who is there is a change of members: no rule is touched for one pod more', async () => {
        await settle();
        const metadata = { namespace: 'x', name: 'more', labels: { pod: 'a', also: 'b' } };
        const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: {} };
        expect(await plan(...objects, pod)).toEqual([
          '+ Logical_Switch_Port',
          '~ Port_Group.ports (set-delta)',
        ]);
        const peer = { ...pod, metadata: { ...metadata, labels: { pod: 'b' } } };
        expect(await plan(...objects, peer)).toEqual([
          '+ Logical_Switch_Port',
          '~ Address_Set.addresses (set-delta)',
        ]);
      });

      test('of a rule is a change of its own row, in place', async () => {
        const rest = [...caseNetwork, ...stepObjects(step)];
        const onPort = (port: number): readonly unknown[] =>
          policyObjects(step).map((policy): unknown =>
            JSON.parse(JSON.stringify(policy).replaceAll('"from":', `"ports":[{"port":${port}}],"from":`)),
          );
        await converge(yamlOf([...rest, ...onPort(80)]), { nb: central.nb, allowMassDelete: true });
        expect(await plan(...rest, ...onPort(81))).toEqual([
          '~ ACL.external_ids (map-delta)',
          '~ ACL.match (set)',
        ]);
      });
    });

    test('northd has nothing to complain about', async () =>
      expect(await central.northdWarnings()).toEqual([]));
  });
});
