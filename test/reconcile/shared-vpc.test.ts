// A project that comes, breaks or goes beside a neighbour in one Vpc: the neighbour's rows stay as they are.
import { describe, expect, test } from 'vitest';
import { dumpNorthbound } from '../support/database-dump.ts';
import { converge } from '../support/engine-world.ts';
import { startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn, ovnVersions } from '../support/ovn-programs.ts';
import type { OvnVersion } from '../support/ovn-programs.ts';
import { floatingIp, networks, platform, pod, project, service, subnet } from '../support/shared-vpc.ts';

const base = networks + platform() + subnet('db', '10.0.9.0/24');
const tenant = (name: string, number: number, type: string, day: string, range = `10.0.${number}.0/24`) =>
  project(name, `cidrBlock: ${range}, egressNetworkType: ${type}`, day) +
  pod(`acme-${name}`, 'web') +
  service(`acme-${name}`, 'web') +
  floatingIp(`acme-${name}`, 'vm', `10.0.${number}.9`);
const [a, b] = [tenant('a', 1, 'cloud', '03'), tenant('b', 2, 'public', '04')];

type Rows = Readonly<Record<string, readonly string[]>>;

/** What serves a project or something of its namespace, by table; sets that tell of its neighbours left out. */
async function rowsOf(name: string, version: OvnVersion, nb: string): Promise<Rows> {
  const dump = await dumpNorthbound(version, nb);
  const mine = new RegExp(`ovn-projector/source\\W+(Project/acme/${name}\\W|[A-Za-z]+/acme-${name}/)`);
  const rows = Object.entries(dump).map(([table, all]) => {
    const own = all.map((row) => JSON.stringify(row)).filter((row) => mine.test(row));
    return [table, own.filter((row) => !/ovn-projector\/id\W+neighbours\//.test(row))] as const;
  });
  return Object.fromEntries(rows.filter(([, own]) => own.length > 0));
}

/** Sets of children of a switch name the load balancers of all. */
const withoutSwitches = (rows: Rows): Rows =>
  Object.fromEntries(Object.entries(rows).filter(([table]) => table !== 'Logical_Switch'));

describe.each(ovnVersions)('on OVN %s', (version) => {
  describe.skipIf(!hasOvn(version))('projects in a Vpc', () => {
    test('a neighbour that comes and goes leaves no trace', async () => {
      await using central = await startOvnCentral({ version, northd: false });
      const { nb } = central;
      await converge(base + a, { nb });
      const alone = await dumpNorthbound(version, nb);
      const before = withoutSwitches(await rowsOf('a', version, nb));
      expect(before['NAT']).toHaveLength(2);
      await converge(base + a + b, { nb });
      expect(withoutSwitches(await rowsOf('a', version, nb))).toEqual(before);
      expect((await rowsOf('b', version, nb))['NAT']).toHaveLength(2);
      await converge(base + a, { nb, allowMassDelete: true });
      expect(await rowsOf('b', version, nb)).toEqual({});
      expect(await dumpNorthbound(version, nb)).toEqual(alone);
    });

    test.each([
      ['is rejected', tenant('b', 2, 'public', '04', '10.0.2.7/24')],
      ['wants the range of its neighbour', tenant('b', 2, 'public', '04', '10.0.1.0/24')],
      ['wants the range of a Subnet', tenant('b', 2, 'public', '04', '10.0.9.0/24')],
      ['wants to leave otherwise', tenant('b', 2, 'cloud', '04')],
    ])('one that %s keeps all that it has, and so does its neighbour', async (_, broken) => {
      await using central = await startOvnCentral({ version, northd: false });
      const { nb } = central;
      await converge(base + a + b, { nb });
      const before = await dumpNorthbound(version, nb);
      const report = await converge(base + a + broken, { nb, allowMassDelete: true });
      expect(report.problems.map(({ object }) => object)).not.toContain('Project/acme/a');
      const after = await dumpNorthbound(version, nb);
      for (const table of ['NAT', 'Logical_Switch_Port', 'Logical_Router_Port', 'Load_Balancer', 'ACL'])
        expect(after[table]).toEqual(before[table]);
      // Its workloads come and go all the same.
      await converge(base + a + broken + pod('acme-b', 'more'), { nb });
      expect(JSON.stringify((await rowsOf('b', version, nb))['Logical_Switch_Port'])).toContain(
        'more.acme-b',
      );
      await converge(base + a + b, { nb, allowMassDelete: true });
      expect(await dumpNorthbound(version, nb)).toEqual(before);
    });
  });
});
