// Events: where they are put, how many there are, and how loud it is when one is refused.
import { describe, expect, test, vi } from 'vitest';
import type { Logger } from '../../../../src/base/logger.ts';
import { EventRecorder } from '../../../../src/source/kubernetes/event-recorder.ts';
import { errorOfStatus } from '../../../../src/source/kubernetes/kube-error.ts';
import type { WriteOutcome } from '../../../../src/source/kubernetes/object-writer.ts';
import type { RawObject } from '../../../../src/source/kubernetes/raw-object.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const held = { uid: 'u', resourceVersion: '7', object: undefined, isEnding: false, problems: [] };
const about = (object: string) =>
  ({ object, type: 'Warning', reason: 'Conflict', message: 'taken' }) as const;

function recorder(outcome: WriteOutcome = { kind: 'written', object: {} }) {
  const created: (readonly [namespace: string, body: RawObject])[] = [];
  const method = () => vi.fn<Logger['info']>();
  const logger = { debug: method(), info: method(), warn: method(), error: method() };
  const clock = new FakeClock();
  const events = new EventRecorder({
    writer: {
      createEvent: async (namespace, body) => {
        created.push([namespace, body]);
        return outcome;
      },
    },
    server: { held: (key) => (key.endsWith('/gone') ? undefined : held) },
    clock,
    logger,
    signal: new AbortController().signal,
  });
  return { created, logger, clock, events };
}

const refused = (details: object): WriteOutcome => {
  const error = errorOfStatus('POST events', { message: 'no', reason: 'Forbidden', details }, 403);
  return { kind: 'refused', error };
};

describe('EventRecorder', () => {
  test('an event is in the namespace of its object, one about a cluster-wide object in default', async () => {
    const { created, events } = recorder();
    await events.record(about('FIp/shalb-demo/f'));
    await events.record(about('ExternalNetwork/ext-cloud'));
    expect(created).toMatchObject([
      [
        'shalb-demo',
        { metadata: { namespace: 'shalb-demo' }, regarding: { namespace: 'shalb-demo', name: 'f' } },
      ],
      [
        'default',
        { metadata: { namespace: 'default' }, regarding: { kind: 'ExternalNetwork', name: 'ext-cloud' } },
      ],
    ]);
    expect(created[1]?.[1]['regarding']).toHaveProperty('namespace', undefined);
  });

  test('nothing is said of an object that is not there', async () => {
    const { created, events } = recorder();
    await events.record(about('FIp/shalb-demo/gone'));
    expect(created).toEqual([]);
  });

  test('ten about one object in ten minutes, and others all the same', async () => {
    const { created, clock, events } = recorder();
    for (let count = 0; count < 30; count++) await events.record(about('FIp/shalb-demo/f'));
    await events.record(about('FIp/shalb-demo/g'));
    expect(created).toHaveLength(11);
    await clock.advance(600_001);
    await events.record(about('FIp/shalb-demo/f'));
    expect(created).toHaveLength(12);
  });

  test('one that is refused is said, but not in a namespace that goes', async () => {
    const { logger, events } = recorder(refused({}));
    await events.record(about('FIp/shalb-demo/f'));
    expect(logger.warn).toHaveBeenCalledOnce();
    const ending = recorder(
      refused({ causes: [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }] }),
    );
    await ending.events.record(about('FIp/shalb-demo/f'));
    expect(ending.logger.warn).not.toHaveBeenCalled();
    expect(ending.logger.debug).toHaveBeenCalledOnce();
  });
});
