// Reads logs of ovn-controller line by line: they may be larger than memory.
import { open } from 'node:fs/promises';
import { CodedError } from '../../base/errors.ts';
import { AclLog } from './acl-log.ts';

/** @throws CLI_ACL_LOG when a file cannot be read */
export async function readAclLogs(paths: readonly string[]): Promise<AclLog> {
  const log = new AclLog();
  for (const path of paths) {
    try {
      await using file = await open(path);
      for await (const line of file.readLines()) log.add(line);
    } catch (cause) {
      throw new CodedError('CLI_ACL_LOG', `cannot read ${path}`, { retryable: false, cause });
    }
  }
  return log;
}
