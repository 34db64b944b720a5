// The fleet as a folder of manifests, one file per project.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { externalNetwork, projectManifests, projectName, type Manifest } from './fleet.ts';

/** Writes `network.yaml` and `projects/p0000.yaml`…; returns the folder. */
export async function writeFleet(folder: string, projects: number): Promise<string> {
  await mkdir(join(folder, 'projects'), { recursive: true });
  await writeFile(join(folder, 'network.yaml'), yamlStream([externalNetwork]));
  for (let index = 0; index < projects; index++)
    await writeFile(projectFile(folder, index), yamlStream(projectManifests(index)));
  return folder;
}

export function projectFile(folder: string, index: number): string {
  return join(folder, 'projects', `${projectName(index)}.yaml`);
}

export function yamlStream(manifests: readonly Manifest[]): string {
  return manifests.map((manifest) => `---\n${stringify(manifest)}`).join('');
}
