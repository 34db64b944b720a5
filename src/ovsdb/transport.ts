// The transport: opens a stream socket to a remote, verified when it is TLS.
import type { EventEmitter } from 'node:events';
import { createConnection, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls } from 'node:tls';
import type { PeerCertificate } from 'node:tls';
import type { CodedError } from '../base/errors.ts';
import { startDeadline } from './deadline.ts';
import { connectionError } from './errors.ts';
import { formatRemote } from './remote.ts';
import type { NetworkRemote, Remote } from './remote.ts';

/** PEM texts. OVSDB servers ask for a client certificate, so all three are needed. */
export interface TlsOptions {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** What the server's certificate must name; the host of the remote when absent. */
  readonly serverName?: string | undefined;
}

export interface TransportOptions {
  readonly tls?: TlsOptions | undefined;
  /** For the connection and the TLS handshake together. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens the socket and resolves when bytes can be exchanged.
 * @throws OVSDB_UNREACHABLE, OVSDB_TLS, OVSDB_CANCELLED
 */
export async function openSocket(remote: Remote, options: TransportOptions): Promise<Socket> {
  const socket = createSocket(remote, options.tls);
  let connected = false;
  socket.once('connect', () => (connected = true));
  try {
    await firstEvent(socket, remote.kind === 'ssl' ? 'secureConnect' : 'connect', options);
  } catch (error) {
    socket.on('error', () => {}); // whatever a socket that is given up has to say
    socket.destroy();
    throw explain(error, remote, connected, options.signal);
  }
  if (remote.kind !== 'unix') socket.setNoDelay(true);
  return socket;
}

function createSocket(remote: Remote, tls: TlsOptions | undefined): Socket {
  if (remote.kind === 'unix') return createConnection({ path: remote.path });
  const { host, port } = remote;
  if (remote.kind === 'tcp') return createConnection({ host, port });
  if (tls === undefined)
    throw connectionError('OVSDB_TLS', `${formatRemote(remote)} needs a CA, a certificate and a key`);
  return openTls(remote, tls);
}

function openTls(remote: NetworkRemote, tls: TlsOptions): Socket {
  const name = tls.serverName ?? remote.host;
  return connectTls({
    host: remote.host,
    port: remote.port,
    ca: tls.ca,
    cert: tls.cert,
    key: tls.key,
    minVersion: 'TLSv1.2',
    // SNI carries host names only; certificates made by ovs-pki name things like "db id:6f3c…"
    ...(isHostName(name) && { servername: name }),
    checkServerIdentity: (_host, certificate) => verifyServerName(name, certificate),
  });
}

/**
 * Checks a certificate that the CA has vouched for: the name must be one of its subject alternative names or, since
 * certificates made for OVS have none, its common name. Returns the error, or undefined when it fits.
 */
export function verifyServerName(name: string, certificate: PeerCertificate): Error | undefined {
  const { subjectaltname, subject } = certificate;
  if (subjectaltname !== undefined && subjectaltname !== '') return checkServerIdentity(name, certificate);
  const commonName: unknown = subject.CN;
  if (commonName === name) return undefined;
  return new Error(
    `the server's certificate is for ${JSON.stringify(commonName)}, not for ${JSON.stringify(name)}`,
  );
}

function isHostName(name: string): boolean {
  return isIP(name) === 0 && /^[A-Za-z0-9._-]+$/.test(name);
}

async function firstEvent(emitter: EventEmitter, event: string, options: TransportOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const { timeoutMs } = options;
  const timer = startDeadline(timeoutMs, () => reject(new Error(`no answer within ${timeoutMs} ms`)));
  const onAbort = (): void => reject(new Error('aborted'));
  const onEvent = (): void => resolve(undefined);
  const onClose = (): void => reject(new Error('the server closed the connection'));
  if (options.signal?.aborted) onAbort();
  options.signal?.addEventListener('abort', onAbort);
  emitter.once(event, onEvent).once('error', reject).once('close', onClose);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
    emitter.off(event, onEvent).off('error', reject).off('close', onClose);
  }
}

function explain(
  error: unknown,
  remote: Remote,
  connected: boolean,
  signal: AbortSignal | undefined,
): CodedError {
  const text = `${formatRemote(remote)}: ${error instanceof Error ? error.message : String(error)}`;
  if (signal?.aborted) return connectionError('OVSDB_CANCELLED', text, signal.reason);
  return connectionError(connected ? 'OVSDB_TLS' : 'OVSDB_UNREACHABLE', text, error);
}
