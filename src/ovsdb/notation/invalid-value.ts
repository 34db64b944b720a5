// The error for a value that must not be sent, naming where it was to go.
import { CodedError } from '../../base/errors.ts';

/** Where a value is to go, for errors: a table and, unless the whole operation is wrong, a column. */
export interface Destination {
  readonly table: string;
  readonly column?: string;
}

/** OVSDB_INVALID_VALUE, for example `Port.tag: 5000 is above the maximum 4095`. */
export function invalidValue({ table, column }: Destination, problem: string): CodedError {
  const where = column === undefined ? table : `${table}.${column}`;
  return new CodedError('OVSDB_INVALID_VALUE', `${where}: ${problem}`, { retryable: false });
}

const shownLength = 120;

/** The value as JSON for a message, cut to a line's length. Escapes make control characters and lone surrogates visible. */
export function showValue(value: unknown): string {
  if (typeof value === 'bigint' || typeof value === 'number') return String(value);
  const text = JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each));
  if (text === undefined) return String(value);
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
}
