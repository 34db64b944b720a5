// Remotes: the addresses of a database server in the syntax that all OVS tools share (ovsdb(7), "Connection Methods").
import { isIPv6 } from 'node:net';
import { connectionError } from './errors.ts';

export interface UnixRemote {
  readonly kind: 'unix';
  readonly path: string;
}
export interface NetworkRemote {
  readonly kind: 'tcp' | 'ssl';
  /** A name or an address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}
export type Remote = UnixRemote | NetworkRemote;

/** IANA's port of OVSDB; used when a remote has none. */
const defaultPort = 6640;

/**
 * Parses a comma-separated list such as `unix:/run/db.sock,tcp:[::1]:6641,ssl:db.example.org:6641`, in its order.
 * @throws OVSDB_INVALID_REMOTE
 */
export function parseRemotes(text: string): readonly Remote[] {
  return text.split(',').map((item) => parseRemote(item.trim()));
}

/** The remote in the syntax that it was parsed from, for messages. */
export function formatRemote(remote: Remote): string {
  if (remote.kind === 'unix') return `unix:${remote.path}`;
  const host = isIPv6(remote.host) ? `[${remote.host}]` : remote.host;
  return `${remote.kind}:${host}:${remote.port}`;
}

function parseRemote(text: string): Remote {
  const match = /^(?<kind>unix|tcp|ssl):(?<rest>.+)$/s.exec(text);
  const { kind, rest } = match?.groups ?? {};
  if (rest === undefined) throw invalid(text, 'expected unix:PATH, tcp:HOST:PORT or ssl:HOST:PORT');
  if (kind === 'unix') return { kind, path: rest };
  return { kind: kind === 'ssl' ? 'ssl' : 'tcp', ...parseHostPort(rest, text) };
}

function parseHostPort(rest: string, text: string): { host: string; port: number } {
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<name>[^:[\]\s]+))(?::(?<port>\d{1,5}))?$/.exec(rest);
  if (!match?.groups) throw invalid(text, 'expected HOST:PORT; an IPv6 address goes in brackets');
  const { v6, name, port: digits } = match.groups;
  if (v6 !== undefined && !isIPv6(v6)) throw invalid(text, `${v6} is not an IPv6 address`);
  const port = digits === undefined ? defaultPort : Number(digits);
  if (port < 1 || port > 65_535) throw invalid(text, 'the port must be 1 to 65535');
  return { host: v6 ?? name ?? '', port };
}

function invalid(text: string, why: string): Error {
  return connectionError('OVSDB_INVALID_REMOTE', `remote ${JSON.stringify(text)}: ${why}`);
}
