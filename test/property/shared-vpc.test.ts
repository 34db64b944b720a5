// Laws of projects that share a Vpc: what one writes is its own, and the order in which objects come says nothing.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DesiredRow } from '../../src/plan/desired.ts';
import { worldOf } from '../support/model-world.ts';
import type { World } from '../support/model-world.ts';
import { floatingIp, networks, platform, pod, project, service, subnet } from '../support/shared-vpc.ts';

const names = ['a', 'b', 'c'] as const;
type Name = (typeof names)[number];
const number: Readonly<Record<Name, number>> = { a: 1, b: 2, c: 3 };

/** Documents of a project: itself, and what is in its namespace. */
function documentsOf(name: Name, type: string, things: readonly string[]): string[] {
  const namespace = `acme-${name}`;
  const made: Readonly<Record<string, string>> = {
    pod: pod(namespace, 'web', `network.kube-dc.com/ip-address: 10.0.${number[name]}.8`),
    service: service(namespace, 'web'),
    bound: service(namespace, 'own', 'service.nlb.kube-dc.com/bind-on-default-gw-eip: "true"'),
    floating: floatingIp(namespace, 'vm', `10.0.${number[name]}.9`),
    public: floatingIp(namespace, 'out', `10.0.${number[name]}.7`, 'public'),
  };
  const spec = `cidrBlock: 10.0.${number[name]}.0/24, egressNetworkType: ${type}`;
  return [project(name, spec, `0${number[name]}`), ...things.map((thing) => made[thing] ?? '')];
}

const tenant = (name: Name): fc.Arbitrary<string[]> =>
  fc
    .record({
      type: fc.constantFrom('cloud', 'public'),
      things: fc.subarray(['pod', 'service', 'bound', 'floating', 'public']),
    })
    .map(({ type, things }) => documentsOf(name, type, things));

const base = [networks, platform([['acme-a-default', '*']]), subnet('db', '10.0.9.0/24')];
/** Every address is known, so that none depends on who came first. */
function worldFor(documents: readonly string[]): World {
  const text = documents.join('');
  const isPublic = (name: Name): boolean =>
    new RegExp(`name: ${name},[^}]*}\nspec: [^}]*egressNetworkType: public`).test(text);
  const addresses = names.flatMap((name) =>
    ['default-gw', 'slb-web', 'fip-vm', 'fip-out'].map((eip, index) => {
      const isOut = eip === 'fip-out' || (eip === 'default-gw' && isPublic(name));
      const network = isOut ? '198.51.100' : '192.0.2';
      return [`EIp/acme-${name}/${eip}`, `${network}.${number[name] * 10 + index + 30}`];
    }),
  );
  const routers = [
    ['Vpc/platform/cloud', '192.0.2.200'],
    ['Vpc/platform/public', '198.51.100.200'],
  ];
  return worldOf(text, {
    recorded: Object.fromEntries([...addresses, ...routers]) as Record<string, string>,
  });
}

const isOf = (name: Name, { source }: DesiredRow): boolean =>
  source === `Project/acme/${name}` || source.split('/')[1] === `acme-${name}`;

describe('projects in one Vpc', () => {
  test('what one writes changes no row that serves another one, but sets of all', () => {
    fc.assert(
      fc.property(tenant('a'), tenant('b'), tenant('b'), (a, before, after) => {
        const ofA = (b: readonly string[]) =>
          worldFor([...base, ...a, ...b])
            .rows.filter((row) => isOf('a', row))
            // The load balancers of all are on every switch, and a wall names all neighbours.
            .filter(({ table, id }) => table !== 'Logical_Switch' && !id.startsWith('neighbours/'));
        expect(ofA(after)).toEqual(ofA(before));
      }),
      { numRuns: 60 },
    );
  });

  test('without one, no row says anything of it', () => {
    fc.assert(
      fc.property(tenant('a'), tenant('c'), (a, c) => {
        const { rows } = worldFor([...base, ...a]);
        expect(rows.some((row) => isOf('c', row) || JSON.stringify(row).includes('acme-c'))).toBe(false);
        const more = worldFor([...base, ...a, ...c]).rows;
        expect(more.filter((row) => isOf('c', row)).length).toBeGreaterThan(0);
      }),
      { numRuns: 30 },
    );
  });

  test('rows do not depend on the order of objects, and every name is there once', () => {
    const shuffled = fc.tuple(tenant('a'), tenant('b'), tenant('c')).chain((tenants) => {
      const documents = tenants.flat();
      return fc.tuple(
        fc.constant(documents),
        fc.shuffledSubarray(documents, { minLength: documents.length }),
      );
    });
    fc.assert(
      fc.property(shuffled, ([documents, other]) => {
        const { rows } = worldFor([...base, ...documents]);
        expect(worldFor([...base, ...other]).rows).toEqual(rows);
        const ids = rows.map(({ table, id }) => `${table} ${id}`);
        expect(ids.length).toBe(new Set(ids).size);
      }),
      { numRuns: 40 },
    );
  });
});
