// The TLS flags, checked and read from their files.
import { readFile } from 'node:fs/promises';
import { CodedError } from '../base/errors.ts';
import type { TlsOptions } from '../ovsdb/index.ts';
import type { ConnectionFlags } from './flags.ts';

/**
 * Returns undefined when no TLS flag is given and no remote needs it. As with OVN's own tools it takes all three files.
 * @throws CLI_TLS when one is missing or cannot be read
 */
export async function readTlsOptions(
  flags: ConnectionFlags,
  remotes: readonly (string | undefined)[],
): Promise<TlsOptions | undefined> {
  const { privateKey, certificate, caCert, tlsServerName } = flags;
  const needed = remotes.some((remote) => remote !== undefined && /(^|,)\s*ssl:/.test(remote));
  if (!needed && [privateKey, certificate, caCert, tlsServerName].every((flag) => flag === undefined))
    return undefined;
  return {
    key: await read('--private-key', privateKey),
    cert: await read('--certificate', certificate),
    ca: await read('--ca-cert', caCert),
    serverName: tlsServerName,
  };
}

async function read(flag: string, path: string | undefined): Promise<string> {
  if (path === undefined)
    throw new CodedError(
      'CLI_TLS',
      `TLS needs --private-key, --certificate and --ca-cert: ${flag} is missing`,
      { retryable: false },
    );
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new CodedError('CLI_TLS', `cannot read the file of ${flag}`, { retryable: false, cause });
  }
}
