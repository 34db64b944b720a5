// The layer table (DESIGN §3): which room may import what. What is not in it is denied.

export interface Room {
  /** Rooms whose files it may import. */
  readonly rooms: readonly string[];
  /** Rooms of which it may import types only. */
  readonly types?: readonly string[];
  /** npm packages; `node:*` for what comes with Node. */
  readonly packages?: readonly string[];
  /** No I/O, no clock, no randomness, no waiting; nor in anything that it imports as a value. */
  readonly pure?: boolean;
}

export type LayerTable = Readonly<Record<string, Room>>;

const everything = [
  'api',
  'base',
  'compiler',
  'config',
  'controller',
  'embedded',
  'gateway',
  'ipam',
  'lab',
  'model',
  'net',
  'northbound',
  'ovsdb',
  'plan',
  'server',
  'source',
  'status',
  'target',
  'trace',
];

/** Rows from the bottom to the top: a room imports only what stands above it in this table. */
export const layers: LayerTable = {
  base: { rooms: [], packages: ['node:*'] },
  net: { rooms: ['base'], packages: ['ip-cidr', 'ipaddr.js'], pure: true },
  ovsdb: { rooms: ['base'], packages: ['node:*', 'json-rpc-2.0'] },
  plan: { rooms: ['base', 'ovsdb'], pure: true },
  northbound: { rooms: ['base', 'net', 'ovsdb', 'plan'], packages: ['uuid', 'node:*'], pure: true },
  api: { rooms: ['base', 'net'], packages: ['typebox'], pure: true },
  config: { rooms: ['base', 'net', 'api'], packages: ['typebox', 'yaml', 'node:*'] },
  ipam: { rooms: ['base', 'net'], pure: true },
  model: { rooms: ['base', 'net', 'api', 'ipam'], types: ['config'], pure: true },
  compiler: { rooms: ['base', 'net', 'model', 'northbound'], types: ['ovsdb', 'plan'], pure: true },
  status: { rooms: ['base', 'net', 'api'], types: ['model'], pure: true },
  gateway: { rooms: ['base', 'net', 'api', 'status'], types: ['config'], pure: true },
  source: {
    rooms: ['base', 'api', 'status', 'gateway'],
    types: ['config'],
    packages: ['node:*', 'yaml', 'js-yaml', 'chokidar', '@kubernetes/client-node', 'undici'],
  },
  target: { rooms: ['base', 'ovsdb', 'northbound', 'plan'], types: ['model'], packages: ['node:*'] },
  trace: { rooms: ['base', 'net', 'northbound'], types: ['ovsdb'], pure: true },
  embedded: { rooms: ['base'], packages: ['node:*'] },
  server: { rooms: ['base'], packages: ['node:*', 'prom-client'] },
  lab: { rooms: ['base', 'embedded'], packages: ['node:*'] },
  controller: {
    rooms: [
      'base',
      'net',
      'api',
      'config',
      'ipam',
      'model',
      'compiler',
      'northbound',
      'plan',
      'gateway',
      'status',
      'source',
      'target',
    ],
    types: ['ovsdb'],
    packages: ['node:*'],
  },
  cli: { rooms: everything, packages: ['node:*', 'commander', 'pino', 'yaml'] },
  'main.ts': { rooms: ['cli'], packages: ['node:*'] },
};

/** No file is longer, generated ones included. */
export const maxFileLines = 600;
export const maxReadmeLines = 60;

/** The OVSDB client works for any database; a word of OVN's in it is a dependency that no import shows. */
export const ovnWord =
  /ovn|logical.?(switch|router)|northbound|southbound|nb_global|sb_global|chassis|load.?balancer|kube/i;

/** Words that no code of a pure room has. Comments and strings do not count. */
export const impureWord =
  /(?<!\.)\b(Date|process|console|async|await|Promise|setTimeout|setInterval|setImmediate|queueMicrotask|fetch|performance|crypto|globalThis|require)\b|\bMath\.random\b|\bimport\.meta\b/g;
