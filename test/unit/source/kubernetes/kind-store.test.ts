// What of one kind changed, as whoever follows it should see it.
import { describe, expect, test } from 'vitest';
import { KindStore } from '../../../../src/source/kubernetes/kind-store.ts';
import type { RawObject } from '../../../../src/source/kubernetes/raw-object.ts';
import { resourceOf } from '../../../../src/source/kubernetes/resources.ts';

const key = 'EIp/shalb-demo/a';
const eip = (more: object = {}, spec: object = {}, name = 'a'): RawObject => ({
  apiVersion: 'kube-dc.com/v1',
  kind: 'EIp',
  metadata: { namespace: 'shalb-demo', name, uid: 'u1', resourceVersion: '1', ...more },
  spec,
});
const ending = { deletionTimestamp: '2026-03-01T10:00:00Z' };
const bad = { externalNetworkType: 'not a label' };

describe('KindStore', () => {
  test.each<[string, readonly RawObject[], object | undefined]>([
    ['new', [eip()], { key, object: expect.anything() }],
    ['the same again', [eip(), eip()], undefined],
    ['another resourceVersion and nothing else', [eip(), eip({ resourceVersion: '2' })], undefined],
    [
      'another label',
      [eip(), eip({ resourceVersion: '2', labels: { a: 'b' } })],
      { object: expect.anything() },
    ],
    ['made anew with the same resourceVersion', [eip(), eip({ uid: 'u2' })], { object: expect.anything() }],
    ['ending', [eip(), eip({ resourceVersion: '2', ...ending })], { key, object: undefined }],
    ['ending from the start', [eip(ending)], undefined],
    ['ending and changed', [eip(ending), eip({ ...ending, resourceVersion: '2' })], undefined],
    ['made anew after ending', [eip(ending), eip({ uid: 'u2' })], { key, object: expect.anything() }],
    ['rejected', [eip(), eip({ resourceVersion: '2' }, bad)], { key, object: undefined, invalid: true }],
    ['rejected again', [eip({}, bad), eip({ resourceVersion: '2' }, bad)], undefined],
    [
      'rejected and ending',
      [eip({}, bad), eip({ resourceVersion: '2', ...ending }, bad)],
      { object: undefined },
    ],
    ['right again', [eip({}, bad), eip({ resourceVersion: '2' })], { key, object: expect.anything() }],
  ])('%s', (_, versions, expected) => {
    const store = new KindStore(resourceOf('EIp'));
    const changes = versions.map((version) => store.put(version));
    if (expected === undefined) expect(changes.at(-1)).toBeUndefined();
    else expect(changes.at(-1)).toMatchObject(expected);
    if (expected !== undefined && !('invalid' in expected))
      expect(changes.at(-1)).not.toHaveProperty('invalid');
  });

  test('the end of an object that was ending already is told to whoever listens to the quiet', () => {
    const heard: string[] = [];
    const store = new KindStore(resourceOf('EIp'), (each) => heard.push(each));
    store.put(eip());
    store.put(eip({ resourceVersion: '2', ...ending }));
    expect(store.remove(key)).toBeUndefined();
    expect(heard).toEqual([key]);
    store.put(eip({ uid: 'u2' }));
    expect(store.remove(key)).toEqual({ key, object: undefined });
    expect(store.remove(key)).toBeUndefined();
    expect(heard).toEqual([key]);
  });

  test('its problems are the same list until one of them changes', () => {
    const store = new KindStore(resourceOf('EIp'));
    store.put(eip({}, bad));
    const before = store.problems();
    expect(before).toHaveLength(1);
    store.put(eip({}, {}, 'b'));
    store.remove('EIp/shalb-demo/b');
    expect(store.problems()).toBe(before);
    store.put(eip({ resourceVersion: '2' }, { externalNetworkType: 'neither is this' }));
    expect(store.problems()).not.toEqual(before);
    store.put(eip({ resourceVersion: '3' }));
    expect(store.problems()).toEqual([]);
  });

  const condition = { type: 'Ready', status: 'True', reason: 'Ok', message: '', observedGeneration: 1 };
  test.each<[string, RawObject, boolean]>([
    ['the address of an EIp', { ...eip(), status: { ipAddress: '100.65.0.103' } }, true],
    [
      'all else in its status',
      { ...eip(), status: { ownershipType: 'Shared', conditions: [condition] } },
      false,
    ],
    ['a finalizer', eip({ finalizers: ['x'] }), false],
    ['an annotation', eip({ annotations: { a: 'b' } }), true],
    ['the MTU and the gateway', eip({ annotations: { 'network.kube-dc.com/mtu': '1400' } }), false],
  ])('%s: whether it is told when it comes', (_, after, isTold) => {
    const quiet: string[] = [];
    const store = new KindStore(resourceOf('EIp'), (told) => quiet.push(told));
    store.put(eip());
    const metadata = { ...(after['metadata'] as object), resourceVersion: '2' };
    expect(store.put({ ...after, metadata }) !== undefined).toBe(isTold);
    expect(quiet).toEqual(isTold ? [] : [key]);
  });

  test('a complete list: what is not in it is gone, what is as it was is not told', () => {
    const store = new KindStore(resourceOf('EIp'));
    store.replace([eip({}, {}, 'a'), eip({}, {}, 'b'), eip(ending, {}, 'c')]);
    const changes = store.replace([eip({}, {}, 'a'), eip({}, bad, 'd')]);
    expect(changes).toEqual([
      { key: 'EIp/shalb-demo/d', object: undefined, invalid: true },
      { key: 'EIp/shalb-demo/b', object: undefined },
    ]);
    expect([...store.objects.keys()]).toEqual(['EIp/shalb-demo/a', 'EIp/shalb-demo/d']);
    expect(store.problems()).toMatchObject([{ object: 'EIp/shalb-demo/d', code: 'Invalid' }]);
    store.replace([]);
    expect(store.problems()).toEqual([]);
  });

  test('an object that is rejected, or ends, is held as the server has it', () => {
    const store = new KindStore(resourceOf('EIp'));
    store.put(eip({}, bad));
    expect(store.objects.get(key)).toMatchObject({ uid: 'u1', object: undefined, raw: { spec: bad } });
    store.put(eip({ resourceVersion: '2', finalizers: ['x'], ...ending }));
    expect(store.objects.get(key)).toMatchObject({
      isEnding: true,
      object: { metadata: { finalizers: ['x'] } },
    });
  });

  test('a Pod that ends is there until it has', () => {
    const store = new KindStore(resourceOf('Pod'));
    const pod = { ...eip(ending), apiVersion: 'v1', kind: 'Pod' };
    expect(store.put(pod)).toMatchObject({ key: 'Pod/shalb-demo/a', object: { kind: 'Pod' } });
  });
});
