// What a database does when the server changes under it: another schema, updates that cannot be, long silence.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, expect, test } from 'vitest';
import type { RowChange } from '../../src/ovsdb/index.ts';
import { parseRemotes, Session } from '../../src/ovsdb/index.ts';
import { connectLab, labSchema, untilReplica, untilState } from '../support/lab-database.ts';
import { startOvsdbServer } from '../support/ovsdb-server.ts';
import type { OvsdbServer } from '../support/ovsdb-server.ts';
import { connectRaw } from '../support/raw-client.ts';

let server: OvsdbServer;
beforeEach(async () => {
  server = await startOvsdbServer({ schemaFile: labSchema });
  return () => server.stop();
});

async function convert(change: (columns: Record<string, unknown>) => void): Promise<void> {
  const schema = JSON.parse(await readFile(labSchema, 'utf8')) as {
    version: string;
    tables: { Hub: { columns: Record<string, unknown> } };
  };
  change(schema.tables.Hub.columns);
  schema.version = '2.0.0';
  const file = join(server.directory, 'new.ovsschema');
  await writeFile(file, JSON.stringify(schema));
  await promisify(execFile)('ovsdb-client', ['convert', server.remote, file]);
}

test('a converted schema: a new generation, and every row as a change', async () => {
  await using database = await connectLab(server.remote, { monitor: { Hub: ['name', 'tag', 'colour'] } });
  const uuid = randomUUID();
  await database.transact([{ op: 'insert', table: 'Hub', uuid, row: { name: 'a', tag: 5 } }]);
  expect(database.missing).toEqual([{ table: 'Hub', column: 'colour' }]);
  const changes: RowChange[] = [];
  database.onChange((batch) => changes.push(...batch));
  const resynced = untilState(database, 'disconnected').then(() => untilState(database, 'synced'));
  await convert((columns) => {
    delete columns['tag'];
    columns['colour'] = { type: 'string' };
  });
  await resynced;
  expect(database).toMatchObject({ schemaGeneration: 2, missing: [{ table: 'Hub', column: 'tag' }] });
  expect(database.schema.version).toBe('2.0.0');
  const after = { _uuid: uuid, name: 'a', colour: '' };
  expect(changes).toEqual([{ table: 'Hub', uuid, before: { _uuid: uuid, name: 'a', tag: 5 }, after }]);
  expect(database.replica.row('Hub', uuid)).toEqual(after);
  await database.transact([{ op: 'update', table: 'Hub', where: [], row: { colour: 'red' } }]);
  expect(database.replica.row('Hub', uuid)).toMatchObject({ colour: 'red' });
});

/** Passes bytes both ways, and lets the test slip some of its own to the client. */
async function startProxy(
  path: string,
  behind: OvsdbServer = server,
): Promise<{ proxy: Server; inject: (text: string) => void }> {
  let client: Socket | undefined;
  const proxy = createServer((socket) => {
    client = socket;
    const upstream = connect(behind.remote.slice('unix:'.length));
    socket.pipe(upstream).pipe(socket);
    for (const end of [socket, upstream]) end.on('error', () => {});
  });
  await new Promise<void>((resolve) => void proxy.listen(path, resolve));
  return { proxy, inject: (text) => void client?.write(text) };
}

test.each([
  ['a change of a row that is not known', 'OVSDB_DESYNC', { modify: { name: 'x' } }],
  ['something that is no update', 'OVSDB_MALFORMED_UPDATE', { explode: {} }],
])('%s: everything is loaded again', async (_what, code, rowUpdate) => {
  const path = join(server.directory, 'proxy');
  const { proxy, inject } = await startProxy(path);
  await using database = await connectLab(`unix:${path}`);
  const uuid = randomUUID();
  await database.transact([{ op: 'insert', table: 'Hub', uuid, row: { name: 'a' } }]);
  const lost = Promise.withResolvers<string | undefined>();
  database.onState((_state, reason) => lost.resolve(reason?.code));
  const updates = { Hub: { [randomUUID()]: rowUpdate } };
  inject(JSON.stringify({ id: null, method: 'update3', params: ['Lab', randomUUID(), updates] }));
  expect(await lost.promise).toBe(code);
  await untilState(database, 'synced');
  expect([...database.replica.rows('Hub').keys()]).toEqual([uuid]);
  proxy.close();
});

test('after an impossible update nothing is resumed: what was wrong before it goes, too', async () => {
  await using cluster = await startOvsdbServer({ schemaFile: labSchema, clustered: true });
  const path = join(cluster.directory, 'proxy');
  const { proxy, inject } = await startProxy(path, cluster);
  await using database = await connectLab(`unix:${path}`);
  const uuid = randomUUID();
  await database.transact([{ op: 'insert', table: 'Hub', uuid, row: { name: 'a' } }]);
  await using raw = await connectRaw(cluster.remote);
  const since = await raw.call('monitor_cond_since', 'Lab', 'm', {}, randomUUID());
  const [, lastTxnId] = since['result'] as [boolean, string];
  const injectUpdate = (rowUpdate: object): void =>
    inject(
      JSON.stringify({
        method: 'update3',
        params: ['Lab', lastTxnId, { Hub: { [randomUUID()]: rowUpdate } }],
      }),
    );
  injectUpdate({ insert: { name: 'invented' } });
  await untilReplica(database, () => database.replica.rows('Hub').size === 2);
  const resynced = untilState(database, 'disconnected').then(() => untilState(database, 'synced'));
  injectUpdate({ delete: null });
  await resynced;
  expect([...database.replica.rows('Hub').keys()]).toEqual([uuid]);
  proxy.close();
});

test('rubbish from the server ends the connection, not the process', async () => {
  const path = join(server.directory, 'proxy');
  const { proxy, inject } = await startProxy(path);
  await using database = await connectLab(`unix:${path}`);
  const lost = Promise.withResolvers<string | undefined>();
  database.onState((_state, reason) => lost.resolve(reason?.code));
  inject('HTTP/1.1 400 Bad Request\r\n');
  expect(await lost.promise).toBe('OVSDB_PROTOCOL');
  await untilState(database, 'synced');
  proxy.close();
});

test('a server that is busy with a slow request is not taken for dead, a silent one is', async () => {
  const [remote] = parseRemotes(server.remote);
  const patient = await Session.open(remote!, { probeIntervalMs: 20 });
  const other = await Session.open(remote!, { probeIntervalMs: 60 });
  await server.kill('SIGSTOP');
  const slow = patient.request('list_dbs', [], { slow: true });
  expect(await other.closed).toMatchObject({ code: 'OVSDB_PROBE' });
  await server.kill('SIGCONT');
  expect(await slow).toContain('Lab');
  patient.close();
});

test('an idle connection is kept alive by probes', async () => {
  const [remote] = parseRemotes(server.remote);
  const session = await Session.open(remote!, { probeIntervalMs: 20 });
  await expect.poll(() => session.bytesIn).toBeGreaterThan(200);
  expect(session.writable).toBe(true);
  session.close();
});
