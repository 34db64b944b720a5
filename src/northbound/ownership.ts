// Ownership: the marks in external_ids that make a row ours, and how they are read back.
import type { Row } from '../ovsdb/value.ts';
import { rowUuid } from './identity.ts';
import { markPrefix } from './managed-keys.ts';
import { mapColumn, textColumn } from './read-column.ts';

/** The keys of `external_ids` that every row of ours carries, where its table has that column. */
export const markKeys = {
  owner: `${markPrefix}owner`,
  unit: `${markPrefix}unit`,
  id: `${markPrefix}id`,
  source: `${markPrefix}source`,
  /** Of a row that is a part of what a person wrote: which, for example `ingress[0]`. */
  rule: `${markPrefix}rule`,
  /** What such a row says, in a person's words. */
  meaning: `${markPrefix}meaning`,
} as const;

/** Returns the marks of a row: owner `default`, unit `vpc/shalb-demo`, source `Project/shalb/demo`. */
export function marks(
  owner: string,
  unit: string,
  id: string,
  source: string,
): Readonly<Record<string, string>> {
  return {
    [markKeys.owner]: owner,
    [markKeys.unit]: unit,
    [markKeys.id]: id,
    [markKeys.source]: source,
  };
}

function mark(row: Row, key: string): string | undefined {
  const value = mapColumn(row, 'external_ids')[key];
  return typeof value === 'string' ? value : undefined;
}

/** The instance whose mark the row carries; undefined for a foreign row and in tables without `external_ids`. */
export const ownerOf = (row: Row): string | undefined => mark(row, markKeys.owner);
/** The marked unit, whoever the owner is. */
export const unitOf = (row: Row): string | undefined => mark(row, markKeys.unit);
/** The marked symbolic id, whoever the owner is. */
export const idOf = (row: Row): string | undefined => mark(row, markKeys.id);
/** The marked object key, whoever the owner is. */
export const sourceOf = (row: Row): string | undefined => mark(row, markKeys.source);

/** The part of what a person wrote that the row is: `ingress[0]`. */
export const ruleOf = (row: Row): string | undefined => mark(row, markKeys.rule);
/** What the row says in a person's words: `tcp 80 from pods app=web in namespace shop-a`. */
export const meaningOf = (row: Row): string | undefined => mark(row, markKeys.meaning);

/**
 * Returns the unit of a row that belongs to `owner`, undefined for any other row.
 * A Load_Balancer_Group cannot be marked: it is ours when its uuid follows from its name, which begins with the unit.
 */
export function ownedUnit(owner: string, table: string, row: Row): string | undefined {
  if (table === 'Load_Balancer_Group') return unitOfGroup(owner, row);
  return ownerOf(row) === owner ? (unitOf(row) ?? '') : undefined;
}

function unitOfGroup(owner: string, row: Row): string | undefined {
  const name = textColumn(row, 'name');
  const end = name.lastIndexOf('/');
  if (end < 0 || row._uuid !== rowUuid(owner, 'Load_Balancer_Group', name)) return undefined;
  return name.slice(0, end);
}
