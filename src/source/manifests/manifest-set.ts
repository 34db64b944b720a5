// What all files together say: which file an object comes from, and what has changed since it was last asked.
import type { ApiObject } from '../../api/api-object.ts';
import { transitionProblems } from '../../api/decode.ts';
import { compareStrings } from '../../base/order.ts';
import { sortProblems, type Problem } from '../../base/problem.ts';
import type { ObjectChange } from '../source.ts';
import type { ManifestFile } from './find-files.ts';
import { duplicateProblem, fileProblems, inPlace, type Place } from './manifest-problems.ts';
import type { PlacedDocument } from './parse-manifest.ts';

/** What one document says about one object. */
interface Claim extends Place {
  readonly order: string;
  /** Undefined: it is rejected, or its document cannot be read any more. */
  readonly object: ApiObject | undefined;
  /** True: the file said this before it became unreadable. Any other claim is better. */
  readonly isHeld: boolean;
}

interface FileState {
  readonly file: ManifestFile;
  readonly documents: readonly PlacedDocument[];
  readonly keys: ReadonlySet<string>;
}

/**
 * The folder of files as objects. Work per call grows with the file that changed, not with the number of files. An
 * object that stands in several places is the one of the first file; one that breaks an immutable field, or whose
 * document became unreadable, turns invalid and stays until it is right again or gone.
 */
export class ManifestSet {
  readonly #files = new Map<string, FileState>();
  readonly #claims = new Map<string, Claim[]>();
  readonly #broken = new Set<string>();
  readonly #fileProblems = new Map<string, readonly Problem[]>();
  readonly #objectProblems = new Map<string, readonly Problem[]>();
  readonly #delivered = new Map<string, ApiObject | 'invalid'>();
  /** The version before an object turned invalid: the one that immutable fields are compared with. */
  readonly #accepted = new Map<string, ApiObject>();
  readonly #touched = new Set<string>();
  #missing: readonly Problem[] = [];

  /** True while some input cannot be read, so that objects may be missing. */
  get isIncomplete(): boolean {
    return this.#broken.size > 0 || this.#missing.length > 0;
  }

  /** Paths of all files that are in the set. */
  get paths(): Iterable<string> {
    return this.#files.keys();
  }

  /** What was last read of a file, for the parser to take unchanged documents from. */
  documentsOf(path: string): readonly PlacedDocument[] {
    return this.#files.get(path)?.documents ?? [];
  }

  /** The file as it was read now. */
  put(file: ManifestFile, documents: readonly PlacedDocument[]): void {
    const isBroken = documents.some(({ document }) => document.isIncomplete);
    this.#replace(file, documents, isBroken, fileProblems(file.shown, documents));
  }

  /** The file is there but cannot be read: what it said is held. */
  fail(file: ManifestFile, problem: Problem): void {
    this.#replace(file, [], true, [problem]);
  }

  /** The file is gone. */
  remove(path: string): void {
    const state = this.#files.get(path);
    if (state === undefined) return;
    this.#retract(state);
    this.#files.delete(path);
    this.#broken.delete(path);
    this.#fileProblems.delete(path);
  }

  /** Whole folders that are away just now, as problems; replaces what was said before. Their files are held as they are. */
  setMissing(problems: readonly Problem[]): void {
    this.#missing = problems;
  }

  /** What changed since the last call, sorted by key. */
  takeChanges(): ObjectChange[] {
    const changes = [...this.#touched].toSorted(compareStrings).flatMap((key) => this.#change(key) ?? []);
    this.#touched.clear();
    return changes;
  }

  /** All problems, sorted; valid after {@link takeChanges}. */
  problems(): Problem[] {
    return sortProblems(
      [this.#missing, ...this.#fileProblems.values(), ...this.#objectProblems.values()].flat(),
    );
  }

  #replace(
    file: ManifestFile,
    documents: readonly PlacedDocument[],
    isBroken: boolean,
    problems: readonly Problem[],
  ): void {
    const before = this.#files.get(file.path);
    if (before !== undefined) this.#retract(before);
    const keys = new Set<string>();
    for (const { line, document } of documents) {
      for (const { key, object } of document.entries) {
        this.#claim(key, { order: file.order, shown: file.shown, line, object, isHeld: false });
        keys.add(key);
      }
    }
    for (const key of isBroken ? (before?.keys ?? []) : []) {
      if (keys.has(key)) continue;
      this.#claim(key, { order: file.order, shown: file.shown, line: 1, object: undefined, isHeld: true });
      keys.add(key);
    }
    this.#files.set(file.path, { file, documents, keys });
    if (isBroken) this.#broken.add(file.path);
    else this.#broken.delete(file.path);
    if (problems.length > 0) this.#fileProblems.set(file.path, problems);
    else this.#fileProblems.delete(file.path);
  }

  #claim(key: string, claim: Claim): void {
    const claims = this.#claims.get(key);
    if (claims === undefined) this.#claims.set(key, [claim]);
    else {
      claims.push(claim);
      claims.sort((a, b) => compareStrings(a.order, b.order) || a.line - b.line);
    }
    this.#touched.add(key);
  }

  #retract({ file, keys }: FileState): void {
    for (const key of keys) {
      const left = (this.#claims.get(key) ?? []).filter(({ order }) => order !== file.order);
      if (left.length > 0) this.#claims.set(key, left);
      else this.#claims.delete(key);
      this.#touched.add(key);
    }
  }

  #change(key: string): ObjectChange | undefined {
    const claims = this.#claims.get(key) ?? [];
    const readable = claims.filter(({ isHeld }) => !isHeld);
    const winner = readable[0] ?? claims[0];
    const before = this.#delivered.get(key);
    if (winner === undefined) return this.#forget(key, before);
    const duplicates = readable.length > 1 ? [duplicateProblem(key, readable)] : [];
    const transitions = this.#transition(key, winner, before);
    this.#setObjectProblems(key, [...duplicates, ...transitions]);
    const now = transitions.length > 0 || winner.object === undefined ? 'invalid' : winner.object;
    if (now === before) return undefined;
    if (now === 'invalid' && before !== undefined && before !== 'invalid') this.#accepted.set(key, before);
    if (now !== 'invalid') this.#accepted.delete(key);
    this.#delivered.set(key, now);
    return now === 'invalid' ? { key, object: undefined, invalid: true } : { key, object: now };
  }

  #forget(key: string, before: ApiObject | 'invalid' | undefined): ObjectChange | undefined {
    this.#delivered.delete(key);
    this.#accepted.delete(key);
    this.#objectProblems.delete(key);
    return before === undefined ? undefined : { key, object: undefined };
  }

  #transition(key: string, winner: Claim, before: ApiObject | 'invalid' | undefined): Problem[] {
    const old = before === 'invalid' ? this.#accepted.get(key) : before;
    if (old === undefined || winner.object === undefined || old === winner.object) return [];
    return transitionProblems(old, winner.object).map((problem) => inPlace(problem, winner));
  }

  #setObjectProblems(key: string, problems: readonly Problem[]): void {
    if (problems.length > 0) this.#objectProblems.set(key, problems);
    else this.#objectProblems.delete(key);
  }
}
