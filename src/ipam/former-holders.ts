// Who had an address that rests now: one name for each, as long as nobody else takes it.

export class FormerHolders {
  readonly #valueOf = new Map<string, bigint>();
  readonly #holderOf = new Map<bigint, string>();

  /** The holder has released the value, which nobody has now. */
  note(holder: string, value: bigint): void {
    this.forget(this.#valueOf.get(holder));
    this.forget(value);
    this.#valueOf.set(holder, value);
    this.#holderOf.set(value, holder);
  }

  /** Somebody has the value again. */
  forget(value: bigint | undefined): void {
    const holder = value === undefined ? undefined : this.#holderOf.get(value);
    if (value === undefined || holder === undefined) return;
    this.#holderOf.delete(value);
    this.#valueOf.delete(holder);
  }

  of(holder: string): bigint | undefined {
    return this.#valueOf.get(holder);
  }
}
