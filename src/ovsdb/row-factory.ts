// Makes the rows of one table, all alike.
import type { Value } from './value.ts';

/** A row that is being filled. It becomes a `Row` when it is handed out. */
export type MutableRow = { _uuid: string; [column: string]: Value };

/** Makes a row with every column at its default. */
export type RowFactory = (uuid: string) => MutableRow;

/**
 * Makes the factory of a table from the defaults of its columns.
 *
 * It is generated code: one object literal per table gives V8 one shape with room for exactly these columns.
 * Copying a template with `{...defaults}` takes six times as long (its cache serves four shapes, and there are dozens
 * of tables), and adding the columns one by one takes 30 bytes more per row.
 */
export function rowFactory(defaults: ReadonlyMap<string, Value>): RowFactory {
  const columns = [...defaults.keys()].map((column, i) => `, ${JSON.stringify(column)}: defaults[${i}]`);
  const source = `return (uuid) => ({ _uuid: uuid${columns.join('')} });`;
  // oxlint-disable-next-line typescript/no-implied-eval, typescript/no-unsafe-type-assertion -- only column names get into it, as JSON strings
  return new Function('defaults', source)([...defaults.values()]) as RowFactory;
}
