// `trace` across a peering and out of a subnet with an address of its own, on a real OVN of both versions.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OvnCentral, startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn, ovnProgram, ovnVersions } from '../support/ovn-programs.ts';
import { type ProgramResult, runProgram } from '../support/program.ts';

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

describe.each(ovnVersions.filter(hasOvn))('on OVN %s', (version) => {
  let ovn: OvnCentral;
  const run = (...args: string[]): Promise<ProgramResult> => {
    const folder = dirname(ovnProgram(version, 'ovn-trace'));
    const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}`, OVN_SB_DB: ovn.sb };
    return runProgram([...args, '--nb', ovn.nb], { env });
  };
  beforeAll(async () => {
    ovn = await startOvnCentral({ version });
    await ovn.sbctl('chassis-add', 'gw-1', 'geneve', '192.0.2.1');
    const config = ['ovn-cms-options=enable-chassis-as-gw', 'ovn-bridge-mappings=ext-cloud:br-ext'];
    await ovn.sbctl('set', 'Chassis', 'gw-1', ...config.map((text) => `other_config:${text}`));
    await run('apply', '-f', path('examples/peering'), '-f', path('examples/egress'));
    await ovn.compiled();
  });
  afterAll(() => ovn.stop());

  test.each<[string, string[], number, RegExp]>([
    [
      'an agreed range: by the link, between agreed ranges, as it is',
      ['shop-web/web-0', 'bank-core/vault-0:80'],
      0,
      /^router +shop +.*\nroute +10\.2\.0\.0\/25 via 169\.254\.\d+\.\d+ by shop\.peer\.bank +Vpc\/bank\npolicy +allow: between ranges of the peering with bank +Vpc\/bank\nrouter +bank +.*\n(.*\n)*policy +allow: between ranges of the peering with shop +Vpc\/shop\n(.*\n)*verdict +delivered: reaches vault-0\.bank-core/m,
    ],
    [
      'the same by IPv6',
      ['shop-web/web-0', '[fd00:2::10]:80'],
      0,
      /^route +fd00:2::\/64 via fe80::\S+ by shop\.peer\.bank +Vpc\/bank\n(.*\n)*verdict +delivered: reaches vault-0\.bank-core/m,
    ],
    [
      'from a subnet that the peering does not name',
      ['shop-db/db-0', '10.2.0.10:80'],
      2,
      /^verdict +dropped: policy of Vpc\/bank: drop: beside the ranges of the peering with bank \[shop, stage lr_in_policy\]$/m,
    ],
    [
      'to what is beside the range',
      ['shop-web/web-0', '10.2.0.200:80'],
      2,
      /^verdict +dropped: no route: router shop has none for 10\.2\.0\.200/m,
    ],
    [
      'a subnet that leaves as the Vpc',
      ['desks/desk-0', '203.0.113.1:80'],
      0,
      /^verdict +delivered: leaves through ext-cloud .* as 100\.65\.0\.150$/m,
    ],
    [
      'a subnet with an address of its own',
      ['mail/mta-0', '203.0.113.1:25'],
      0,
      /^SNAT +10\.2\.0\.\d+ → 100\.65\.0\.160 +Subnet\/mail\n(.*\n)*verdict +delivered: leaves through ext-cloud .* as 100\.65\.0\.160$/m,
    ],
    [
      'a subnet that leaves by another network',
      ['web/proxy-0', '203.0.113.1:80'],
      0,
      /^policy +reroute to 10\.3\.0\.254 .*\n(.*\n)*router +office\.ext-public .*\n(.*\n)*verdict +delivered: leaves through ext-public .* as 168\.119\.17\.60$/m,
    ],
  ])('%s', async (_, args, code, text) => {
    const result = await run('trace', ...args);
    expect(result).toMatchObject({ stderr: '', code });
    expect(result.stdout).toMatch(text);
  });
});
