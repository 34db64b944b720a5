// Which programs a lab needs, where they are, and the schema files that fit them.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CodedError } from '../base/errors.ts';
import { findProgram, output, programFolders } from '../embedded/child.ts';

const switchPrograms = ['ovs-vswitchd', 'ovs-vsctl', 'ovs-ofctl', 'ovs-appctl'] as const;
const ovnPrograms = [
  'ovsdb-server',
  'ovsdb-tool',
  'ovn-controller',
  'ovn-nbctl',
  'ovn-northd',
  'ovn-sbctl',
  'ovn-trace',
] as const;
const systemPrograms = ['sh', 'ip', 'ethtool', 'ping', 'nsenter', 'unshare', 'setpriv', 'rm'] as const;

export type LabProgram =
  (typeof switchPrograms)[number] | (typeof ovnPrograms)[number] | (typeof systemPrograms)[number];
export type LabDatabase = 'nb' | 'sb' | 'vswitch';

export interface LabPrograms {
  /** Where OVN's programs were looked for. */
  readonly folders: readonly string[];
  /** Full path. */
  path(program: LabProgram): string;
  /** Path of the schema that the programs were built with. @throws LAB_SCHEMA_MISSING */
  schema(database: LabDatabase): Promise<string>;
}

/**
 * Returns why there can be no lab here, or undefined when there can. `folders` as in {@link locateLabPrograms}.
 * A lab makes network namespaces and raw sockets, so it needs root.
 */
export function whyNoLab(folders: readonly string[] = programFolders()): string | undefined {
  if (process.getuid?.() !== 0) return 'a lab needs root: it makes network namespaces';
  const missing = missingPrograms(folders);
  if (missing.length === 0) return undefined;
  return (
    `not installed: ${missing.join(', ')}; ` +
    'for example `apt-get install ovn-central ovn-host openvswitch-switch ethtool iproute2 iputils-ping`'
  );
}

/**
 * Finds OVN's programs in `folders`, the switch in `switchFolders`, and those of the system where they always are.
 * @throws LAB_IMPOSSIBLE with the sentence of {@link whyNoLab}
 */
export function locateLabPrograms(
  folders: readonly string[] = programFolders(),
  switchFolders: readonly string[] = folders,
): LabPrograms {
  const why = whyNoLab(folders) ?? whyNoLab(switchFolders);
  if (why !== undefined) throw new CodedError('LAB_IMPOSSIBLE', why, { retryable: false });
  const path = (program: LabProgram): string => {
    const isSwitch = switchPrograms.some((name) => name === program);
    return locate(program, isSwitch ? switchFolders : folders) ?? program;
  };
  return { folders, path, schema: (database) => schemaFile(database, path) };
}

function missingPrograms(folders: readonly string[]): readonly LabProgram[] {
  return [...switchPrograms, ...ovnPrograms, ...systemPrograms].filter(
    (name) => locate(name, folders) === undefined,
  );
}

function locate(program: LabProgram, folders: readonly string[]): string | undefined {
  const isSystem = systemPrograms.some((name) => name === program);
  return findProgram(program, isSystem ? programFolders() : folders);
}

const projectSchemas = fileURLToPath(new URL('../../ovsdb-schema/', import.meta.url));
const installedSchemas = ['/usr/share/ovn', '/usr/share/openvswitch', '/usr/local/share/openvswitch'];
const askedFor = { nb: 'ovn-nbctl', sb: 'ovn-sbctl', vswitch: 'ovs-vsctl' } as const;

async function schemaFile(database: LabDatabase, path: (name: LabProgram) => string): Promise<string> {
  const version = /Schema (\S+)/.exec(await output(path(askedFor[database]), ['--version']))?.[1] ?? '';
  const name = database === 'vswitch' ? 'vswitch' : `ovn-${database}`;
  const candidates = [
    join(projectSchemas, `${name}-${version}.ovsschema`),
    ...installedSchemas.map((folder) => join(folder, `${name}.ovsschema`)),
  ];
  const found = candidates.find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new CodedError('LAB_SCHEMA_MISSING', `no schema ${name} ${version} found`, { retryable: false });
}
