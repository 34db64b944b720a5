// Long integers as JSON.stringify can write them.

declare global {
  interface JSON {
    /** ECMAScript proposal "JSON.parse source text access": an object that JSON.stringify prints as this text. */
    rawJSON(text: string): unknown;
  }
}

/** All else stays as it is. For example as a replacer: `JSON.stringify(1n, (_, each) => writableInteger(each))`. */
export function writableInteger(each: unknown): unknown {
  return typeof each === 'bigint' ? JSON.rawJSON(String(each)) : each;
}
