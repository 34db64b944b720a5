// The examples of docs/network-security.md, applied to a real OVN of both versions: who gets through, and whose rule says no.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OvnCentral, startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn, ovnProgram, ovnVersions } from '../support/ovn-programs.ts';
import { type ProgramResult, runProgram } from '../support/program.ts';

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** Arguments of `trace`, exit code, and what it says. */
type Case = readonly [args: readonly string[], code: number, said: RegExp];

const examples: Readonly<Record<string, readonly Case[]>> = {
  isolation: [
    [
      ['acme-stranger/client', '192.0.2.20:80'],
      2,
      /^verdict +dropped: rule of Project\/acme\/stranger: drop: what others expose on ext-cloud/m,
    ],
    [['acme-friend/client', '192.0.2.20:80'], 0, /^verdict +delivered: /m],
    [['acme-shop/web', '192.0.2.20:80'], 0, /^verdict +delivered: reaches web\.acme-shop/m],
    [['acme-stranger/client', '192.0.2.5:80'], 0, /^verdict +delivered: leaves through ext-cloud/m],
    [['192.0.2.20:80', '--from-outside', 'ext-cloud'], 0, /^verdict +delivered: reaches web\.acme-shop/m],
  ],
  'shared-vpc': [
    [
      ['acme-bank/bank-0', 'acme-shop/shop-0:80'],
      2,
      /^verdict +dropped: rule of Project\/acme\/shop: drop: who is in another subnet of this network/m,
    ],
    [['acme-shop/shop-0', 'acme-bank/bank-0:8443'], 0, /^verdict +delivered: reaches bank-0\.acme-bank/m],
    [
      ['acme-shop/shop-0', 'databases/postgres-0:5432'],
      0,
      /^verdict +delivered: reaches postgres-0\.databases/m,
    ],
    [['databases/postgres-0', 'acme-shop/shop-0:80'], 2, /^verdict +dropped: rule of Project\/acme\/shop/m],
  ],
  'network-policies': [
    [['shop/client', 'shop/web-0:80'], 0, /^rule +ingress\[0\]: allow tcp 80 .*NetworkPolicy\/shop\/web$/m],
    [
      ['watch/prometheus', 'shop/web-0:80'],
      2,
      /dropped: rule of NetworkPolicy\/shop\/\S+: ingress: nothing else gets in/,
    ],
  ],
  'platform-policies': [
    [
      ['bank-watch/prometheus', 'bank-prod/ledger:9100'],
      0,
      /^rule +ingress\[0\] monitoring: allow tcp 9100 .*ClusterNetworkPolicy\/stages$/m,
    ],
    [
      ['bank-lab/test', '203.0.113.99:443'],
      2,
      /dropped: rule of ClusterNetworkPolicy\/lab-egress: egress\[1\]: drop everything to 0\.0\.0\.0\/0/,
    ],
  ],
  'subnet-acls': [
    [
      ['office/panel', 'machines/press:502'],
      0,
      /^rule +modbus: allow ingress tcp 502 from 10\.30\.1\.0\/24 +Subnet\/plant-machines$/m,
    ],
    [
      ['office/panel', 'machines/press:80'],
      2,
      /^verdict +dropped: rule of Subnet\/plant-machines: nobody-else: drop ingress everything/m,
    ],
    [
      ['machines/press', 'office/panel:80'],
      2,
      /no-calls: reject egress everything +Subnet\/plant-machines$/m,
    ],
  ],
};

describe.each(ovnVersions)('on OVN %s', (version) => {
  describe.skipIf(!hasOvn(version))('examples', () => {
    let ovn: OvnCentral;
    const run = (...args: readonly string[]): Promise<ProgramResult> => {
      const PATH = `${dirname(ovnProgram(version, 'ovn-trace'))}:${process.env['PATH'] ?? ''}`;
      return runProgram([...args, '--nb', ovn.nb], { env: { PATH, OVN_SB_DB: ovn.sb } });
    };
    beforeAll(async () => {
      ovn = await startOvnCentral({ version });
      await ovn.sbctl('chassis-add', 'gw-1', 'geneve', '192.0.2.200');
      const config = ['ovn-cms-options=enable-chassis-as-gw', 'ovn-bridge-mappings=ext-cloud:br-ext'];
      await ovn.sbctl('set', 'Chassis', 'gw-1', ...config.map((text) => `other_config:${text}`));
    });
    afterAll(() => ovn.stop());

    describe.each(Object.entries(examples))('%s', (folder, cases) => {
      // In the place of the one before.
      beforeAll(async () => {
        const applied = await run('apply', '-f', path(`examples/${folder}`), '--allow-mass-delete');
        if (applied.code !== 0) throw new Error(applied.stderr);
        await ovn.compiled();
      });

      test.each(cases)('trace %j', async (args, code, said) => {
        const result = await run('trace', ...args);
        expect(result.stdout).toMatch(said);
        expect(result).toMatchObject({ code });
      });
    });
  });
});
