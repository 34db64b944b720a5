// What an owner can be called.

/** An owner stands in `external_ids` and in names: no blanks, no `/`. */
const pattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** What {@link isOwner} wants, in words. */
export const ownerNotation =
  'at most 63 letters, digits, ".", "_" and "-", the first one a letter or a digit';

export function isOwner(text: string): boolean {
  return pattern.test(text);
}
