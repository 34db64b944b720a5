// What a daemon under test has been shown of an API server, so that a test can wait until that is everything.
import { setTimeout as delay } from 'node:timers/promises';
import type { KubeClient, WatchEvent } from '../../src/source/kubernetes/kube-client.ts';
import { isObject, metadataOf, textOf, type RawObject } from '../../src/source/kubernetes/raw-object.ts';

type Client = Pick<KubeClient, 'request' | 'watch'>;

/** resourceVersion by `namespace/name`. */
type Versions = Map<string, string>;

const giveUpMs = 60_000;

/** On a busy machine a watch is late: nothing was written by a daemon that has not seen yet why it should. */
export class SeenObjects {
  readonly #client: Client;
  readonly #seen = new Map<string, Versions>();
  /** Paths that are watched now, with the query of their lists. */
  readonly #watched = new Map<string, Readonly<Record<string, string>>>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** For whoever follows the objects: the client, with an eye on what it brings. */
  get client(): Client {
    return {
      request: async (request, signal) => {
        const answer = await this.#client.request(request, signal);
        if ((request.method ?? 'GET') === 'GET') this.#noteList(request.path, answer, request.query);
        return answer;
      },
      watch: (watch, signal) => this.#watch(watch, signal),
    };
  }

  /** Resolves when all that the server has now of kinds that are watched was taken in. */
  async caughtUp(): Promise<void> {
    for (const giveUpAt = Date.now() + giveUpMs; ; await delay(25)) {
      const paths = [...this.#watched];
      const isSame = await Promise.all(paths.map(([path, query]) => this.#isSame(path, query)));
      if (paths.length > 0 && isSame.every(Boolean)) return;
      const late = paths.filter((_, at) => isSame[at] === false).map(([path]) => path);
      if (Date.now() > giveUpAt) throw new Error(`not all was seen of ${late.join(', ') || 'anything'}`);
    }
  }

  async *#watch(...[watch, signal]: Parameters<Client['watch']>): AsyncGenerator<readonly WatchEvent[]> {
    const { fieldSelector } = watch.query;
    this.#watched.set(
      watch.path,
      fieldSelector === undefined ? {} : { fieldSelector: String(fieldSelector) },
    );
    try {
      for await (const events of this.#client.watch(watch, signal)) {
        yield events;
        // Whoever asks for more has dealt with these.
        for (const event of events) this.#noteEvent(watch.path, event);
      }
    } finally {
      this.#watched.delete(watch.path);
    }
  }

  #noteList(path: string, answer: unknown, query: Readonly<Record<string, unknown>> = {}): void {
    const versions = versionsOf(answer);
    if (versions === undefined) return;
    const before = query['continue'] === undefined ? [] : (this.#seen.get(path) ?? []);
    this.#seen.set(path, new Map([...before, ...versions]));
  }

  #noteEvent(path: string, { type, object }: WatchEvent): void {
    const seen = this.#seen.get(path);
    if (type === 'DELETED') seen?.delete(nameOf(object));
    else if (type !== 'BOOKMARK') seen?.set(nameOf(object), versionOf(object));
  }

  /** Of a kind that cannot be listed nobody can be shown more. */
  async #isSame(path: string, query: Readonly<Record<string, string>>): Promise<boolean> {
    const versions = versionsOf(await this.#client.request({ path, query }).catch(() => undefined));
    const seen = this.#seen.get(path) ?? new Map();
    if (versions === undefined) return true;
    return (
      versions.size === seen.size && [...versions].every(([name, version]) => seen.get(name) === version)
    );
  }
}

function versionsOf(list: unknown): Versions | undefined {
  if (!isObject(list) || !Array.isArray(list['items'])) return undefined;
  const items: readonly unknown[] = list['items'];
  return new Map(items.filter(isObject).map((item) => [nameOf(item), versionOf(item)]));
}

function nameOf(object: RawObject): string {
  const { namespace, name } = metadataOf(object);
  return `${textOf(namespace)}/${textOf(name)}`;
}

function versionOf(object: RawObject): string {
  return textOf(metadataOf(object)['resourceVersion']);
}
