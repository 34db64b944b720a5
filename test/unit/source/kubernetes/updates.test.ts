// What is remembered of our own writes, when others are faster than their answers.
import { describe, expect, test, vi } from 'vitest';
import { decodeObject } from '../../../../src/api/decode.ts';
import { systemClock } from '../../../../src/base/clock.ts';
import type { Logger } from '../../../../src/base/logger.ts';
import { silentLogger } from '../../../../src/base/logger.ts';
import { errorOfStatus } from '../../../../src/source/kubernetes/kube-error.ts';
import { ObjectWriter } from '../../../../src/source/kubernetes/object-writer.ts';
import type { RawObject } from '../../../../src/source/kubernetes/raw-object.ts';
import { RecentObjects } from '../../../../src/source/kubernetes/recent-objects.ts';
import { Updates } from '../../../../src/source/kubernetes/updates.ts';
import { companion } from '../../../../src/status/companion.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const key = 'Service/shalb-demo/web-ext';
const metadata = { namespace: 'shalb-demo', name: 'web-ext', uid: 'first', resourceVersion: '7', labels: {} };
const service: RawObject = { apiVersion: 'v1', kind: 'Service', metadata, spec: { clusterIP: 'None' } };
const desired = companion({
  kind: 'Service',
  namespace: 'shalb-demo',
  name: 'web-ext',
  labels: {},
  rest: { spec: { clusterIP: 'None', ports: [{ name: 'http', port: 80, protocol: 'TCP' }] } },
});

const nothing = {
  get: () => undefined,
  inNamespace: () => [],
  projectsOf: () => [],
  projectsIn: () => [],
  vpcOfNamespace: (namespace: string) => namespace,
  subnetsOf: () => [],
  peersOf: () => [],
};

/** The watch has told that there is no object any more; `answer` is what the server says to a write. */
function afterItsDeletion(answer: (body: unknown) => Promise<unknown>) {
  const server = { held: () => undefined };
  const objects = new RecentObjects(nothing, server);
  const writer = new ObjectWriter({
    client: { request: ({ body }) => answer(body) },
    clock: systemClock,
  });
  const signal = new AbortController().signal;
  const updates = new Updates({ writer, objects, server, logger: silentLogger, clock: systemClock, signal });
  return { objects, updates };
}

function decoded() {
  const result = decodeObject(service);
  if (!result.ok) throw new Error('the Service is no Service');
  return result.object;
}

test('an object whose deletion is answered after the watch told of it does not come back to life', async () => {
  const { objects, updates } = afterItsDeletion(() => Promise.resolve(service));
  await updates.remove(decoded());
  expect(objects.get(key)).toBeUndefined();
});

test('an object that is not the one we remember is made anew, and not refused for ever', async () => {
  const refused = errorOfStatus(`PATCH ${key}`, { message: 'uid mismatch' }, 409);
  const { objects, updates } = afterItsDeletion((body) => {
    const { uid } = (body as { metadata: { uid?: string } }).metadata;
    return uid === undefined ? Promise.resolve(service) : Promise.reject(refused);
  });
  objects.put(service);
  await expect(updates.companion(desired)).rejects.toBe(refused);
  expect(await updates.companion(desired)).toBe(true);
});

describe('a write that the server refuses', () => {
  const status = (ipAddress: string) => ({
    key: 'EIp/shalb-demo/a',
    apiVersion: 'kube-dc.com/v1',
    kind: 'EIp',
    namespace: 'shalb-demo',
    name: 'a',
    status: { ipAddress },
  });
  const refusing = (code: number, details: object = {}) => {
    const clock = new FakeClock();
    let sent = 0;
    const method = () => vi.fn<Logger['info']>();
    const logger = { debug: method(), info: method(), warn: method(), error: method() };
    const request = async (): Promise<never> => {
      sent += 1;
      throw errorOfStatus('PATCH', { message: 'no', details }, code);
    };
    const server = { held: () => undefined };
    const updates = new Updates({
      writer: new ObjectWriter({ client: { request }, clock }),
      objects: new RecentObjects(nothing, server),
      server,
      logger,
      clock,
      signal: new AbortController().signal,
    });
    const write = (ipAddress = '100.65.0.2') => updates.statusOf(status(ipAddress), 'u', {});
    return { clock, logger, updates, write, sent: () => sent };
  };

  test.each([
    [403, 'rbac.yaml'],
    [422, 'ovn-projector crd | kubectl apply -f -'],
  ])('%d: is said once, with what to do, and not sent again for five minutes', async (code, remedy) => {
    const { clock, logger, updates, write, sent } = refusing(code);
    for (let count = 0; count < 5; count++) await write();
    expect(sent()).toBe(1);
    expect(updates.refused).toBe(5);
    expect(logger.error.mock.calls).toMatchObject([
      [{ what: 'the status of EIp/shalb-demo/a', hint: expect.stringContaining(remedy) }, expect.any(String)],
    ]);
    await clock.advance(300_000);
    await write();
    expect(sent()).toBe(2);
    expect(logger.error).toHaveBeenCalledOnce();
    // Another text is another question; while its unit is written it is one, then the other.
    for (let count = 0; count < 5; count++) {
      await write('100.65.0.3');
      await write();
    }
    expect(sent()).toBe(3);
  });

  test('nothing is said of a namespace that goes', async () => {
    const { logger, write } = refusing(403, { causes: [{ reason: 'NamespaceTerminating' }] });
    await write();
    expect(logger.error).not.toHaveBeenCalled();
    expect(logger.debug).toHaveBeenCalledOnce();
  });
});
