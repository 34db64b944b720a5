// The rows of NB in a form in which those of a database with a past equal those of one that was compiled anew.
import { parseAddress } from '../../src/net/address.ts';
import { macFromAddress } from '../../src/net/mac.ts';
import { parseLedgerKey } from '../../src/northbound/ledger.ts';
import { isEdge, LedgerWatch } from './chaos-checks.ts';
import { type DatabaseDump, dumpNorthbound } from './database-dump.ts';
import type { OvnVersion } from './ovn-programs.ts';

/**
 * What NB holds, without the row that says how far hypervisors are. Addresses of edges, which only NB records, are
 * replaced: those of their own by their holders, those that are an EIP's by words.
 */
export async function rowsOf(version: OvnVersion, nb: string): Promise<unknown> {
  const { NB_Global: _, ...tables } = await dumpNorthbound(version, nb);
  const ledger = await LedgerWatch.open(nb);
  let text = JSON.stringify(withoutChoices(tables));
  for (const [holder, address] of ledger.addresses()) {
    if (!isEdge(holder)) continue;
    // As an address, or as a port has it (`100.65.0.7/24`); a range may begin with it.
    text = text.replaceAll(new RegExp(`\\b${address.replaceAll('.', '\\.')}\\b(?!/(?!24\\b))`, 'g'), holder);
    text = text.replaceAll(macOf(address), `MAC of ${holder}`);
  }
  await ledger.close();
  return JSON.parse(text, inOrder);
}

/** Members of sets and maps were sorted by what stood there before. */
function inOrder(_: string, value: unknown): unknown {
  const isMany =
    Array.isArray(value) && (value[0] === 'set' || value[0] === 'map') && Array.isArray(value[1]);
  return isMany ? [value[0], value[1].map(String).toSorted()] : value;
}

/** Which of its EIPs an edge stands on depends on which there were when it was made. */
function withoutChoices(tables: DatabaseDump): DatabaseDump {
  const chosen = new Map<string, string>();
  const ledgers = (tables['Address_Set'] ?? []).map((row) => {
    const eips = membersOf(row['addresses']);
    const entries = membersOf(row['external_ids']).map((entry) => {
      const [key, value] = entry as [string, string];
      const { kind, holder } = parseLedgerKey(key) ?? {};
      if (kind !== 'port' || holder === undefined || holder.includes('/') || !eips.includes(value))
        return entry;
      chosen.set(`${holder}-${holder.split('.')[1]}`, value);
      return [key, 'one of its EIPs'];
    });
    return Object.assign({}, row, { external_ids: entries });
  });
  const ports = (tables['Logical_Router_Port'] ?? []).map((row) => {
    const address = chosen.get(String(row['name']));
    if (address === undefined || row['networks'] !== `${address}/24` || row['mac'] !== macOf(address))
      return row;
    return Object.assign({}, row, { mac: 'of its address', networks: 'one of its EIPs' });
  });
  return { ...tables, Address_Set: ledgers, Logical_Router_Port: ports };
}

/** Of a set or map as `dumpNorthbound` has it; a set of one member is that member. */
function membersOf(value: unknown): unknown[] {
  return Array.isArray(value) && Array.isArray(value[1])
    ? value[1].map((member): unknown => JSON.parse(String(member)))
    : [value];
}

function macOf(text: string): string {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`no address: ${text}`);
  return macFromAddress(address);
}
