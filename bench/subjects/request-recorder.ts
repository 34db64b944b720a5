// Loaded before a program (`node --import`): writes down every HTTP request that it makes, one line of JSON each.
// Environment: BENCH_REQUESTS, the file.
import { subscribe } from 'node:diagnostics_channel';
import { createWriteStream } from 'node:fs';
import type { RecordedRequest } from '../recorded-requests.ts';
import { nowMs } from '../samples.ts';

/** Source: undici, docs/api/DiagnosticsChannel.md. */
interface CreateMessage {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly body: Uint8Array | null;
    readonly headers: readonly unknown[];
  };
}

const file = createWriteStream(process.env['BENCH_REQUESTS'] ?? '/dev/null');

subscribe('undici:request:create', (message) => {
  const { method, path, body, headers } = (message as CreateMessage).request;
  const record: RecordedRequest = {
    atMs: nowMs(),
    method,
    path,
    contentType: String(headers[headers.indexOf('content-type') + 1]),
    body: body === null ? '' : new TextDecoder().decode(body),
  };
  file.write(`${JSON.stringify(record)}\n`);
});
