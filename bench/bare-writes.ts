// The floor of a start from nothing: the very writes of the program, sent again to an API server that has the same objects.
import type { ApiServer } from '../test/support/api-server.ts';
import type { RecordedRequest } from './recorded-requests.ts';
import { nowMs } from './samples.ts';

/** As many requests at a time as the program has under way. */
const parallel = 8;

/**
 * Sends them in their order, each when what was sent of the same object before is answered, and returns how long that
 * took, in milliseconds. @throws Error when one does not succeed
 */
export async function replayWrites(server: ApiServer, writes: readonly RecordedRequest[]): Promise<number> {
  const before = new Map<string, Promise<void>>();
  const left = writes.values();
  const work = async (): Promise<void> => {
    for (const write of left) {
      const object = objectPath(write);
      const previous = before.get(object);
      const { promise, resolve } = Promise.withResolvers<void>();
      before.set(object, promise);
      await previous;
      await send(server, write).finally(resolve);
    }
  };
  const startMs = nowMs();
  await Promise.all(Array.from({ length: parallel }, work));
  return nowMs() - startMs;
}

async function send(server: ApiServer, { method, path, body, contentType }: RecordedRequest): Promise<void> {
  const { status, body: answer } = await server.request(method, path, anonymous(body), contentType);
  if (status >= 300) throw new Error(`${method} ${path} answers ${status}: ${JSON.stringify(answer)}`);
}

/** The objects of another server have other uids and versions. */
function anonymous(body: string): unknown {
  const object = JSON.parse(body) as { metadata?: object };
  return { ...object, metadata: { ...object.metadata, uid: undefined, resourceVersion: undefined } };
}

function objectPath({ path }: RecordedRequest): string {
  return (path.split('?', 1)[0] ?? '').replace(/\/status$/, '');
}
