// A stream of bytes cut into the JSON values that stand on its lines.

const newline = 0x0a;

/**
 * Yields, for each piece of the stream, the values whose line ended in it; never an empty list. A line that the stream
 * breaks off in is dropped: the sender did not finish it.
 *
 * @throws SyntaxError for a line that is not JSON
 */
export async function* jsonLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<readonly unknown[]> {
  let open: Uint8Array[] = [];
  for await (const piece of stream) {
    const values: unknown[] = [];
    let from = 0;
    for (let at = piece.indexOf(newline); at !== -1; at = piece.indexOf(newline, from)) {
      const text = Buffer.concat([...open, piece.subarray(from, at)]).toString('utf8');
      open = [];
      from = at + 1;
      if (text.trim() !== '') values.push(JSON.parse(text));
    }
    if (from < piece.length) open.push(piece.subarray(from));
    if (values.length > 0) yield values;
  }
}
