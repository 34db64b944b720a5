// For every example: what `apply` programs equals what the printed `ovn-nbctl` commands make on an empty database.
import { execFile } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { dumpNorthbound } from '../support/database-dump.ts';
import { startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn, ovnProgram, ovnVersions } from '../support/ovn-programs.ts';
import { runProgram } from '../support/program.ts';

const examples = new URL('../../examples/', import.meta.url).pathname;
const goldenCases = new URL('../golden/cases/', import.meta.url).pathname;
const inputs = [
  ...readdirSync(examples, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry): [string, string] => [`example ${entry.name}`, join(examples, entry.name)]),
  ...readdirSync(goldenCases).map((file): [string, string] => [
    `golden case ${file}`,
    join(goldenCases, file),
  ]),
];

describe.each(ovnVersions)('on OVN %s', (version) => {
  describe.skipIf(!hasOvn(version))('printed commands', () => {
    test.each(inputs)('make the same database: %s', async (_name, path) => {
      await using applied = await startOvnCentral({ version, northd: false });
      await using commanded = await startOvnCentral({ version, northd: false });
      const config = join(commanded.directory, 'config.yaml');
      writeFileSync(config, 'gatewayChassis: [gateway-1, gateway-2]\n');
      const flags = ['-f', path, '--config', config];

      const plan = await runProgram(['plan', ...flags, '--nb', commanded.nb, '-o', 'nbctl']);
      expect(plan).toMatchObject({ code: 2 });
      const script = join(commanded.directory, 'change.sh');
      writeFileSync(script, plan.stdout);
      const shim = join(ovnProgram(version, 'ovn-nbctl'), '..');
      await promisify(execFile)('sh', [script], {
        env: { PATH: `${shim}:${process.env['PATH'] ?? ''}`, OVN_NB_DB: commanded.nb },
      });
      const apply = await runProgram(['apply', ...flags, '--nb', applied.nb]);
      expect([0, 3]).toContain(apply.code);

      const expected = await dumpNorthbound(version, applied.nb);
      expect(expected['Logical_Switch']?.length).toBeGreaterThan(0);
      expect(await dumpNorthbound(version, commanded.nb)).toEqual(expected);
    });
  });
});
