// How often a reflector asks when the server, or something before it, behaves badly: never in a busy loop.
import { describe, expect, test } from 'vitest';
import { type Logger, silentLogger } from '../../../../src/base/logger.ts';
import {
  errorOfFailure,
  errorOfStatus,
  type KubeError,
} from '../../../../src/source/kubernetes/kube-error.ts';
import type { WatchEvent } from '../../../../src/source/kubernetes/kube-client.ts';
import { Reflector } from '../../../../src/source/kubernetes/reflector.ts';
import { resourceOf } from '../../../../src/source/kubernetes/resources.ts';

/** What is not refused for good asks for seven seconds. */
const failure = (status: number): KubeError =>
  errorOfStatus('watch', { message: 'no' }, status, status >= 429 ? '7' : undefined);

interface Behaviour {
  /** Answers of lists, the last one for ever; a number is an error status. */
  readonly lists?: readonly (number | 'empty')[];
  /** Answers of watches, the last one for ever; a list of events, then the server ends it. */
  readonly watches?: readonly (number | 'silent' | readonly WatchEvent[])[];
  readonly logger?: Logger;
}

/** Runs until something has been waited for `count` times; returns what was asked, and how long was waited. */
async function asked({ lists = ['empty'], watches = [[]], logger = silentLogger }: Behaviour, count: number) {
  const end = new AbortController();
  const log: string[] = [];
  const waits: number[] = [];
  const next = <T>(answers: readonly T[], index: number): T => answers[Math.min(index, answers.length - 1)]!;
  let [listed, watched] = [0, 0];
  const reflector = new Reflector({
    resource: resourceOf('EIp'),
    logger,
    random: () => 1,
    timing: { minDelayMs: 100, maxDelayMs: 1000 },
    clock: {
      now: () => 0,
      sleep: async (ms) => {
        waits.push(ms);
        log.push('wait');
        if (waits.length === count) end.abort();
      },
    },
    listener: {
      listed: () => Promise.resolve(true),
      happened: () => Promise.resolve(true),
      refused: ({ status }) => Promise.resolve(void log.push(`refused ${status}`)),
      served: () => {},
    },
    client: {
      request: async () => {
        const answer = next(lists, listed++);
        log.push('list');
        if (typeof answer === 'number') throw failure(answer);
        return { kind: 'EIpList', metadata: { resourceVersion: '10' }, items: [] };
      },
      async *watch({ query }) {
        const answer = next(watches, watched++);
        log.push(`watch ${query['resourceVersion']}`);
        if (log.length > 100) throw new Error('a busy loop');
        if (typeof answer === 'number') throw failure(answer);
        yield [];
        if (answer === 'silent') throw errorOfFailure('watch', new DOMException('', 'TimeoutError'));
        if (answer.length > 0) yield answer;
      },
    },
  });
  await reflector.run(end.signal);
  return { log, waits, counts: reflector.counts };
}

const bookmark = (resourceVersion: string): WatchEvent => ({
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion } },
});

describe('Reflector', () => {
  test('a watch goes on from the last bookmark', async () => {
    const { log, counts } = await asked({ watches: [[bookmark('20')], [bookmark('30')], []] }, 1);
    expect(log).toEqual(['list', 'watch 10', 'watch 20', 'watch 30', 'wait']);
    expect(counts).toEqual({ lists: 1, watches: 3 });
  });

  test('watches that end at once are waited for, longer each time', async () => {
    const { waits, log } = await asked({}, 6);
    expect(waits).toEqual([100, 200, 400, 800, 1000, 1000]);
    expect(log.filter((line) => line === 'list')).toHaveLength(1);
  });

  test('too old once: listed at once; again and again: waited', async () => {
    const { log, waits } = await asked({ watches: [410] }, 3);
    const round = ['list', 'watch 10', 'wait'];
    expect(log).toEqual(['list', 'watch 10', ...round, ...round, ...round]);
    expect(waits).toEqual([100, 200, 400]);
  });

  test('pages that are too old: the next list comes in one piece, after a wait', async () => {
    const { log } = await asked({ lists: [410, 'empty'] }, 2);
    expect(log).toEqual(['list', 'wait', 'list', 'watch 10', 'wait']);
  });

  test('an answer that is an error ends in a list, and what the server asks for is waited', async () => {
    const { log, waits } = await asked({ watches: [500, 429, []] }, 3);
    expect(log).toEqual(['list', 'watch 10', 'wait', 'list', 'watch 10', 'wait', 'watch 10', 'wait']);
    expect(waits.slice(0, 2)).toEqual([7000, 7000]);
  });

  test('a server that is starting, and says so, is not said to be silent', async () => {
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (_: object, message: string) => void warnings.push(message) };
    await asked({ lists: [429, 503, 'empty'], logger }, 2);
    expect(warnings).toEqual(['the API server cannot answer now; tried again']);
  });

  test('a kind of which nothing is heard for long is watched anew, without alarm', async () => {
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (_: object, message: string) => void warnings.push(message) };
    const { log } = await asked({ watches: ['silent', 'silent', 503], logger }, 1);
    expect(log).toEqual(['list', 'watch 10', 'watch 10', 'watch 10', 'wait']);
    expect(warnings).toEqual(['the API server cannot answer now; tried again']);
  });

  test.each([401, 403, 404])('a refusal (%d) is told at each attempt', async (status) => {
    const { log } = await asked({ lists: [status] }, 3);
    const round = ['list', `refused ${status}`, 'wait'];
    expect(log).toEqual([...round, ...round, ...round]);
  });
});
