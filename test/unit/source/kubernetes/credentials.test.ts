// Where credentials are found, in which order, and that they are read anew without cutting a connection.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Credentials } from '../../../../src/source/kubernetes/credentials.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'credentials-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.unstubAllEnvs();
});

function write(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const kubeconfig = (name: string, user: object = { token: `${name}-token` }, cluster: object = {}): string =>
  JSON.stringify({
    clusters: [{ name, cluster: { server: `https://${name}.example:6443/`, ...cluster } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });

const secrets = 'var/run/secrets/kubernetes.io/serviceaccount';
function pod(token: string): { readonly podRoot: string; readonly environment: Record<string, string> } {
  write(`${secrets}/ca.crt`, 'certificate');
  write(`${secrets}/token`, token);
  const environment = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443', HOME: folder };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  return { podRoot: `${folder}/`, environment };
}

describe('Credentials', () => {
  test('KUBECONFIG before the account of a pod, that before ~/.kube/config, a flag before all', async () => {
    const { podRoot, environment } = pod('pod-token\n');
    write('.kube/config', kubeconfig('home'));
    const [named, flag] = [write('named', kubeconfig('named')), write('flag', kubeconfig('flag'))];
    const clock = new FakeClock();
    const serverOf = async (location: object): Promise<string> =>
      (await new Credentials(location, clock).access()).server;
    const inPod = { podRoot, environment };
    expect(await serverOf({ environment: { HOME: folder } })).toBe('https://home.example:6443');
    expect(await serverOf(inPod)).toBe('https://[fd00::1]:443');
    expect(await serverOf({ ...inPod, environment: { ...environment, KUBECONFIG: named } })).toContain(
      'named',
    );
    expect(await serverOf({ ...inPod, kubeconfig: flag })).toContain('flag');
    const both = { environment: { KUBECONFIG: `${named}:${flag}` }, context: 'flag' };
    expect(await serverOf(both)).toContain('flag');
  });

  test('a token of a pod that was replaced is used within a minute, over the same connections', async () => {
    const location = pod('one');
    const clock = new FakeClock();
    const credentials = new Credentials(location, clock);
    const first = await credentials.access();
    expect(first.headers).toEqual({ authorization: 'Bearer one' });
    expect(await credentials.access()).toBe(first);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
    write(`${secrets}/token`, 'two');
    await clock.advance(61_000);
    const second = await credentials.access();
    vi.useRealTimers();
    expect(second.headers).toEqual({ authorization: 'Bearer two' });
    expect(second.dispatcher).toBe(first.dispatcher);
  });

  test('what the server refuses is read again, once for all who were refused', async () => {
    const path = write('config', kubeconfig('a'));
    const credentials = new Credentials({ kubeconfig: path }, new FakeClock());
    const first = await credentials.access();
    write('config', kubeconfig('a', { token: 'new' }));
    credentials.renew(first);
    const second = await credentials.access();
    expect(second.headers).toEqual({ authorization: 'Bearer new' });
    write('config', 'half writ: [');
    credentials.renew(first);
    expect(await credentials.access()).toBe(second);
    credentials.renew(second);
    expect(await credentials.access()).toBe(second);
  });

  test('certificates that were replaced get new connections', async () => {
    const cluster = (data: string) => ({
      'certificate-authority-data': Buffer.from(data).toString('base64'),
    });
    const path = write('config', kubeconfig('a', { token: 'x' }, cluster('one')));
    const credentials = new Credentials({ kubeconfig: path }, new FakeClock());
    const first = await credentials.access();
    write('config', kubeconfig('a', { token: 'x' }, cluster('two')));
    credentials.renew(first);
    expect((await credentials.access()).dispatcher).not.toBe(first.dispatcher);
  });

  test.each<[string, object, RegExp]>([
    ['nothing at all', { environment: { HOME: '/nowhere' } }, /^no API server is known/],
    ['no such file', { kubeconfig: '/nowhere' }, /cannot be used: ENOENT/],
    ['no YAML', { text: 'a: [' }, /cannot be used/],
    ['no such context', { text: kubeconfig('a'), context: 'b' }, /no context "b": it has a$/],
    ['no context at all', { text: '{}' }, /no context "": it has none/],
    [
      'a SOCKS proxy',
      { text: kubeconfig('a', {}, { 'proxy-url': 'socks5://p:1' }) },
      /SOCKS proxy .* not supported/,
    ],
  ])('%s is said', async (_, { text, ...location }: { text?: string }, message) => {
    const path = text === undefined ? {} : { kubeconfig: write('config', text) };
    await expect(new Credentials({ ...path, ...location }, new FakeClock()).access()).rejects.toThrow(
      message,
    );
  });
});
