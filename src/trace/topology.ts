// How switches and routers are joined, as a trace needs to know it: by the names that ovn-trace prints.
import { unitOf } from '../northbound/ownership.ts';
import type { Rows, TypedRow } from './rows.ts';

type Router = TypedRow<'Logical_Router'>;
type Switch = TypedRow<'Logical_Switch'>;
type RouterPort = TypedRow<'Logical_Router_Port'>;
type SwitchPort = TypedRow<'Logical_Switch_Port'>;

/** A router on a switch. */
export interface Junction {
  readonly router: Router;
  readonly routerPort: RouterPort;
}

/** A switch with what hangs in it. */
export interface Segment {
  readonly row: Switch;
  readonly ports: readonly SwitchPort[];
  readonly junctions: readonly Junction[];
  /** The way to the physical network, when there is one. */
  readonly localnet: SwitchPort | undefined;
}

export interface Topology {
  readonly rows: Rows;
  readonly segments: readonly Segment[];
  readonly routers: ReadonlyMap<string, Router>;
  /** By name of the switch. */
  segment(name: string): Segment | undefined;
  /** The segment that a switch port hangs in, and the port. */
  switchPort(name: string): { readonly segment: Segment; readonly port: SwitchPort } | undefined;
  /** The segment that a router port leads to. */
  beyond(routerPort: string): Segment | undefined;
}

export function readTopology(rows: Rows): Topology {
  const junctions = new Map<string, Junction>();
  for (const router of rows.all('Logical_Router'))
    for (const routerPort of rows.some('Logical_Router_Port', router.ports))
      junctions.set(routerPort.name, { router, routerPort });
  const segments = rows.all('Logical_Switch').map((row) => readSegment(row, rows, junctions));
  const byPort = new Map(
    segments.flatMap((segment) => segment.ports.map((port) => [port.name, { segment, port }] as const)),
  );
  const beyond = new Map(
    segments.flatMap((segment) =>
      segment.junctions.map(({ routerPort }) => [routerPort.name, segment] as const),
    ),
  );
  return {
    rows,
    segments,
    routers: new Map(rows.all('Logical_Router').map((router) => [router.name, router])),
    segment: (name) => segments.find((each) => each.row.name === name),
    switchPort: (name) => byPort.get(name),
    beyond: (routerPort) => beyond.get(routerPort),
  };
}

function readSegment(row: Switch, rows: Rows, junctions: ReadonlyMap<string, Junction>): Segment {
  const ports = rows.some('Logical_Switch_Port', row.ports);
  return {
    row,
    ports,
    junctions: ports.flatMap((port) => {
      const found = port.type === 'router' ? junctions.get(port.options['router-port'] ?? '') : undefined;
      return found === undefined ? [] : [found];
    }),
    localnet: ports.find((port) => port.type === 'localnet'),
  };
}

/** The router that workloads of a segment are sent to: the VPC's own, not one of its edges. */
export function defaultJunction(segment: Segment): Junction | undefined {
  const isOwn = ({ router }: Junction): boolean => unitOf(router) === `vpc/${router.name}`;
  return segment.junctions.find(isOwn) ?? segment.junctions[0];
}
