// Text in columns and counts in words, as every command that lists things prints them.

/** Pads each cell to the widest of its column, two blanks between columns, none at the end of a line. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Puts `count` blanks before each line. */
export function indent(count: number, lines: readonly string[]): string[] {
  return lines.map((line) => `${' '.repeat(count)}${line}`);
}

/** `1 row`, `2 rows`; `plural` for words that do not take an s. */
export function counted(count: number, word: string, plural = `${word}s`): string {
  return `${count} ${count === 1 ? word : plural}`;
}
