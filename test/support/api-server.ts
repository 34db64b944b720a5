// A real kube-apiserver on an etcd of its own in a temporary folder: started, paused, killed and restarted by tests.
import { execFile } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request as send } from 'undici';
import { customResourceDefinitions } from '../../src/api/crds.ts';
import { startDaemon } from '../../src/embedded/child.ts';
import { apiServerProgram, kubectlProgram } from './api-server-programs.ts';
import { auditArguments } from './audit-log.ts';
import { freePort } from './free-port.ts';

export interface ApiServerOptions {
  /** Names of users without any right, beside `admin`, who may do everything. The token of a user is `{name}-token`. */
  readonly users?: readonly string[];
  /** True: our CustomResourceDefinitions are there and served. */
  readonly crds?: boolean;
  /** True: every request is written to {@link ApiServer.auditFile}. */
  readonly audit?: boolean;
}

export interface ApiAnswer {
  readonly status: number;
  /** Parsed JSON; a text that is none as it is. */
  readonly body: unknown;
}

export interface KubectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ApiServer extends AsyncDisposable {
  readonly directory: string;
  /** `https://127.0.0.1:port` */
  readonly url: string;
  /** Certificate of the authority that signed the server's. */
  readonly caFile: string;
  /** Path of a kubeconfig of `admin`. */
  readonly kubeconfig: string;
  /** See `audit-log.ts`. */
  readonly auditFile: string;
  /** Writes a kubeconfig for a user, or for any token, with the server's or another address, and returns its path. */
  kubeconfigOf(user: string, token?: string, url?: string): Promise<string>;
  /** Sends a request, as `admin` unless told; does not throw for an error status. */
  request(
    method: string,
    path: string,
    body?: unknown,
    contentType?: string,
    user?: string,
  ): Promise<ApiAnswer>;
  /** Creates an object from its apiVersion, kind and metadata. @throws for an error status */
  create(collection: string, object: object): Promise<unknown>;
  /** Runs `kubectl` as `admin`. Needs {@link kubectlProgram}. */
  kubectl(args: readonly string[], input?: string): Promise<KubectlResult>;
  installCrds(): Promise<void>;
  /** Makes etcd forget everything but the present: pages of lists that began before are gone (410). */
  compact(): Promise<void>;
  /** To the API server, not to etcd; deadly signals return when the process is gone. */
  kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** Kills the API server if it runs, starts it on the same data and port, and waits until it is ready. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const left = new Set<string>();
process.on('exit', () => {
  for (const directory of left) rmSync(directory, { recursive: true, force: true });
});

/** Starts etcd and the API server (3 s) and resolves when it is ready. They end with `stop`, or with the test process. */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const directory = await mkdtemp(join(tmpdir(), 'api-server-test-'));
  left.add(directory);
  const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()];
  await writeSecrets(directory, ['admin', ...(options.users ?? [])]);
  const server = new Server(directory, `http://127.0.0.1:${etcdPort}`, port, options.audit === true);
  try {
    await server.startEtcd(peerPort);
    await server.restart();
    await writeKubeconfig(server, server.kubeconfig, 'admin-token');
    if (options.crds === true) await server.installCrds();
    return server;
  } catch (error) {
    const log = await readFile(join(directory, 'kube-apiserver.log'), 'utf8').catch(() => 'no log');
    await server.stop();
    throw new Error(`the API server did not start:\n${log.slice(-4000)}`, { cause: error });
  }
}

class Server implements ApiServer {
  readonly directory: string;
  readonly url: string;
  readonly caFile: string;
  readonly kubeconfig: string;
  readonly auditFile: string;
  readonly #etcd: string;
  readonly #port: number;
  readonly #isAudited: boolean;
  #daemons: { etcd?: ChildProcess; server?: ChildProcess } = {};
  #agent: Agent | undefined;

  constructor(directory: string, etcd: string, port: number, isAudited: boolean) {
    this.directory = directory;
    this.#etcd = etcd;
    this.#port = port;
    this.url = `https://127.0.0.1:${port}`;
    this.caFile = join(directory, 'certs', 'apiserver.crt');
    this.kubeconfig = join(directory, 'admin.kubeconfig');
    this.auditFile = join(directory, 'audit.log');
    this.#isAudited = isAudited;
  }

  async startEtcd(peerPort: number): Promise<void> {
    const peer = `http://127.0.0.1:${peerPort}`;
    this.#daemons.etcd = await this.#start('etcd', [
      `--data-dir=${join(this.directory, 'etcd')}`,
      `--listen-client-urls=${this.#etcd}`,
      `--advertise-client-urls=${this.#etcd}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
    ]);
    await until(async () => (await send(`${this.#etcd}/health`)).statusCode === 200, this.#daemons.etcd);
  }

  async restart(): Promise<void> {
    await this.kill('SIGKILL');
    this.#daemons.server = await this.#start('kube-apiserver', this.#arguments());
    const isReady = async (): Promise<boolean> => {
      try {
        const { status, body } = await this.request('GET', '/readyz');
        return status === 200 && body === 'ok';
      } catch (error) {
        // It may have read a certificate that was being written.
        await this.#agent?.destroy();
        this.#agent = undefined;
        throw error;
      }
    };
    await until(isReady, this.#daemons.server);
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    await end(this.#daemons.server, signal);
  }

  async stop(): Promise<void> {
    await this.#agent?.destroy();
    await this.kill('SIGKILL');
    await end(this.#daemons.etcd, 'SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
    left.delete(this.directory);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async kubeconfigOf(user: string, token = `${user}-token`, url = this.url): Promise<string> {
    const path = join(this.directory, `${user}-${new URL(url).port}.kubeconfig`);
    await writeKubeconfig({ url, caFile: this.caFile }, path, token);
    return path;
  }

  async request(
    method: string,
    path: string,
    body?: unknown,
    contentType = 'application/json',
    user = 'admin',
  ): Promise<ApiAnswer> {
    const answer = await send(this.url + path, {
      method,
      headers: { authorization: `Bearer ${user}-token`, 'content-type': contentType },
      dispatcher: await this.#dispatcher(),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, body: text.startsWith('{') ? JSON.parse(text) : text };
  }

  async create(collection: string, object: object): Promise<unknown> {
    const { status, body } = await this.request('POST', collection, object);
    if (status !== 201) throw new Error(`${collection} answers ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  async kubectl(args: readonly string[], input = ''): Promise<KubectlResult> {
    const { promise, resolve } = Promise.withResolvers<KubectlResult>();
    const environment = { PATH: process.env['PATH'], KUBECONFIG: this.kubeconfig, HOME: this.directory };
    const child = execFile(
      kubectlProgram ?? 'kubectl',
      [...args],
      { env: environment },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : 1, stdout, stderr }),
    );
    child.stdin?.end(input);
    return promise;
  }

  async installCrds(): Promise<void> {
    const collection = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    for (const definition of customResourceDefinitions()) await this.create(collection, definition);
    for (const definition of customResourceDefinitions()) {
      const { spec } = definition as {
        spec: { group: string; versions: { name: string }[]; names: { plural: string } };
      };
      const path = `/apis/${spec.group}/${spec.versions[0]!.name}/${spec.names.plural}`;
      await until(async () => (await this.request('GET', path)).status === 200);
    }
  }

  async compact(): Promise<void> {
    const range = await send(`${this.#etcd}/v3/kv/range`, { method: 'POST', body: '{"key":"AA=="}' });
    const { header } = (await range.body.json()) as { header: { revision: string } };
    const body = JSON.stringify({ revision: header.revision, physical: true });
    const answer = await send(`${this.#etcd}/v3/kv/compaction`, { method: 'POST', body });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`etcd does not compact: ${text}`);
  }

  #arguments(): string[] {
    const file = (name: string): string => join(this.directory, name);
    return [
      `--etcd-servers=${this.#etcd}`,
      `--secure-port=${this.#port}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--cert-dir=${file('certs')}`,
      `--token-auth-file=${file('tokens.csv')}`,
      '--authorization-mode=RBAC',
      `--service-account-key-file=${file('service-account.key')}`,
      `--service-account-signing-key-file=${file('service-account.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      // That of kubeadm.
      '--service-cluster-ip-range=10.96.0.0/12',
      // Nobody makes the default ServiceAccount of a namespace here, without which no Pod is admitted.
      '--disable-admission-plugins=ServiceAccount',
      '--allow-privileged=true',
      ...(this.#isAudited ? auditArguments(this.auditFile) : []),
    ];
  }

  /** Its output goes to a log in the folder. */
  #start(name: 'etcd' | 'kube-apiserver', args: readonly string[]): Promise<ChildProcess> {
    const script = `exec "$0" "$@" >>"$LOG" 2>&1`;
    const log = join(this.directory, `${name}.log`);
    return startDaemon('/bin/sh', ['-c', script, apiServerProgram(name), ...args], { LOG: log });
  }

  /** Made when the server has made its certificate. */
  async #dispatcher(): Promise<Agent> {
    this.#agent ??= new Agent({
      connect: { ca: await readFile(this.caFile, 'utf8') },
      headersTimeout: 120_000,
    });
    return this.#agent;
  }
}

async function writeSecrets(directory: string, users: readonly string[]): Promise<void> {
  const groups = (user: string): string => (user === 'admin' ? ',"system:masters"' : '');
  const tokens = users.map((user) => `${user}-token,${user},${user}${groups(user)}\n`);
  await writeFile(join(directory, 'tokens.csv'), tokens.join(''));
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(
    join(directory, 'service-account.key'),
    privateKey.export({ type: 'pkcs1', format: 'pem' }),
  );
}

async function writeKubeconfig(
  { url, caFile }: Pick<ApiServer, 'url' | 'caFile'>,
  path: string,
  token: string,
): Promise<void> {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority': caFile } }],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  };
  await writeFile(path, JSON.stringify(config));
}

/** Waits for the condition; a rejected one is not true yet. */
async function until(condition: () => Promise<boolean>, child?: ChildProcess): Promise<void> {
  const giveUpAt = Date.now() + 90_000;
  while (!(await condition().catch(() => false))) {
    if (child !== undefined && child.exitCode !== null) throw new Error(`ended with ${child.exitCode}`);
    if (Date.now() > giveUpAt) throw new Error('not ready in time');
    await delay(25);
  }
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const deadly = signal === 'SIGKILL' || signal === 'SIGTERM';
  if (deadly) child.ref();
  const gone = deadly ? once(child, 'exit') : undefined;
  child.kill(signal);
  await gone;
}
