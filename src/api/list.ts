// Lists: several objects in one document.
import { isRecord } from './shape.ts';

/**
 * The objects of a document: the items of a `List` (`kind: List` of v1, or any `…List` with `items`, nested ones
 * included), else the document itself. Items of a typed list (`ProjectList`) that lack kind and apiVersion get its.
 */
export function expandList(raw: unknown): readonly unknown[] {
  return expand(raw, 0);
}

/** Deeper nesting than this is no list that anybody wrote. */
const deepest = 2;

function expand(raw: unknown, depth: number): readonly unknown[] {
  if (!isRecord(raw) || depth > deepest) return [raw];
  const { apiVersion, kind, items } = raw;
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) return [raw];
  const itemKind = kind.slice(0, -'List'.length);
  return items.flatMap((item: unknown) => {
    const named = itemKind === '' || !isRecord(item) ? item : { apiVersion, kind: itemKind, ...item };
    return expand(named, depth + 1);
  });
}
