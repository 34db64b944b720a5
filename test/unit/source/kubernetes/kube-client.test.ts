// What a client makes of answers that are none: how long the server wants to be left alone, and why it refuses.
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { KubeClient } from '../../../../src/source/kubernetes/kube-client.ts';

/** A client of a server that answers everything so. */
async function clientOf(status: number, headers: Record<string, string>, body: unknown): Promise<KubeClient> {
  const server = createServer((_, response) => {
    response.writeHead(status, headers);
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const folder = mkdtempSync(join(tmpdir(), 'kube-client-'));
  const kubeconfig = join(folder, 'config');
  const name = 'test';
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name, cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
      users: [{ name, user: { token: 'token' } }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      'current-context': name,
    }),
  );
  const client = new KubeClient({ kubeconfig });
  onTestFinished(async () => {
    await client.close();
    server.close();
    rmSync(folder, { recursive: true });
  });
  return client;
}

const write = { method: 'PATCH', path: '/apis/kube-dc.com/v1/namespaces/a/eips/b', body: {} } as const;

test.each([
  ['3', 3000],
  // A date: whoever pauses takes a time of its own.
  ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
])('429 with Retry-After: %s', async (retryAfter, retryAfterMs) => {
  const client = await clientOf(
    429,
    { 'retry-after': retryAfter },
    'Too many requests, please try again later.',
  );
  const error: unknown = await client.request(write).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: 'KUBE_TOO_MANY_REQUESTS',
    retryable: true,
    message: expect.stringContaining('please try again later'),
    retryAfterMs,
  });
});

test('403 says whether it is because the namespace goes', async () => {
  const status = { kind: 'Status', status: 'Failure', reason: 'Forbidden', message: 'no', code: 403 };
  const ending = {
    ...status,
    details: { causes: [{ reason: 'NamespaceTerminating', message: 'terminated' }] },
  };
  const [denied, gone] = [await clientOf(403, {}, status), await clientOf(403, {}, ending)];
  const expected = { code: 'KUBE_FORBIDDEN', retryable: false, reason: 'Forbidden' };
  await expect(denied.request(write)).rejects.toMatchObject({ ...expected, isNamespaceEnding: false });
  await expect(gone.request(write)).rejects.toMatchObject({ ...expected, isNamespaceEnding: true });
});
