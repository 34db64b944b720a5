// What is left of a lab: processes in its namespaces, or with its folder on their command line.
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface LabPlaces {
  readonly directory: string;
  /** `net:[4026532290]` */
  readonly namespaces: readonly string[];
}

/** `PID COMMAND` of each process that has to do with the lab. */
export function processesOf({ directory, namespaces }: LabPlaces): string[] {
  return everyProcess().flatMap(({ pid, command, namespace }) =>
    command.includes(directory) || namespaces.includes(namespace) ? [`${pid} ${command}`] : [],
  );
}

/** Namespaces that descendants of process `pid` are in and it is not. */
export function namespacesBelow(pid: number): string[] {
  const all = everyProcess();
  const own = all.find((one) => one.pid === pid)?.namespace;
  const below = new Set([pid]);
  // A child may have a lower pid than its parent once pids start over.
  for (let size = 0; size < below.size;) {
    size = below.size;
    for (const one of all) if (below.has(one.parent)) below.add(one.pid);
  }
  const found = all.filter((one) => below.has(one.pid) && one.namespace !== own);
  return [...new Set(found.map((one) => one.namespace))];
}

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  readonly namespace: string;
}

function everyProcess(): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1]);
        return [{ pid: Number(name), parent, command, namespace: readlinkSync(`/proc/${name}/ns/net`) }];
      } catch {
        return []; // it has just ended
      }
    });
}

/** What is left; empty when nothing is. */
export function remainsOf(places: LabPlaces): string[] {
  return [...processesOf(places), ...(existsSync(places.directory) ? [places.directory] : [])];
}
