// The path of a packet where no recording has one: on the VLAN of an underlay.
import { expect, test } from 'vitest';
import { parseTrace } from '../../../src/trace/parse-trace.ts';
import { pathLines } from '../../../src/trace/path.ts';
import { rowsOf } from '../../../src/trace/rows.ts';
import { readTopology } from '../../../src/trace/topology.ts';

const marks = (unit: string, source: string) => ({
  'ovn-projector/owner': 'default',
  'ovn-projector/unit': unit,
  'ovn-projector/id': source,
  'ovn-projector/source': source,
});
const wire = (name: string) => ({ _uuid: `port-${name}`, name: `localnet.${name}`, type: 'localnet' });
const segment = (name: string, unit: string, source: string) => ({
  _uuid: `switch-${name}`,
  name,
  ports: [`port-${name}`],
  external_ids: marks(unit, source),
});
const tables: Readonly<Record<string, readonly { readonly _uuid: string }[]>> = {
  Logical_Switch: [
    segment('racks', 'underlay/racks', 'Subnet/racks'),
    segment('ext-cloud', 'network/ext-cloud', 'ExternalNetwork/ext-cloud'),
  ],
  Logical_Switch_Port: [wire('racks'), wire('ext-cloud')],
};
const topology = readTopology(
  rowsOf({ rows: (table) => new Map((tables[table] ?? []).map((row) => [row._uuid, row])) }),
);

test.each([
  ['racks', 'underlay', 'Subnet/racks'],
  ['ext-cloud', 'network', 'ExternalNetwork/ext-cloud'],
])('%s is called an %s', (name, what, source) => {
  const heading = `ingress(dp="${name}", inport="a.b")`;
  const { events } = parseTrace(`${heading}\n${'-'.repeat(heading.length)}\n`);
  const stations = events.map((event) => ({ event, source: '10.0.0.2', destination: '10.0.0.3' }));
  const scene = { topology, hints: new Map(), chassisOf: new Map(), choose: () => undefined };
  expect(pathLines(stations, scene)).toEqual([{ what, text: name, source }]);
});
