// Subject: the same dump as bytes. Asks for what the program monitors and only waits for the end of the reply.
// Argument: remote.
import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { monitoredColumns } from '../../src/northbound/monitored-columns.ts';
import { Framer } from '../../src/ovsdb/framer.ts';
import { intersectColumns, parseDatabaseSchema } from '../../src/ovsdb/schema.ts';
import { answer } from './answer.ts';

export interface LoadRawResult {
  readonly firstByteMs: number;
  /** The last byte was there. */
  readonly totalMs: number;
  readonly bytes: number;
}

const [remote = ''] = process.argv.slice(2);
const file = new URL('../../ovsdb-schema/ovn-nb-7.0.0.ovsschema', import.meta.url);
const schema = parseDatabaseSchema(JSON.parse(readFileSync(file, 'utf8')));
const { monitored } = intersectColumns(monitoredColumns, schema);
const requests = Object.fromEntries(
  Object.entries(monitored).map(([table, columns]) => [table, [{ columns }]]),
);
const params = [schema.name, 'bench', requests, '00000000-0000-0000-0000-000000000000'];
const start = performance.now();
const socket = createConnection(remote.replace('unix:', ''));
const framer = new Framer();
const { promise: done, resolve, reject } = Promise.withResolvers<string>();
let firstByteMs = 0;
let bytes = 0;
socket.on('error', reject);
socket.on('data', (chunk) => {
  firstByteMs ||= performance.now() - start;
  bytes += chunk.length;
  framer.push(chunk, ({ text }) => resolve(text));
});
socket.write(JSON.stringify({ method: 'monitor_cond_since', params, id: 1 }));
const reply = await done;
const totalMs = performance.now() - start;
socket.destroy();
if (!reply.slice(-100).includes('"error":null') && !reply.slice(0, 100).includes('"error":null'))
  throw new Error(reply.slice(0, 1000));
const result: LoadRawResult = { firstByteMs, totalMs, bytes };
answer(result);
