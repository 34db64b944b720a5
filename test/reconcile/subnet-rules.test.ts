// Rules of subnets in a real database: they come, change in place, and go, meters and bands with them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { converge } from '../support/engine-world.ts';
import { startOvnCentral } from '../support/ovn-central.ts';
import type { OvnCentral } from '../support/ovn-central.ts';
import { hasOvn, ovnVersions } from '../support/ovn-programs.ts';
import { networks, pod, project } from '../support/scenario.ts';

const rule = (rest: object): object => ({
  name: 'mail',
  direction: 'egress',
  action: 'reject',
  priority: 9,
  ...rest,
});
const withRules = (...acls: readonly object[]): string =>
  networks + project.replace('cidrBlock', `subnetAcls: ${JSON.stringify(acls)}, cidrBlock`) + pod('web');

describe.each(ovnVersions)('rules of subnets on OVN %s', (version) => {
  describe.skipIf(!hasOvn(version))('in NB', () => {
    let central: OvnCentral;
    beforeAll(async () => {
      central = await startOvnCentral({ version });
    });
    afterAll(() => central.stop());
    const list = async (table: string, columns: string): Promise<string[]> =>
      (await central.nbctl('--bare', '--format=csv', `--columns=${columns}`, 'list', table))
        .trim()
        .split('\n');

    test('a rule keeps its row, and a meter goes with the last rule that is logged', async () => {
      const acl = () =>
        central.nbctl('--bare', '--columns=_uuid', 'find', 'ACL', 'name="shalb-demo-default/mail"');
      await converge(withRules(rule({ log: true })), central);
      const first = await acl();
      expect(first).toMatch(/^[0-9a-f-]{36}$/m);
      expect(await list('Meter', 'name,fair')).toEqual(['shalb-demo-default/log/10,true']);
      expect(await list('Meter_Band', 'rate,burst_size')).toEqual(['10,10']);
      await converge(
        withRules(rule({ log: true, logRate: 7, action: 'allow', priority: 1000 }), rule({ name: 'b' })),
        central,
      );
      expect(await acl()).toBe(first);
      expect(await list('Meter', 'name')).toEqual(['shalb-demo-default/log/7']);
      await converge(withRules(rule({})), central);
      expect(await acl()).toBe(first);
      expect(await list('Meter', 'name')).toEqual(['']);
      expect(await list('Meter_Band', 'rate')).toEqual(['']);
      await converge(withRules(), central);
      expect(await acl()).toBe('');
      expect(await central.nbctl('--bare', '--columns=name', 'list', 'Port_Group')).toBe('');
    });
  });
});
