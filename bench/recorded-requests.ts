// What a program asked of an API server, as `subjects/request-recorder.ts` wrote it down.
import { readFile } from 'node:fs/promises';

export interface RecordedRequest {
  /** As {@link nowMs}, when it was made. */
  readonly atMs: number;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly contentType: string;
  /** JSON; empty when there is none. */
  readonly body: string;
}

/** In the order in which they were made. */
export async function readRequests(file: string): Promise<RecordedRequest[]> {
  const text = await readFile(file, 'utf8');
  // The last line may be on its way.
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as RecordedRequest);
}

export function writesOf(requests: readonly RecordedRequest[]): RecordedRequest[] {
  return requests.filter(({ method }) => method !== 'GET');
}

/** How many of each sort, the most frequent first: `PATCH eips/status`. */
export function countRequests(requests: readonly RecordedRequest[]): [sort: string, count: number][] {
  const groups = Map.groupBy(requests, sortOf);
  return [...groups]
    .map(([sort, group]): [string, number] => [sort, group.length])
    .toSorted((a, b) => b[1] - a[1]);
}

/** Source: Kubernetes API concepts, resource URIs. */
const resourcePath =
  /^\/(?:api|apis\/[^/]+)\/[^/]+\/(?:namespaces\/[^/]+\/(?=[^/]+))?([^/]+)(?:\/[^/]+(\/[^/]+)?)?$/;

function sortOf({ method, path, body }: RecordedRequest): string {
  const [, resource = path, subresource = ''] = resourcePath.exec(path.split('?', 1)[0] ?? '') ?? [];
  const isFinalizer = method === 'PATCH' && body.startsWith('{"metadata":{"resourceVersion":');
  return `${method} ${resource}${subresource}${isFinalizer ? ' finalizers' : ''}`;
}
