// TLS against a real server: who is trusted, and who is not.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TlsOptions } from '../../src/ovsdb/index.ts';
import { connectLab, labSchema } from '../support/lab-database.ts';
import { startOvsdbServer } from '../support/ovsdb-server.ts';
import type { OvsdbServer } from '../support/ovsdb-server.ts';

const openssl = (...args: string[]) => promisify(execFile)('openssl', args);

let directory: string;
let server: OvsdbServer;
let client: TlsOptions;
let stranger: TlsOptions;
const file = (name: string): string => join(directory, name);
const pem = (name: string): Promise<string> => readFile(file(name), 'utf8');

async function makeAuthority(name: string): Promise<void> {
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    file(`${name}.key`),
  ];
  await openssl('req', '-x509', ...key, '-out', file(`${name}.pem`), '-subj', `/CN=${name}`, '-days', '2');
}
/** As ovs-pki makes them: a common name, no subject alternative name. */
async function makeCertificate(name: string, commonName: string, authority: string): Promise<void> {
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    file(`${name}.key`),
  ];
  await openssl('req', ...key, '-out', file(`${name}.csr`), '-subj', `/CN=${commonName}`);
  const by = ['-CA', file(`${authority}.pem`), '-CAkey', file(`${authority}.key`), '-CAcreateserial'];
  await openssl('x509', '-req', '-in', file(`${name}.csr`), ...by, '-out', file(`${name}.pem`), '-days', '2');
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ovsdb-tls-'));
  await makeAuthority('ca');
  await makeAuthority('other-ca');
  await makeCertificate('server', 'db id:6f3c', 'ca');
  await makeCertificate('client', 'client', 'ca');
  await makeCertificate('stranger', 'stranger', 'other-ca');
  const tls = { ca: file('ca.pem'), cert: file('server.pem'), key: file('server.key') };
  server = await startOvsdbServer({ schemaFile: labSchema, tls });
  const ca = await pem('ca.pem');
  client = { ca, cert: await pem('client.pem'), key: await pem('client.key'), serverName: 'db id:6f3c' };
  stranger = { ...client, cert: await pem('stranger.pem'), key: await pem('stranger.key') };
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

test('a server whose certificate the CA signed, with the right name, is trusted', async () => {
  await using database = await connectLab(server.sslRemote!, { tls: client });
  await database.transact([{ op: 'insert', table: 'Hub', row: { name: 'by TLS' } }]);
  expect([...database.replica.rows('Hub').values()]).toMatchObject([{ name: 'by TLS' }]);
});

test.each([
  ['another CA', async () => ({ ...client, ca: await pem('other-ca.pem') }), 'OVSDB_TLS'],
  ['another name', async () => ({ ...client, serverName: 'db id:0000' }), 'OVSDB_TLS'],
  ['no name: that of the remote', async () => ({ ...client, serverName: undefined }), 'OVSDB_TLS'],
  ['a client that the server does not know', async () => stranger, 'OVSDB_DISCONNECTED'],
])('%s: refused', async (_what, tls, code) => {
  const outcome = connectLab(server.sslRemote!, { tls: await tls(), connectTimeoutMs: 1000 });
  await expect(outcome).rejects.toMatchObject({ code: 'OVSDB_UNREACHABLE', cause: { code } });
});
