// Which chassis were asked for by name, and what was answered: to notice when the answer becomes another one.

type Find = (names: readonly string[]) => string | undefined;

interface Question {
  readonly names: readonly string[];
  readonly answer: string | undefined;
}

/** A chassis may come after the Node whose it is, be renamed or move: nothing else tells whoever asked for it. */
export class AskedChassis {
  readonly #find: Find;
  readonly #questions = new Map<string, Question>();

  /** @param find what is true now, as `Observations.chassisOf` */
  constructor(find: Find) {
    this.#find = find;
  }

  /** As `Observations.chassisOf`; it is remembered that somebody wanted to know. */
  of(names: readonly string[]): string | undefined {
    const answer = this.#find(names);
    this.#questions.set(names.join(' '), { names, answer });
    return answer;
  }

  /** Whether something is true now that was answered otherwise. Whoever is concerned has to ask again. */
  haveChanged(): boolean {
    const isChanged = [...this.#questions.values()].some(({ names, answer }) => this.#find(names) !== answer);
    if (isChanged) this.#questions.clear();
    return isChanged;
  }
}
