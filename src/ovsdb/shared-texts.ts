// Keeps one copy of texts that come again and again, for the replica's memory.

const slotCount = 1 << 14;
/** JSON.parse itself keeps one copy of texts up to this length. */
const parserLimit = 10;

/**
 * Two devices, because two kinds of text repeat: values such as the name of an owner, in rows that are anywhere
 * in a dump (a cache of fixed size, which may forget), and uuids of rows in the references to them.
 */
export class SharedTexts {
  readonly #slots: string[] = Array.from({ length: slotCount }, () => '');
  readonly #uuids = new Map<string, string>();

  /** The text, as the same string as last time if that is not too long ago. */
  share(text: string): string {
    if (text.length <= parserLimit) return text;
    const slot = slotOf(text);
    const known = this.#slots[slot];
    if (known === text) return known;
    this.#slots[slot] = text;
    return text;
  }

  /** Until {@link SharedTexts.forgetUuids}, references to these rows use these very strings. */
  rememberUuids(uuids: Iterable<string>): void {
    for (const uuid of uuids) this.#uuids.set(uuid, uuid);
  }

  shareUuid(uuid: string): string {
    return this.#uuids.get(uuid) ?? uuid;
  }

  forgetUuids(): void {
    this.#uuids.clear();
  }
}

/** The end of a text says most about it: what is alike in two names is mostly at the start. */
function slotOf(text: string): number {
  let hash = text.length;
  for (let i = text.length - 9; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return (hash ^ (hash >>> 15)) & (slotCount - 1);
}
