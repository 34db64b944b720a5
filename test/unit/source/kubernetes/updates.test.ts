// What is remembered of our own writes, when others are faster than their answers.
import { expect, test } from 'vitest';
import { decodeObject } from '../../../../src/api/decode.ts';
import { systemClock } from '../../../../src/base/clock.ts';
import { silentLogger } from '../../../../src/base/logger.ts';
import { errorOfStatus } from '../../../../src/source/kubernetes/kube-error.ts';
import { ObjectWriter } from '../../../../src/source/kubernetes/object-writer.ts';
import type { RawObject } from '../../../../src/source/kubernetes/raw-object.ts';
import { RecentObjects } from '../../../../src/source/kubernetes/recent-objects.ts';
import { Updates } from '../../../../src/source/kubernetes/updates.ts';
import { companion } from '../../../../src/status/companion.ts';

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

/** The watch has told that there is no object any more; `answer` is what the server says to a write. */
function afterItsDeletion(answer: (body: unknown) => Promise<unknown>) {
  const told = { get: () => undefined, inNamespace: () => [], projectsOf: () => [], subnetsOf: () => [] };
  const server = { held: () => undefined };
  const objects = new RecentObjects(told, server);
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
