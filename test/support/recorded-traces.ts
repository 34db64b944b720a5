// The packets whose traces are recorded in test/unit/trace/recorded/, and those recordings read back.
import { readFileSync } from 'node:fs';
import type { Row } from '../../src/ovsdb/value.ts';
import type { FlowHints } from '../../src/trace/flow-hints.ts';
import type { TracePacket } from '../../src/trace/packet.ts';
import { parseTrace } from '../../src/trace/parse-trace.ts';
import type { ParsedTrace } from '../../src/trace/parse-trace.ts';
import { rowsOf } from '../../src/trace/rows.ts';
import { readTopology } from '../../src/trace/topology.ts';
import type { Topology } from '../../src/trace/topology.ts';
import type { OvnVersion } from './ovn-programs.ts';

const pod = (name: string, mac: string, source: string) => ({
  inport: `${name}.shalb-demo`,
  ethernetSource: mac,
  ethernetDestination: '0a:58:0a:00:0a:01',
  family: 4 as const,
  source,
});
const web = pod('web', '0a:58:0a:00:0a:02', '10.0.10.2');
const plain = pod('plain', '0a:58:0a:00:0a:03', '10.0.10.3');
const outside = (network: string, mac: string) => ({
  inport: `localnet.${network}`,
  ethernetSource: '02:00:00:00:00:01',
  ethernetDestination: mac,
  family: 4 as const,
  source: '203.0.113.9',
});
const cloud = outside('ext-cloud', '0a:58:64:41:00:65');
const open = outside('ext-public', '0a:58:a8:77:11:33');
const tcp = (port: number) => ({ protocol: 'tcp' as const, port });
const ping = { protocol: 'icmp' as const, port: undefined };

/** By name of the recording. In network.yaml `web` has everything, `plain` nothing of its own. */
export const packets = {
  unasked: { ...plain, destination: '8.8.8.8', ...tcp(80) },
  snat: { ...plain, destination: '8.8.8.8', ...tcp(80) },
  'floating IP out': { ...web, destination: '8.8.8.8', ...tcp(80) },
  'own VIP': { ...plain, destination: '100.65.0.101', ...tcp(80) },
  hairpin: { ...web, destination: '100.65.0.101', ...tcp(80) },
  'ping of the router': { ...plain, destination: '100.65.0.101', ...ping },
  'VIP in': { ...cloud, destination: '100.65.0.101', ...tcp(80) },
  'floating IP in': { ...open, destination: '168.119.17.50', ...tcp(22) },
  'empty VIP': { ...cloud, destination: '100.65.0.101', ...tcp(81) },
  'unwanted source': { ...cloud, destination: '100.65.0.101', ...tcp(82) },
  'wanted source': { ...cloud, source: '198.51.100.7', destination: '100.65.0.101', ...tcp(82) },
  'no VIP': { ...cloud, destination: '100.65.0.101', ...tcp(9999) },
  'false source': { ...plain, source: '10.0.10.99', destination: '8.8.8.8', ...tcp(80) },
  'false MAC': { ...plain, ethernetSource: '0a:58:0a:00:0a:99', destination: '8.8.8.8', ...tcp(80) },
  'other project': { ...plain, destination: '10.0.20.2', ...tcp(80) },
  'nobody there': { ...plain, ethernetDestination: '0a:58:0a:00:0a:63', destination: '10.0.10.99', ...ping },
} satisfies Record<string, TracePacket>;

export type RecordedName = keyof typeof packets;

/** Next hops that OVN has asked for before all recordings but the first. */
export const neighbours = [
  { routerPort: 'shalb-demo-ext-cloud', address: '100.65.0.1', mac: '02:00:00:00:00:01' },
  { routerPort: 'shalb-demo.ext-public-ext-public', address: '168.119.17.49', mac: '02:00:00:00:00:01' },
  { routerPort: 'shalb-demo-shalb-demo-default', address: '10.0.10.254', mac: '0a:58:0a:00:0a:fe' },
];

interface Recording {
  readonly rows: Readonly<Record<string, readonly Row[]>>;
  readonly traces: Readonly<
    Record<
      RecordedName,
      { readonly hints: Readonly<Record<string, string>>; readonly text: readonly string[] }
    >
  >;
}

export interface RecordedTrace {
  readonly packet: TracePacket;
  readonly parsed: ParsedTrace;
  readonly hints: FlowHints;
}

/** What `scripts/record-traces.ts` wrote for a version. */
export function readRecorded(version: OvnVersion): {
  readonly topology: Topology;
  readonly trace: (name: RecordedName) => RecordedTrace;
} {
  const file = new URL(`../unit/trace/recorded/${version}.json`, import.meta.url);
  const { rows, traces } = JSON.parse(readFileSync(file, 'utf8')) as Recording;
  const tables = new Map(
    Object.entries(rows).map(([table, all]) => [table, new Map(all.map((row) => [row._uuid, row]))]),
  );
  return {
    topology: readTopology(rowsOf({ rows: (table) => tables.get(table) ?? new Map<string, Row>() })),
    trace: (name) => ({
      packet: packets[name],
      parsed: parseTrace(traces[name].text.join('\n')),
      hints: new Map(Object.entries(traces[name].hints)),
    }),
  };
}
