// Rules as they are compiled allow what the NetworkPolicies of the API documentation allow, no more and no less.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arbitraryCluster, clusterObjects, connectionsOf } from '../support/arbitrary-policies.ts';
import type { RandomCluster } from '../support/arbitrary-policies.ts';
import { decodeAll, worldOfChanges } from '../support/model-world.ts';
import type { World } from '../support/model-world.ts';
import { arbitraryPlatformCluster } from '../support/arbitrary-platform.ts';
import { isAllowedByAll } from '../support/platform-evaluator.ts';
import { isAllowed } from '../support/policy-evaluator.ts';
import type { Connection, End } from '../support/policy-evaluator.ts';
import { RuleInterpreter } from '../support/rule-interpreter.ts';
import type { Packet } from '../support/rule-interpreter.ts';

function worldOfCluster(cluster: RandomCluster, schema: string): World {
  const { changes, problems } = decodeAll(clusterObjects(cluster));
  // Of rules that are closed it is said; a mistake anywhere else would be one of this test.
  expect(problems.filter(({ path }) => !/\.(from|to)\[\d+\]/.test(path))).toEqual([]);
  return worldOfChanges(changes, { schema });
}

const portOf = ({ pod }: End): string => (pod === undefined ? 's-v' : `${pod.name}.${pod.namespace}`);

function packetOf({ from, to, protocol, port }: Connection): Packet {
  const transport = protocol.toLowerCase();
  const ip = from.address.includes(':') ? 'ip6' : 'ip4';
  return {
    inport: portOf(from),
    outport: portOf(to),
    ip: true,
    [ip]: true,
    [`${ip}.src`]: from.address,
    [`${ip}.dst`]: to.address,
    [transport]: true,
    [`${transport}.src`]: 40_000,
    [`${transport}.dst`]: port,
    'eth.src': '0a:58:00:00:00:99',
  };
}

describe.each(['ovn-nb-7.0.0.ovsschema', 'ovn-nb-7.11.0.ovsschema'])('policies (%s)', (schema) => {
  test('allow what the API documentation says, for every connection', () => {
    fc.assert(
      fc.property(arbitraryCluster, (cluster) => {
        const rules = new RuleInterpreter(worldOfCluster(cluster, schema).rows);
        for (const connection of connectionsOf(cluster)) {
          const packet = packetOf(connection);
          const isOpen =
            (connection.from.pod === undefined || rules.isAllowed('from-lport', packet)) &&
            (connection.to.pod === undefined || rules.isAllowed('to-lport', packet));
          if (isOpen !== isAllowed(connection, cluster))
            expect({ connection, isOpen }).toEqual({ connection, isOpen: !isOpen });
        }
      }),
      { numRuns: Number(process.env['POLICY_RUNS'] ?? 60) },
    );
  });
});

/** Pairs of pods, and of pods with outsiders, by what has no ports, and some of what has. */
function* probesOf(cluster: RandomCluster): Generator<Connection> {
  for (const connection of connectionsOf(cluster)) {
    yield connection;
    if (connection.protocol === 'TCP' && connection.port === 79)
      yield { ...connection, protocol: 'ICMP', port: 0 };
  }
}

test('policies of the platform decide before and after those of tenants, as their documentation says', () => {
  fc.assert(
    fc.property(arbitraryPlatformCluster, (cluster) => {
      const rules = new RuleInterpreter(worldOfCluster(cluster, 'ovn-nb-7.11.0.ovsschema').rows);
      for (const connection of probesOf(cluster)) {
        const packet = packetOf(connection);
        const isOpen =
          (connection.from.pod === undefined || rules.isAllowed('from-lport', packet)) &&
          (connection.to.pod === undefined || rules.isAllowed('to-lport', packet));
        if (isOpen !== isAllowedByAll(connection, cluster))
          expect({ connection, isOpen }).toEqual({ connection, isOpen: !isOpen });
      }
    }),
    { numRuns: Number(process.env['POLICY_RUNS'] ?? 60) },
  );
});

test('a change of one policy or pod changes rows in place: no rule is ever replaced', () => {
  fc.assert(
    fc.property(arbitraryCluster, fc.nat(), (cluster, pick) => {
      const before = worldOfCluster(cluster, 'ovn-nb-7.11.0.ovsschema').rows;
      const gone = cluster.pods[pick % cluster.pods.length];
      const pods = cluster.pods.map((pod) => (pod === gone ? { ...pod, labels: {}, ports: [] } : pod));
      const after = worldOfCluster({ ...cluster, pods }, 'ovn-nb-7.11.0.ovsschema').rows;
      const rules = (rows: World['rows']): unknown[] =>
        rows
          // Whose named port is which number is in the identity of what follows from it.
          .filter(({ table, id }) => table === 'ACL' && !id.includes('='))
          .map(({ uuid, columns }) => [uuid, columns]);
      expect(rules(after)).toEqual(rules(before));
    }),
    { numRuns: 50 },
  );
});
