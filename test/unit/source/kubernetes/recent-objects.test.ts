// What our own writes have made of objects, until the watches bring it: nothing is written twice, and nothing hides others.
import { describe, expect, test } from 'vitest';
import type { ApiObject } from '../../../../src/api/api-object.ts';
import { objectKey } from '../../../../src/api/api-object.ts';
import { decodeObject } from '../../../../src/api/decode.ts';
import { silentLogger } from '../../../../src/base/logger.ts';
import type { HeldObject } from '../../../../src/source/kubernetes/kind-store.ts';
import { ObjectWriter } from '../../../../src/source/kubernetes/object-writer.ts';
import { RecentObjects } from '../../../../src/source/kubernetes/recent-objects.ts';
import { Updates } from '../../../../src/source/kubernetes/updates.ts';
import { companion } from '../../../../src/status/companion.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const key = 'EIp/shalb-demo/a';
interface Version {
  readonly version: string;
  readonly uid?: string;
  readonly ipAddress?: string;
}

const rawOf = ({ version, uid = 'first', ipAddress }: Version) => ({
  apiVersion: 'kube-dc.com/v1',
  kind: 'EIp',
  metadata: { namespace: 'shalb-demo', name: 'a', uid, resourceVersion: version },
  spec: {},
  ...(ipAddress !== undefined && { status: { ipAddress } }),
});

function decoded(version: Version): ApiObject {
  const result = decodeObject(rawOf(version));
  if (!result.ok) throw new Error('the EIp is no EIp');
  return result.object;
}

/** Watches that bring what a test says, and a server that takes every write and counts it. */
function world() {
  const held = new Map<string, HeldObject>();
  const told = new Map<string, ApiObject>();
  const objects = new RecentObjects(
    {
      get: (each) => told.get(each),
      inNamespace: (kind) => [...told.values()].filter((object) => object.kind === kind) as never,
      projectsOf: () => [],
      projectsIn: () => [],
      vpcOfNamespace: (namespace: string) => namespace,
      subnetsOf: () => [],
      peersOf: () => [],
    },
    { held: (each) => held.get(each) },
  );
  let sent = 0;
  const writer = new ObjectWriter({
    clock: new FakeClock(),
    client: {
      request: async ({ body }) => {
        sent += 1;
        const { status } = body as { status?: { ipAddress: string } };
        return rawOf({ version: String(10 + sent), ...status });
      },
    },
  });
  const signal = new AbortController().signal;
  const server = { held: (each: string) => held.get(each) };
  const updates = new Updates({
    writer,
    objects,
    server,
    logger: silentLogger,
    clock: new FakeClock(),
    signal,
  });
  return {
    objects,
    updates,
    sent: () => sent,
    bring: (what: Version) => {
      const object = decoded(what);
      const { uid = '', resourceVersion = '' } = object.metadata;
      held.set(key, { uid, resourceVersion, object, isEnding: false, problems: [] });
      told.set(key, object);
    },
    end: () => told.delete(key),
    remove: () => {
      held.delete(key);
      told.delete(key);
    },
    writeAddress: (ipAddress: string) =>
      updates.status({
        key,
        apiVersion: 'kube-dc.com/v1',
        kind: 'EIp',
        namespace: 'shalb-demo',
        name: 'a',
        status: { ipAddress },
      }),
    address: () => {
      const object = objects.get(key);
      return object?.kind === 'EIp' ? object.status?.ipAddress : undefined;
    },
  };
}

const desired = companion({
  kind: 'EIp',
  namespace: 'shalb-demo',
  name: 'a',
  labels: {},
  rest: { spec: {} },
});

describe('what we have written', () => {
  test('is not written again before the watch has brought it', async () => {
    const { bring, writeAddress, sent, address } = world();
    bring({ version: '10' });
    for (let look = 0; look < 3; look++) await writeAddress('100.65.0.2');
    expect(sent()).toBe(1);
    expect(address()).toBe('100.65.0.2');
  });

  test('is written again when somebody else has changed it since', async () => {
    const { bring, writeAddress, sent } = world();
    bring({ version: '10' });
    await writeAddress('100.65.0.2');
    bring({ version: '12', ipAddress: '100.65.0.99' });
    await writeAddress('100.65.0.2');
    expect(sent()).toBe(2);
  });

  test('is not hidden by an older version that the watch brings meanwhile; 9 is older than 11', async () => {
    const { bring, writeAddress, sent, address } = world();
    bring({ version: '8' });
    await writeAddress('100.65.0.2');
    bring({ version: '9' });
    expect(address()).toBe('100.65.0.2');
    await writeAddress('100.65.0.2');
    expect(sent()).toBe(1);
  });

  test('is nothing of an object that was made anew under its name', async () => {
    const { bring, writeAddress, address } = world();
    bring({ version: '10' });
    await writeAddress('100.65.0.2');
    bring({ version: '9', uid: 'second' });
    expect(address()).toBeUndefined();
  });

  test('is there as soon as it is made, and is not made twice', async () => {
    const { updates, sent, objects } = world();
    expect(await updates.companion(desired)).toBe(true);
    expect(await updates.companion(desired)).toBe(false);
    expect(sent()).toBe(1);
    expect(objects.inNamespace('EIp', 'shalb-demo').map(objectKey)).toEqual([key]);
  });

  test('is gone when the watch has told so, or the loop has', async () => {
    const { bring, end, remove, writeAddress, objects } = world();
    bring({ version: '10' });
    await writeAddress('100.65.0.2');
    end();
    expect(objects.get(key)).toBeUndefined();
    expect(objects.inNamespace('EIp', 'shalb-demo')).toEqual([]);
    remove();
    expect(objects.get(key)).toBeUndefined();
  });
});
