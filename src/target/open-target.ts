// Opens the databases and checks that they may be written to.
import type { Logger } from '../base/logger.ts';
import { monitoredColumns, northboundIndexes } from '../northbound/monitored-columns.ts';
import { northboundPolicy } from '../northbound/policy.ts';
import { Database } from '../ovsdb/index.ts';
import type { TlsOptions } from '../ovsdb/index.ts';
import { epochColumns } from './epoch.ts';
import { chassisColumns } from './gateway-chassis.ts';
import { checkNorthbound, checkSchema } from './northbound-checks.ts';
import { NorthboundTarget } from './northbound-target.ts';
import type { Target } from './target.ts';

export interface OpenTargetOptions {
  /** Remotes of the Northbound database: `unix:/run/ovn/ovnnb_db.sock,ssl:db.example.org:6641`. */
  readonly nb: string;
  /** Remotes of the Southbound database; undefined: gateway chassis are `gatewayChassis`. */
  readonly sb?: string | undefined;
  readonly owner: string;
  /** System-ids of the chassis that may host gateway ports, for when there is no `sb`. */
  readonly gatewayChassis?: readonly string[] | undefined;
  /** True: use a database with rows of Kube-OVN all the same. */
  readonly allowSharedNb?: boolean | undefined;
  readonly tls?: TlsOptions | undefined;
  readonly logger: Logger;
  /** Aborting closes the databases. */
  readonly signal?: AbortSignal | undefined;
  /** How long to try at first; Infinity: for ever. Later losses are always waited out. Default 10 s. */
  readonly connectTimeoutMs?: number | undefined;
}

/**
 * Resolves when the replica is loaded and the database was found fit. Writes nothing.
 * @throws NB_SHARED, NB_NOT_INITIALISED, NB_SCHEMA_TOO_OLD, NB_SERVER_TOO_OLD, and what `Database.connect` throws
 */
export async function openTarget(options: OpenTargetOptions): Promise<Target> {
  const { owner, logger } = options;
  const connection = {
    tls: options.tls,
    logger,
    signal: options.signal,
    connectTimeoutMs: options.connectTimeoutMs,
  };
  const database = 'OVN_Northbound';
  // Which indexes are needed follows from the server's schema, so the schema is looked at first.
  const quiet = { ...connection, logger: withoutInfo(logger) };
  const look = await Database.connect({ ...quiet, remote: options.nb, database, monitor: {} });
  const policy = northboundPolicy(owner, look.schema);
  await look.close();
  checkSchema(policy.schema);
  const opened: Database[] = [];
  try {
    const nb = await Database.connect({
      ...connection,
      remote: options.nb,
      database,
      monitor: { ...monitoredColumns, ...epochColumns },
      indexes: northboundIndexes(policy),
    });
    opened.push(nb);
    await checkNorthbound(nb, options.allowSharedNb ?? false);
    const sb = await openSouthbound(options.sb, connection);
    if (sb !== undefined) opened.push(sb);
    const assumed = (options.gatewayChassis ?? []).map((name) => ({ name, physicalNetworks: undefined }));
    return new NorthboundTarget(nb, sb, { owner, policy, gatewayChassis: assumed, logger });
  } catch (error) {
    await Promise.all(opened.map((each) => each.close()));
    throw error;
  }
}

async function openSouthbound(
  remote: string | undefined,
  connection: Pick<Parameters<typeof Database.connect>[0], 'tls' | 'logger' | 'signal' | 'connectTimeoutMs'>,
): Promise<Database | undefined> {
  if (remote === undefined) return undefined;
  return Database.connect({ ...connection, remote, database: 'OVN_Southbound', monitor: chassisColumns });
}

/** Failures are worth a line, a connection that is made only to look is not. */
function withoutInfo(logger: Logger): Logger {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.debug(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}
