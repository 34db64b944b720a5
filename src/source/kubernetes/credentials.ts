// Where the API server is and who we are there: from a kubeconfig or the service account of a pod, kept fresh.
import { existsSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { Agent, ProxyAgent, type Dispatcher } from 'undici';
import { CodedError } from '../../base/errors.ts';
import type { Clock } from '../../base/clock.ts';

/** Where the credentials are looked for. */
export interface KubeLocation {
  /** Path of a kubeconfig. Absent: `KUBECONFIG`, the service account of a pod, `~/.kube/config`, in this order. */
  readonly kubeconfig?: string | undefined;
  /** Context of the kubeconfig. Absent: its current one. */
  readonly context?: string | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Prepended to the paths of a pod's service account. */
  readonly podRoot?: string;
}

/** All that a request needs beside its path. */
export interface Access {
  /** `https://10.101.0.1:443`, without a slash at the end. */
  readonly server: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
}

/** Tokens of pods are replaced on disk long before they expire. */
const freshForMs = 60_000;

/** One for all requests, so that connections are shared; made anew only when certificates or addresses have changed. */
interface Connections {
  readonly fingerprint: string;
  readonly dispatcher: Dispatcher;
}

export class Credentials {
  readonly #location: KubeLocation;
  readonly #clock: Pick<Clock, 'now'>;
  #config: KubeConfig | undefined;
  #access: Promise<Access> | undefined;
  #lastGood: Access | undefined;
  #readAt = 0;
  #connections: Connections | undefined;

  constructor(location: KubeLocation, clock: Pick<Clock, 'now'>) {
    this.#location = location;
    this.#clock = clock;
  }

  /**
   * Reads what is older than a minute again. Files that cannot be read then are being written: the last good ones count.
   * @throws KUBE_NO_CONFIG, KUBE_CONFIG when there were none yet
   */
  async access(): Promise<Access> {
    const isStale = this.#clock.now() - this.#readAt > freshForMs;
    if (this.#access === undefined || isStale) {
      this.#readAt = this.#clock.now();
      this.#access = this.#read();
    }
    try {
      this.#lastGood = await this.#access;
    } catch (error) {
      this.#forget();
      if (this.#lastGood === undefined) throw error;
    }
    return this.#lastGood;
  }

  /** For a server that does not know us any more: the next access reads everything from its files, once for all who ask. */
  renew(refused: Access): void {
    if (this.#lastGood === refused) this.#forget();
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await this.#connections?.dispatcher.destroy();
  }

  #forget(): void {
    this.#access = undefined;
    this.#config = undefined;
  }

  async #read(): Promise<Access> {
    try {
      this.#config ??= await loadConfig(this.#location);
      const options: RequestOptions = {};
      await this.#config.applyToHTTPSOptions(options);
      const cluster = this.#config.getCurrentCluster();
      if (cluster === null) throw new Error('the context has no cluster');
      return {
        server: cluster.server.replace(/\/$/, ''),
        headers: headersOf(options),
        dispatcher: this.#dispatcher(this.#config, options),
      };
    } catch (error) {
      if (error instanceof CodedError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw configError('KUBE_CONFIG', `the credentials for the API server cannot be used: ${reason}`, error);
    }
  }

  #dispatcher(config: KubeConfig, options: RequestOptions): Dispatcher {
    const proxy = config.getCurrentCluster()?.proxyUrl ?? undefined;
    const tls = tlsOf(options);
    const fingerprint = JSON.stringify({ proxy, ...tls });
    if (this.#connections?.fingerprint === fingerprint) return this.#connections.dispatcher;
    // Watches that run on the old one end in their own time.
    void this.#connections?.dispatcher.close();
    const dispatcher = makeDispatcher(proxy, tls);
    this.#connections = { fingerprint, dispatcher };
    return dispatcher;
  }
}

type Tls = ReturnType<typeof tlsOf>;

function tlsOf({ ca, cert, key, rejectUnauthorized, servername }: RequestOptions) {
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
    ...(servername !== undefined && { servername }),
  };
}

/** How long a connection waits for the next request: the API server itself ends one that was idle for 90 s. */
const idleMs = 30_000;

/** A watch has a connection of its own, so that one that is slow or broken is nobody else's matter: HTTP/1.1. */
function makeDispatcher(proxy: string | undefined, tls: Tls): Dispatcher {
  if (proxy === undefined)
    return new Agent({
      connect: { ...tls, keepAlive: true, keepAliveInitialDelay: 30_000 },
      keepAliveTimeout: idleMs,
      allowH2: false,
    });
  if (proxy.startsWith('socks'))
    throw configError('KUBE_CONFIG', 'a SOCKS proxy (proxy-url) is not supported: use an HTTP proxy');
  return new ProxyAgent({ uri: proxy, requestTls: tls, allowH2: false });
}

function headersOf({ headers, auth }: RequestOptions): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {}))
    result[name.toLowerCase()] = String(value).trim();
  if (typeof auth === 'string') result['authorization'] = `Basic ${Buffer.from(auth).toString('base64')}`;
  return result;
}

async function loadConfig(location: KubeLocation): Promise<KubeConfig> {
  // Only here: it costs every other command most of a second and 80 MB.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  const files = configFiles(location);
  if (files.length > 0) {
    config.loadFromFile(files[0] ?? '');
    for (const file of files.slice(1)) {
      const more = new KubeConfig();
      more.loadFromFile(file);
      config.mergeConfig(more, true);
    }
  } else if (isPod(location)) config.loadFromCluster(location.podRoot ?? '');
  else throw configError('KUBE_NO_CONFIG', nowhere);
  chooseContext(config, location.context);
  return config;
}

const nowhere =
  'no API server is known: there is no --kubeconfig, no KUBECONFIG, no service account of a pod and no ~/.kube/config';

/** The files to read, in order; none when a pod's service account is next in line, or nothing is there. */
function configFiles(location: KubeLocation): readonly string[] {
  const { kubeconfig, environment = process.env } = location;
  if (kubeconfig !== undefined) return [kubeconfig];
  const named = (environment['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  if (named.length > 0) return named;
  const usual = join(environment['HOME'] ?? homedir(), '.kube', 'config');
  return !isPod(location) && existsSync(usual) ? [usual] : [];
}

const podToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';

function isPod({ environment = process.env, podRoot = '' }: KubeLocation): boolean {
  return environment['KUBERNETES_SERVICE_HOST'] !== undefined && existsSync(podRoot + podToken);
}

function chooseContext(config: KubeConfig, wanted: string | undefined): void {
  const names = config.getContexts().map(({ name }) => name);
  if (wanted !== undefined) config.setCurrentContext(wanted);
  const current = config.getCurrentContext();
  if (names.includes(current)) return;
  const known = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
  throw configError(
    'KUBE_CONFIG',
    `the kubeconfig has no context ${JSON.stringify(current ?? '')}: ${known}`,
  );
}

function configError(code: string, message: string, cause?: unknown): CodedError {
  return new CodedError(code, message, { retryable: false, cause });
}
