// What is kept of a lab when a test in it fails, and where.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { collectEvidence } from '../../src/lab/evidence.ts';
import type { LabWorld } from './lab-world.ts';

const root = fileURLToPath(new URL('../../.cache/packet-failures/', import.meta.url));

/** Replaces what an earlier failure of the same test left, and prints the folder. */
export async function keepEvidence(world: LabWorld, test: string): Promise<void> {
  const folder = join(root, `${world.version} ${test}`.replaceAll(/[^\w.]+/g, '-'));
  await rm(folder, { recursive: true, force: true });
  // A lab that has failed may hang; what there is by then is kept.
  await Promise.race([collectEvidence(world.lab, folder), delay(40_000)]).catch(console.error);
  await writeFile(join(folder, 'ovn-projector.log'), world.programLog);
  console.error(`evidence of the failure: ${folder}`);
}
