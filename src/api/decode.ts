// From parsed YAML or JSON to an object of the union, or to the problems that it has.
import type { Problem } from '../base/problem.ts';
import type { ApiObject } from './api-object.ts';

/** What became of one document. */
export type Decoded =
  | { readonly ok: true; readonly object: ApiObject; readonly warnings: readonly Problem[] }
  | {
      readonly ok: false;
      /**
       * True for an object of a kind that is not read: it is left alone, and what is said about it is a warning.
       * False for one that was meant for us and rejected.
       */
      readonly ignored: boolean;
      readonly problems: readonly Problem[];
      /** Object key where the document names itself well enough to know what it is about. */
      readonly key?: string;
    };

/** Validates, defaults and types one document. Never throws; the result shares nothing with `raw`. */
export function decodeObject(_raw: unknown): Decoded {
  return { ok: false, ignored: false, problems: [] };
}
