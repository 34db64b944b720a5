// Where the programs of each OVN version are: the system's own, or what `scripts/fetch-ovn` unpacked.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram, programFolders } from '../../src/embedded/child.ts';

export type OvnVersion = '23.03' | '25.03';

/** What tests of a real OVN run against: the oldest and the newest version that is supported. */
export const ovnVersions: readonly OvnVersion[] = ['23.03', '25.03'];

const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = process.env['OVN_CACHE'] ?? join(root, '.cache');

/** Schema versions that a release of OVN was built with; the files are in ovsdb-schema/. */
const schemaVersions = {
  '23.03': { nb: '7.0.0', sb: '20.27.0' },
  '25.03': { nb: '7.11.0', sb: '20.41.0' },
} as const;

export function schemaFileOf(version: OvnVersion, database: 'nb' | 'sb'): string {
  return join(root, 'ovsdb-schema', `ovn-${database}-${schemaVersions[version][database]}.ovsschema`);
}

/** Folders to look for the version's programs in, or undefined when it is not on this machine. */
function ovnProgramFolders(version: OvnVersion): readonly string[] | undefined {
  const fetched = join(cache, `ovn-${version}`, 'bin');
  if (existsSync(fetched)) return [fetched];
  return installedVersion() === version ? programFolders() : undefined;
}

/** For `describe.skipIf(!hasOvn(version))`; `scripts/test` counts what was skipped, and fails for it under CI. */
export function hasOvn(version: OvnVersion): boolean {
  return ovnProgramFolders(version) !== undefined;
}

/** Full path of a program of that version. */
export function ovnProgram(version: OvnVersion, name: string): string {
  const folders = ovnProgramFolders(version);
  const path = folders && findProgram(name, folders);
  if (path === undefined)
    throw new Error(`no ${name} of OVN ${version} here; run scripts/fetch-ovn ${version}`);
  return path;
}

/** `23.03` of `ovn-northd 23.03.1`; undefined when OVN is not installed. */
function installedVersion(): string | undefined {
  const northd = findProgram('ovn-northd');
  if (northd === undefined) return undefined;
  const text = execFileSync(northd, ['--version'], { encoding: 'utf8' });
  return /^ovn-northd (\d+\.\d+)/.exec(text)?.[1];
}
