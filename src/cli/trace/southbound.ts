// What a trace asks the Southbound database: of which rows flows were made, and which chassis hosts a gateway port.
import { Database } from '../../ovsdb/index.ts';
import type { DatabaseOptions, Operation, Row } from '../../ovsdb/index.ts';
import { mapColumn, textColumn } from '../../northbound/read-column.ts';
import type { FlowHints, TraceStep } from '../../trace/flow-hints.ts';

/** Nothing is monitored: the flows of a large network are many, and few are asked for. */
export function connectSouthbound(options: Omit<DatabaseOptions, 'database' | 'monitor'>): Promise<Database> {
  return Database.connect({ ...options, database: 'OVN_Southbound', monitor: {} });
}

async function select(
  database: Database,
  operations: readonly Operation[],
): Promise<readonly (readonly Row[])[]> {
  const results = await database.transact(operations);
  return results.map(({ rows }) => rows ?? []);
}

/** Source: ovn-sb(5) Logical_Flow:external_ids. The server has no index on match: one pass over the table for each. */
export async function readFlowHints(database: Database, steps: readonly TraceStep[]): Promise<FlowHints> {
  if (steps.length === 0) return new Map();
  const found = await select(
    database,
    steps.map(({ match, priority }) => ({
      op: 'select',
      table: 'Logical_Flow',
      where: [
        ['match', '==', match],
        ['priority', '==', priority],
      ],
      columns: ['_uuid', 'external_ids'],
    })),
  );
  return new Map(
    steps.flatMap(({ flow }, index) => {
      const row = found[index]?.find(({ _uuid }) => _uuid.startsWith(flow));
      const hint = row && mapColumn(row, 'external_ids')['stage-hint'];
      return typeof hint === 'string' ? [[flow, hint] as const] : [];
    }),
  );
}

/** Name of the chassis that hosts each gateway port now, by `cr-…`. */
export async function readChassis(database: Database): Promise<ReadonlyMap<string, string | undefined>> {
  const [ports = [], chassis = []] = await select(database, [
    {
      op: 'select',
      table: 'Port_Binding',
      where: [['type', '==', 'chassisredirect']],
      columns: ['_uuid', 'logical_port', 'chassis'],
    },
    { op: 'select', table: 'Chassis', where: [], columns: ['_uuid', 'name'] },
  ]);
  const names = new Map(chassis.map((row) => [row._uuid, textColumn(row, 'name')]));
  return new Map(
    ports.map((row) => [textColumn(row, 'logical_port'), names.get(textColumn(row, 'chassis'))]),
  );
}

/** Puts what a next hop would answer into a database: of a copy, never of the real one. */
export async function addNeighbour(
  database: Database,
  neighbour: { readonly routerPort: string; readonly address: string; readonly mac: string },
): Promise<void> {
  const { routerPort, address, mac } = neighbour;
  const [ports = []] = await select(database, [
    {
      op: 'select',
      table: 'Port_Binding',
      where: [['logical_port', '==', routerPort]],
      columns: ['_uuid', 'datapath'],
    },
  ]);
  const datapath = ports[0]?.['datapath'];
  if (datapath === undefined) return;
  await database.transact([
    { op: 'insert', table: 'MAC_Binding', row: { logical_port: routerPort, ip: address, mac, datapath } },
  ]);
}
