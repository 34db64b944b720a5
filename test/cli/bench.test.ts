// The benchmarks run to their end on three projects. No time is asserted.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { benchmarkNames } from '../../bench/options.ts';
import { hasApiServer } from '../support/api-server-programs.ts';
import { scratchFolder } from './scratch.ts';

const main = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));

test.for(benchmarkNames)(
  '%s measures something, prints a table and writes JSON',
  { timeout: 300_000 },
  async (name, context) => {
    context.skip(name === 'kubernetes' && !hasApiServer, 'there is no kube-apiserver');
    const json = join(scratchFolder(), 'results.json');
    const args = [main, name, '--projects', '3', '--runs', '1', '--objects', '3', '--json', json];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { measurements } = JSON.parse(await readFile(json, 'utf8')) as {
      measurements: { benchmark: string; projects: number; values: Record<string, number> }[];
    };
    const measured = measurements.map(({ benchmark }) => benchmark.split(' ', 1)[0]);
    expect([...new Set(measured)]).toEqual([name]);
    for (const { projects, values } of measurements) {
      expect(projects).toBe(3);
      expect(Object.values(values).every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
    }
    expect(stdout).toMatch(new RegExp(`^${name}\n  projects  subject`));
  },
);

/** Processes that name the folder in their arguments, by their ids. Source: proc(5), /proc/pid/cmdline. */
async function processesIn(folder: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return ids.filter((_, index) => lines[index]?.includes(folder));
}

test.skipIf(!hasApiServer)(
  'a benchmark that is ended leaves no server, daemon or folder behind',
  async () => {
    const folder = scratchFolder();
    const args = [main, 'kubernetes', '--projects', '1', '--runs', '1'];
    const bench = spawn(process.execPath, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, TMPDIR: folder },
    });
    const exited = once(bench, 'exit');
    let told = '';
    bench.stderr.on('data', (text) => (told += String(text)));
    await vi.waitFor(() => expect(told).toContain('in step'), { timeout: 60_000, interval: 20 });
    // etcd, the API server, ovsdb-server and the daemon.
    expect((await processesIn(folder)).length).toBeGreaterThanOrEqual(4);
    bench.kill('SIGTERM');
    expect(await exited).toEqual([143, null]);
    await vi.waitFor(async () => expect(await processesIn(folder)).toEqual([]), { timeout: 5000 });
    expect(await readdir(folder)).toEqual([]);
  },
);
