// The daemon's own HTTP: /healthz and /readyz for probes, /metrics for Prometheus. Read-only.
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { CodedError } from '../base/errors.ts';
import { checkHealth } from './health.ts';
import type { HealthCheck } from './health.ts';
import type { ListenAddress } from './listen-address.ts';

export interface HttpServerOptions {
  readonly address: ListenAddress;
  /** When one of these fails, the process is to be restarted. */
  readonly live: readonly HealthCheck[];
  /** When one of these fails, it is not in step with what people write. */
  readonly ready: readonly HealthCheck[];
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

export interface RunningHttpServer {
  /** `127.0.0.1:9476`, with the port that was given where 0 was asked for. */
  readonly address: string;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** @throws CodedError `SERVER_LISTEN` when the address cannot be had */
export async function startHttpServer(options: HttpServerOptions): Promise<RunningHttpServer> {
  const server = createServer((request, response) => void respond(request, response, options));
  server.requestTimeout = 10_000;
  await listen(server, options.address);
  return {
    address: boundAddress(server),
    close: async () => {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

async function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port }, resolve);
  try {
    await promise;
  } catch (error) {
    throw new CodedError('SERVER_LISTEN', `cannot listen on ${host}:${port}`, {
      retryable: false,
      cause: error,
    });
  } finally {
    server.off('error', reject);
  }
}

function boundAddress(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') return String(address);
  return `${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpServerOptions,
): Promise<void> {
  const { status, contentType, text } = await answer(request, options).catch((error: unknown) =>
    plain(500, error instanceof Error ? `${error.message}\n` : 'failed\n'),
  );
  response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' });
  response.end(request.method === 'HEAD' ? undefined : text);
}

async function answer(request: IncomingMessage, options: HttpServerOptions): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'only GET is answered\n');
  const [path] = (request.url ?? '/').split('?', 1);
  if (path === '/healthz') return health(options.live);
  if (path === '/readyz') return health(options.ready);
  if (path === '/metrics') return { status: 200, ...(await options.metrics()) };
  return plain(404, 'there are /healthz, /readyz and /metrics\n');
}

function health(checks: readonly HealthCheck[]): Answer {
  const { isHealthy, text } = checkHealth(checks);
  return plain(isHealthy ? 200 : 503, text);
}

const plain = (status: number, text: string): Answer => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  text,
});
