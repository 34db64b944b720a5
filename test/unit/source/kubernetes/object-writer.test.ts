// What becomes of a write that the API server does not take: paused, tried again, or left.
import { describe, expect, test } from 'vitest';
import { errorOfStatus } from '../../../../src/source/kubernetes/kube-error.ts';
import { ObjectWriter, type WriteResult } from '../../../../src/source/kubernetes/object-writer.ts';
import { FakeClock, settled } from '../../../support/fake-clock.ts';

const name = { apiVersion: 'kube-dc.com/v1', kind: 'EIp', namespace: 'shalb-demo', name: 'a' } as const;
const signal = new AbortController().signal;

/** `answers` by request, the last one for ever: an error status, with what it asks to wait, or an object. */
function writerWith(...answers: readonly (readonly [status: number, retryAfter?: string] | object)[]) {
  const clock = new FakeClock();
  const sentAt: number[] = [];
  const request = async (): Promise<unknown> => {
    const answer = answers[Math.min(sentAt.length, answers.length - 1)];
    sentAt.push(clock.now());
    if (Array.isArray(answer)) throw errorOfStatus('PATCH', { message: 'no' }, answer[0], answer[1]);
    return answer;
  };
  const writer = new ObjectWriter({ client: { request }, clock });
  return { clock, sentAt, write: () => writer.applyStatus(name, {}, signal) };
}

describe('ObjectWriter', () => {
  test('a server that is asked too often (429) is left alone by all for as long as it wants', async () => {
    const { clock, sentAt, write } = writerWith([429, '7'], {});
    await expect(write()).rejects.toMatchObject({ code: 'KUBE_TOO_MANY_REQUESTS', retryAfterMs: 7000 });
    const others = Promise.all([write(), write(), write()]);
    await clock.advance(6999);
    expect(sentAt).toEqual([0]);
    await clock.advance(1);
    expect(await others).toMatchObject([{ kind: 'written' }, { kind: 'written' }, { kind: 'written' }]);
    expect(sentAt).toEqual([0, 7000, 7000, 7000]);
  });

  test('one that asks for more while it is waited for is waited for on', async () => {
    const { clock, sentAt, write } = writerWith([429, '2'], [429, '3'], {});
    await expect(write()).rejects.toMatchObject({ status: 429 });
    const both = Promise.allSettled([write(), write()]);
    await settled();
    await clock.advance(2000);
    await clock.advance(2999);
    expect(sentAt).toEqual([0, 2000]);
    await clock.advance(1);
    expect(await both).toMatchObject([{ reason: { status: 429 } }, { value: { kind: 'written' } }]);
    expect(sentAt).toEqual([0, 2000, 5000]);
  });

  test.each([
    [403, { kind: 'refused' }],
    [422, { kind: 'refused' }],
    [400, { kind: 'refused' }],
    [404, { kind: 'gone' }],
  ])('an answer of %d ends the write', async (status, outcome) => {
    expect(await writerWith([status]).write()).toMatchObject(outcome);
  });

  test.each([401, 409, 500, 503, 504])('an answer of %d may be another one later', async (status) => {
    await expect(writerWith([status]).write()).rejects.toMatchObject({ status });
  });
});

test.each<[string, number, boolean, WriteResult, string]>([
  ['what is answered', 200, true, 'written', 'written'],
  ['of what is not there', 404, true, 'gone', 'gone'],
  ['that is not allowed', 403, true, 'refused', 'refused'],
  ['that makes no sense', 422, true, 'refused', 'refused'],
  ['that somebody else has to say otherwise', 409, false, 'refused', 'refused'],
  ['of an object that is another one by now', 409, true, 'conflict', 'throws'],
  ['by whom the server does not know any more', 401, true, 'failed', 'throws'],
  ['when the server is asked too often', 429, true, 'failed', 'throws'],
  ['when the server is in trouble', 500, true, 'failed', 'throws'],
])('a write %s', async (_, status, isForced, result, outcome) => {
  const request = (): Promise<unknown> =>
    status === 200 ? Promise.resolve({}) : Promise.reject(errorOfStatus('PATCH', {}, status));
  const writer = new ObjectWriter({ client: { request }, clock: new FakeClock() });
  const came = await writer.apply(name, {}, isForced, signal).then(
    ({ kind }) => kind,
    () => 'throws',
  );
  expect(came).toBe(outcome);
  expect(writer.counts).toEqual([{ verb: 'apply', kind: 'EIp', result, count: 1 }]);
});

test('writes of one sort are counted together', async () => {
  const writer = new ObjectWriter({ client: { request: () => Promise.resolve({}) }, clock: new FakeClock() });
  for (const each of ['a', 'b']) await writer.applyStatus({ ...name, name: each }, {}, signal);
  await writer.delete(name, undefined, signal);
  expect(writer.counts).toEqual([
    { verb: 'status', kind: 'EIp', result: 'written', count: 2 },
    { verb: 'delete', kind: 'EIp', result: 'written', count: 1 },
  ]);
});
