// All objects of one kind at one moment, fetched page by page.
import { badAnswer } from './kube-error.ts';
import type { KubeClient } from './kube-client.ts';
import { isObject, metadataOf, textOf, type RawObject } from './raw-object.ts';
import type { ListedResource } from './resources.ts';
import { trim } from './trim.ts';

export interface ListedObjects {
  /** Trimmed; what is left out is not in it. */
  readonly objects: readonly RawObject[];
  /** Of the moment that the list is of: a watch goes on from here. */
  readonly resourceVersion: string;
}

/** The largest page that a server should be asked for on a slow link, in time. */
const pageTimeoutMs = 60_000;

/**
 * Fetches every page, or throws: half a list is none. `limit` 0: in one piece.
 * @throws KUBE_GONE when it took so long that the server has forgotten the moment; then list again
 */
export async function listAll(
  client: Pick<KubeClient, 'request'>,
  resource: ListedResource,
  limit: number,
  signal: AbortSignal,
): Promise<ListedObjects> {
  const objects: RawObject[] = [];
  let [next, resourceVersion] = ['', ''];
  do {
    const query = {
      ...(limit > 0 && { limit }),
      ...(next !== '' && { continue: next }),
      ...(resource.fieldSelector !== undefined && { fieldSelector: resource.fieldSelector }),
    };
    const page = await client.request({ path: resource.path, query, timeoutMs: pageTimeoutMs }, signal);
    const { items, metadata } = pageOf(resource, page);
    resourceVersion ||= textOf(metadata['resourceVersion']);
    next = textOf(metadata['continue']);
    for (const item of items) {
      const object = trim(resource, item);
      if (object !== undefined) objects.push(object);
    }
  } while (next !== '');
  return { objects, resourceVersion };
}

function pageOf(
  { path, kind }: ListedResource,
  page: unknown,
): { readonly items: readonly RawObject[]; readonly metadata: RawObject } {
  const { items, kind: listKind } = isObject(page) ? page : {};
  const metadata = isObject(page) ? metadataOf(page) : {};
  const isList = textOf(metadata['resourceVersion']) !== '' && (Array.isArray(items) || items === null);
  if (!isList || listKind !== `${kind}List`) throw badAnswer(`GET ${path}`, `the answer is no ${kind}List`);
  const list: readonly unknown[] = items ?? [];
  if (!list.every(isObject)) throw badAnswer(`GET ${path}`, 'an item is no object');
  return { items: list, metadata };
}
