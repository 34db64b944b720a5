// Texts for people in external_ids: of a length that rows can do with.

/** A selector or a list of ranges may be of any length; what is cut off is said by the rule itself. */
export const shortened = (text: string): string => (text.length > 200 ? `${text.slice(0, 199)}…` : text);
