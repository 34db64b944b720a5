// Vitest projects: one per test tier, so that `./scripts/test unit` runs one tier alone.
import { defineConfig } from 'vitest/config';

const tier = (name: string, include: string[], timeoutMs: number, more = {}) => ({
  test: { name, include, testTimeout: timeoutMs, hookTimeout: timeoutMs, pool: 'forks' as const, ...more },
});
/** One file at a time, after everything else: for tests that measure answers and silences, or start large servers. */
const alone = (groupOrder: number, pollMs: number) => ({
  fileParallelism: false,
  sequence: { groupOrder },
  expect: { poll: { timeout: pollMs } },
});

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    projects: [
      tier('architecture', ['test/architecture.test.ts'], 30_000),
      tier('unit', ['test/unit/**/*.test.ts'], 10_000),
      tier('property', ['test/property/**/*.test.ts'], 60_000),
      tier('golden', ['test/golden/**/*.test.ts'], 20_000),
      tier('ovsdb', ['test/ovsdb/**/*.test.ts'], 60_000),
      tier('reconcile', ['test/reconcile/**/*.test.ts'], 120_000),
      tier('cli', ['test/cli/**/*.test.ts'], 120_000),
      tier('apiserver', ['test/apiserver/**/*.test.ts'], 300_000, alone(1, 60_000)),
      tier('packet', ['test/packet/**/*.test.ts'], 120_000, alone(2, 20_000)),
    ],
  },
});
