// Writes test/unit/trace/recorded/*.json: what ovn-trace of each version prints in a small network, and its rows.
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { silentLogger as logger } from '../src/base/logger.ts';
import { runOvnTrace } from '../src/cli/trace/ovn-trace.ts';
import { addNeighbour, connectSouthbound, readFlowHints } from '../src/cli/trace/southbound.ts';
import { monitoredColumns } from '../src/northbound/monitored-columns.ts';
import { Database } from '../src/ovsdb/index.ts';
import { namedSteps } from '../src/trace/flow-hints.ts';
import { microflow } from '../src/trace/packet.ts';
import { parseTrace } from '../src/trace/parse-trace.ts';
import { startOvnCentral } from '../test/support/ovn-central.ts';
import type { OvnCentral } from '../test/support/ovn-central.ts';
import { ovnProgram, ovnVersions } from '../test/support/ovn-programs.ts';
import { runProgram } from '../test/support/program.ts';
import { neighbours, packets } from '../test/support/recorded-traces.ts';

const folder = new URL('../test/unit/trace/recorded/', import.meta.url);
const path = process.env['PATH'] ?? '';

async function prepare(central: OvnCentral): Promise<void> {
  await central.sbctl('chassis-add', 'gw-1', 'geneve', '192.0.2.1');
  const config = ['ovn-cms-options=enable-chassis-as-gw', 'ovn-bridge-mappings=ext-cloud:br-ext'];
  await central.sbctl('set', 'Chassis', 'gw-1', ...config.map((text) => `other_config:${text}`));
  const manifests = fileURLToPath(new URL('network.yaml', folder));
  await runProgram(['apply', '-f', manifests, '--nb', central.nb, '--sb', central.sb]);
  await central.compiled();
}

for (const version of ovnVersions) {
  await using central = await startOvnCentral({ version });
  await prepare(central);
  process.env['PATH'] = `${dirname(ovnProgram(version, 'ovn-trace'))}:${path}`;
  const database = 'OVN_Northbound';
  await using nb = await Database.connect({
    remote: central.nb,
    database,
    monitor: monitoredColumns,
    logger,
  });
  await using sb = await connectSouthbound({ remote: central.sb, logger });
  const traces: Record<string, unknown> = {};
  for (const [name, packet] of Object.entries(packets)) {
    // The first is recorded while nothing is known; the others as on a network that is in use.
    if (Object.keys(traces).length === 1) for (const each of neighbours) await addNeighbour(sb, each);
    const request = { sb: central.sb, microflow: microflow(packet), tls: [], timeoutMs: 10_000 };
    const { text } = await runOvnTrace(request);
    const hints = Object.fromEntries(await readFlowHints(sb, namedSteps(parseTrace(text))));
    traces[name] = { hints, text: text.split('\n') };
  }
  const rows = Object.fromEntries(
    Object.keys(monitoredColumns)
      .filter((table) => table !== 'NB_Global' && nb.replica.rows(table).size > 0)
      .map((table) => [table, [...nb.replica.rows(table).values()]]),
  );
  writeFileSync(new URL(`${version}.json`, folder), `${JSON.stringify({ rows, traces }, null, 1)}\n`);
}
