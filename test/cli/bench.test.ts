// The benchmarks run to their end on three projects. No time is asserted.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { benchmarkNames } from '../../bench/options.ts';
import { hasApiServer } from '../support/api-server-programs.ts';
import { scratchFolder } from './scratch.ts';

const main = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));

test('every benchmark measures something, prints a table and writes JSON', async () => {
  const json = join(scratchFolder(), 'results.json');
  const args = [main, '--projects', '3', '--runs', '1', '--json', json];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { measurements } = JSON.parse(await readFile(json, 'utf8')) as {
    measurements: { benchmark: string; projects: number; values: Record<string, number> }[];
  };
  const expected = benchmarkNames.filter((name) => name !== 'kubernetes' || hasApiServer);
  expect(new Set(measurements.map(({ benchmark }) => benchmark))).toEqual(new Set(expected));
  for (const { projects, values } of measurements) {
    expect(projects).toBe(3);
    expect(Object.values(values).every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
  }
  expect(stdout).toContain('program, second run');
});
