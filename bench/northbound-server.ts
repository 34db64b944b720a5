// A Northbound database of its own for every measurement.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startOvsdbServer, type OvsdbServer } from '../test/support/ovsdb-server.ts';

const schemaFile = fileURLToPath(new URL('../ovsdb-schema/ovn-nb-7.0.0.ovsschema', import.meta.url));

/** An empty database with its NB_Global row, as ovn-ctl leaves it. */
export async function startNorthbound(): Promise<OvsdbServer> {
  const server = await startOvsdbServer({ schemaFile });
  await promisify(execFile)('ovn-nbctl', ['--no-leader-only', `--db=${server.remote}`, 'init']);
  return server;
}
