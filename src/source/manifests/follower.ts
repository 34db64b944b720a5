// One run of a manifest source: from file events to what the sink is told.
import { stat } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { watch, type FSWatcher } from 'chokidar';
import type { Logger } from '../../base/logger.ts';
import type { SourceSink } from '../source.ts';
import { fileAt, findFiles, isWatched, type ManifestFile, type Root } from './find-files.ts';
import { requireAll } from './load-manifests.ts';
import { unreadableProblem } from './manifest-problems.ts';
import { ManifestSet } from './manifest-set.ts';
import { inBatches, readManifest } from './read-manifest.ts';
import { SettlingSet } from './settling-set.ts';

interface Timing {
  readonly logger: Logger;
  readonly settleMs: number;
  readonly rescanMs: number;
  readonly emptyGraceMs: number;
}

/** While a folder is away, or the watcher has failed, everything is looked at so often. */
const impatientMs = 1000;

/** Longer than the watcher is deaf after a change. */
const secondLookMs = 100;

/** Owns the watcher and the timers of one run, and leaves nothing behind when aborted. */
export class Follower {
  readonly #paths: readonly string[];
  readonly #options: Timing;
  readonly #sink: SourceSink;
  readonly #signal: AbortSignal;
  readonly #set = new ManifestSet();
  readonly #changed: SettlingSet;
  /** Identity, size and time of each file as it was read last. */
  readonly #signatures = new Map<string, string>();
  /** Files that have been empty for so long that they are meant to be. */
  readonly #meantEmpty = new Set<string>();
  #roots: readonly Root[] = [];
  #away: readonly Root[] = [];
  #watcher: FSWatcher | undefined;
  /** Which folders the watcher sees: a path can come to mean another one, of which it hears nothing. */
  #watched = '';
  #looking: Promise<void> | undefined;
  #watchFailed = false;
  #told = { incomplete: false, problems: '' };

  constructor(paths: readonly string[], options: Timing, sink: SourceSink, signal: AbortSignal) {
    this.#paths = paths;
    this.#options = options;
    this.#sink = sink;
    this.#signal = signal;
    this.#changed = new SettlingSet(options.settleMs);
  }

  async run(): Promise<void> {
    const found = await findFiles(this.#paths);
    requireAll(found);
    this.#roots = found.roots;
    try {
      await this.#watch();
      // Only now: what changes while this is read is told by the watcher.
      await inBatches((await findFiles(this.#paths)).files, (file) => this.#read(file));
      if (this.#signal.aborted) return;
      this.#deliver();
      this.#sink.synced();
      await Promise.all([this.#followChanges(), this.#rescan()]);
    } finally {
      await this.#looking;
      await this.#watcher?.close();
    }
  }

  /** In place of the watcher that was there before. */
  async #watch(): Promise<void> {
    const roots = this.#roots;
    await this.#watcher?.close();
    this.#watched = await this.#identities();
    const { promise: ready, resolve: settle } = Promise.withResolvers<void>();
    const watcher = watch(foldersOf(roots), {
      ignoreInitial: true,
      atomic: false,
      ignored: (path, stats) => !isWatched(roots, resolve(path), stats?.isFile() === true),
    });
    this.#watcher = watcher;
    watcher.on('all', (event, path) => {
      // A folder that is back at once is one that the watcher has let go.
      if (event === 'unlinkDir') this.#watched = 'in doubt';
      this.#changed.add(resolve(path));
    });
    watcher.on('ready', settle);
    watcher.on('error', (cause) => {
      this.#options.logger.warn(
        { cause },
        'files cannot be watched; they are looked at every second instead',
      );
      this.#watchFailed = true;
      settle();
    });
    this.#signal.addEventListener('abort', () => settle(), { once: true });
    await ready;
  }

  async #identities(): Promise<string> {
    const identities = await Promise.all(foldersOf(this.#roots).map(identityOf));
    return identities.join(' ');
  }

  async #followChanges(): Promise<void> {
    while (!this.#signal.aborted) {
      const paths = await this.#changed.take(this.#signal);
      await this.#lookForFolders();
      for (const path of paths) {
        const file = fileAt(this.#roots, path);
        // A file of a folder that is away is not gone, it is out of sight.
        if (file !== undefined && !this.#isAway(path)) await this.#read(file);
      }
      if (!this.#signal.aborted) this.#deliver();
      void this.#lookAgain(paths);
    }
  }

  /** The watcher swallows a second change within 50 ms of the first (its throttle), so each file gets a second look. */
  async #lookAgain(paths: ReadonlySet<string>): Promise<void> {
    await this.#after(secondLookMs, () => {});
    for (const path of this.#signal.aborted ? [] : paths) {
      const seen = this.#signatures.get(path);
      if (seen !== undefined && seen !== (await signatureOf(path))) this.#changed.add(path);
    }
  }

  async #read(file: ManifestFile): Promise<void> {
    this.#signatures.set(file.path, await signatureOf(file.path));
    const holdEmpty = !this.#meantEmpty.delete(file.path);
    if ((await readManifest(this.#set, file, holdEmpty)) === 'read') return;
    void this.#after(this.#options.emptyGraceMs, () => {
      this.#meantEmpty.add(file.path);
      this.#changed.add(file.path);
    });
  }

  #deliver(): void {
    const changes = this.#set.takeChanges();
    const problems = this.#set.problems();
    const incomplete = this.#set.isIncomplete;
    const told = { incomplete, problems: JSON.stringify(problems) };
    if (told.incomplete !== this.#told.incomplete) this.#sink.incomplete(incomplete);
    if (changes.length > 0) this.#sink.changed(changes);
    if (told.problems !== this.#told.problems) this.#sink.problems(problems);
    this.#told = told;
  }

  /** Compares all files with what was read: for network file systems, lost events and folders that come back. */
  async #rescan(): Promise<void> {
    const ticks = Math.max(1, Math.round(this.#options.rescanMs / impatientMs));
    for (let tick = 1; !this.#signal.aborted; tick++) {
      await this.#after(Math.min(impatientMs, this.#options.rescanMs), () => {});
      if (!this.#watchFailed && this.#away.length === 0 && tick % ticks !== 0) continue;
      await this.#lookForFolders();
      await this.#compare();
    }
  }

  async #compare(): Promise<void> {
    const { files } = await findFiles(this.#roots.map(({ given }) => given));
    const gone = new Set(this.#set.paths);
    for (const { path } of files) {
      gone.delete(path);
      if (this.#signatures.get(path) !== (await signatureOf(path))) this.#changed.add(path);
    }
    for (const path of gone) if (!this.#isAway(path)) this.#changed.add(path);
  }

  /** Once at a time, whoever asks. */
  #lookForFolders(): Promise<void> {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #look(): Promise<void> {
    const away: Root[] = [];
    for (const root of this.#roots) {
      if (root.isFolder && (await identityOf(root.path)) === '') away.push(root);
    }
    this.#away = away;
    this.#set.setMissing(away.map(({ given }) => unreadableProblem(given, 'the folder is gone')));
    if (this.#signal.aborted || this.#watched === (await this.#identities())) return;
    await this.#watch();
    for (const { path } of this.#roots) this.#changed.add(path);
    await this.#compare();
  }

  #isAway(path: string): boolean {
    return this.#away.some((root) => path.startsWith(root.path + sep));
  }

  /** Runs `then` after some time, unless the run ends before. */
  async #after(ms: number, then: () => void): Promise<void> {
    await delay(ms, undefined, { signal: this.#signal }).then(then, () => {});
  }
}

/** What the watcher is told to watch: each folder, and the folder of each file. */
function foldersOf(roots: readonly Root[]): string[] {
  return [...new Set(roots.map(({ path, isFolder }) => (isFolder ? path : dirname(path))))];
}

/** Tells a folder from another one that has taken its place; empty when there is none. */
async function identityOf(path: string): Promise<string> {
  const stats = await stat(path).catch(() => undefined);
  return stats === undefined ? '' : `${stats.dev}:${stats.ino}`;
}

/** Changes when the file does; empty when there is none. */
async function signatureOf(path: string): Promise<string> {
  const stats = await stat(path).catch(() => undefined);
  return stats === undefined ? '' : `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}`;
}
