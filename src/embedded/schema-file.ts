// Which schema file a database is made from: the installed one, else the project's own copy of that version.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const installedFolders = ['/usr/share/ovn', '/usr/local/share/ovn', '/usr/share/openvswitch'];
const projectFolder = fileURLToPath(new URL('../../ovsdb-schema/', import.meta.url));

export interface SchemaFolders {
  readonly installed: readonly string[];
  readonly project: string;
}

/**
 * Returns the path of the schema of `database`, or undefined when there is none. `version` (`7.0.0`) is what the
 * installed programs were built with; without a copy of that version the newest copy is taken.
 */
export function schemaFile(
  database: 'nb' | 'sb',
  version: string | undefined,
  folders: SchemaFolders = { installed: installedFolders, project: projectFolder },
): string | undefined {
  const installed = folders.installed
    .map((folder) => join(folder, `ovn-${database}.ovsschema`))
    .find((path) => existsSync(path));
  if (installed !== undefined) return installed;
  if (!existsSync(folders.project)) return undefined;
  const copies = readdirSync(folders.project)
    .filter((name) => name.startsWith(`ovn-${database}-`) && name.endsWith('.ovsschema'))
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const exact = copies.find((name) => name === `ovn-${database}-${version ?? ''}.ovsschema`);
  const chosen = exact ?? copies.at(-1);
  return chosen === undefined ? undefined : join(folders.project, chosen);
}
