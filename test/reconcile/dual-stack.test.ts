// A family that comes to a programmed network or goes from it: the other's rows and addresses stay, and nothing is left.
import { describe, expect, test } from 'vitest';
import { dualNetworks, everything, projectWith } from '../support/dual-stack-scenario.ts';
import { converge } from '../support/engine-world.ts';
import { changesBetween, spyOn } from '../support/northbound-spy.ts';
import { startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn, ovnVersions } from '../support/ovn-programs.ts';

const ranges = { narrow: '10.0.10.0/24', wide: 'fd00:10::/64', both: '10.0.10.0/24,fd00:10::/64' };
const nothing = { insert: 0, update: 0, delete: 0, transactions: 0 };
const textOf = (range: keyof typeof ranges): string => dualNetworks + projectWith(ranges[range]) + everything;

/** What holds both families, and what more children hang in; nothing else of the family that stays is touched. */
const shared = new Set([
  'Address_Set',
  'DNS',
  'Load_Balancer',
  'Logical_Router',
  'Logical_Router_Port',
  'Logical_Switch',
  'Logical_Switch_Port',
]);

describe.each(ovnVersions)('on OVN %s', (version) => {
  describe.skipIf(!hasOvn(version))('a project', () => {
    test.each(['narrow', 'wide', 'both'] as const)('of %s is written once', async (range) => {
      await using central = await startOvnCentral({ version });
      const first = await converge(textOf(range), { nb: central.nb });
      expect(first).toMatchObject({ changeSets: [], blocked: [], failures: [] });
      const again = await converge(textOf(range), { nb: central.nb });
      expect(again.summary).toEqual(nothing);
      expect(again.addresses).toEqual(first.addresses);
      await central.compiled();
      expect(await central.northdWarnings()).toEqual([]);
    });

    test('keeps IPv4 while IPv6 comes and goes, and is as before then', async () => {
      await using central = await startOvnCentral({ version, northd: false });
      await using spy = await spyOn(central.nb);
      const first = await converge(textOf('narrow'), { nb: central.nb });
      const narrow = await spy.snapshot();
      const wider = await converge(textOf('both'), { nb: central.nb });
      expect(wider.summary).toMatchObject({ delete: 0 });
      for (const [holder, value] of Object.entries(first.addresses))
        expect(wider.addresses[holder]?.split(',')[0]).toBe(value);
      expect(wider.addresses['EIp/shalb-demo/x']).toMatch(/^100\.65\.0\.\d+,2001:db8:65::\w+$/);
      const back = await converge(textOf('narrow'), { nb: central.nb });
      expect(back.summary).toMatchObject({ insert: 0 });
      expect(changesBetween(narrow, await spy.snapshot())).toEqual([]);
      expect(back.addresses).toEqual(first.addresses);
    });

    test('keeps IPv6 when IPv4 goes', async () => {
      await using central = await startOvnCentral({ version, northd: false });
      const wider = await converge(textOf('both'), { nb: central.nb });
      const alone = await converge(textOf('wide'), { nb: central.nb });
      expect(alone.summary).toMatchObject({ insert: 0 });
      for (const [holder, value] of Object.entries(wider.addresses))
        expect(alone.addresses[holder]).toBe(value.split(',')[1]);
      expect(await central.nbctl('--bare', '--columns=networks', 'list', 'Logical_Router_Port')).not.toMatch(
        /\d+\.\d+/,
      );
      expect(await central.nbctl('--bare', '--columns=external_ip', 'list', 'NAT')).not.toMatch(/\d+\.\d+/);
      expect((await converge(textOf('wide'), { nb: central.nb })).summary).toEqual(nothing);
    });

    test('rewrites no row of IPv4 alone when IPv6 comes', async () => {
      await using central = await startOvnCentral({ version, northd: false });
      await using spy = await spyOn(central.nb);
      await converge(textOf('narrow'), { nb: central.nb });
      const before = await spy.snapshot();
      await converge(textOf('both'), { nb: central.nb });
      const changed = changesBetween(before, await spy.snapshot()).filter((line) => line.startsWith('-'));
      const tables = new Set(changed.map((line) => line.split(' ')[1] ?? ''));
      expect([...tables.difference(shared)]).toEqual([]);
      expect(tables).toContain('Logical_Router_Port');
    });
  });
});
