// One lab for the tests of a file: the real program follows a folder of manifests, and packets run through its rows.
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { programFolders } from '../../src/embedded/child.ts';
import type { Host } from '../../src/lab/host.ts';
import { type Lab, type LabOptions, startLab } from '../../src/lab/lab.ts';
import { portAddressing } from '../../src/lab/port-addressing.ts';
import { whyNoLab } from '../../src/lab/programs.ts';
import { keepEvidence } from './lab-evidence.ts';
import type { LabObject } from './lab-objects.ts';
import { hasOvn, ovnProgram, ovnVersions } from './ovn-programs.ts';
import type { OvnVersion } from './ovn-programs.ts';
import { type RunningProgram, startProgram } from './program.ts';

export interface LabWorldOptions extends Omit<LabOptions, 'programFolders' | 'switchProgramFolders'> {
  /** Of which OVN's package Open vSwitch is taken, where its own cannot carry the packets. Default: its own. */
  readonly switchVersion?: OvnVersion;
  /** Objects, or YAML text, that are there from the start. */
  readonly objects: readonly (LabObject | string)[];
  /** Configuration of the program, as YAML. */
  readonly config?: string;
  /** Done once, before the tests. */
  readonly prepare?: (world: LabWorld) => Promise<void>;
}

/**
 * Declares the same tests once for each OVN version; those that cannot run here are skipped, and the reason printed.
 * `folders`: where the programs of the version are.
 */
export function forEachLabVersion(
  title: string,
  declare: (folders: readonly string[], version: OvnVersion) => void,
): void {
  for (const version of ovnVersions) {
    const why = whyNotHere(version);
    if (why !== undefined) console.warn(`packet tests on OVN ${version} are skipped: ${why}`);
    describe.skipIf(why !== undefined)(`${title} (OVN ${version})`, () => {
      declare(hasOvn(version) ? foldersOf(version) : [], version);
    });
  }
}

/** The same, with a lab that the tests of one version share. */
export function describeLab(
  title: string,
  options: LabWorldOptions,
  declare: (world: LabWorld) => void,
): void {
  forEachLabVersion(title, (_, version) => {
    const world = new LabWorld(version, options);
    beforeAll(() => world.start());
    afterEach(async ({ task }) => {
      if (task.result?.state === 'fail') await keepEvidence(world, task.name);
    });
    afterAll(() => world.stop());
    declare(world);
    test('OVN has nothing to complain about', async () => expect(await complaints(world.lab)).toEqual([]));
  });
}

/** What is no fault of our rows: connections that come and go, a machine that is busy, hardware that is not there. */
const noise =
  /\|(?:vif_plug_provider|rconn|reconnect|jsonrpc|ovsdb_cs|ovsdb_idl|stream_\w+|timeval|poll_loop|bfd|if_status)(?:\([^)]*\))?\||No tunnel endpoint found|truncated dns packet/;

/** Warnings and worse of ovn-northd and of every ovn-controller; of Open vSwitch, what it died of. */
async function complaints({ ovn, chassis, fabric }: Lab): Promise<string[]> {
  const lines = async (log: Promise<string>, levels: RegExp): Promise<string[]> =>
    (await log).split('\n').filter((line) => levels.test(line) && !noise.test(line));
  const warnings = /\|(?:WARN|ERR|EMER)\|/;
  const switches = [fabric.switch, ...chassis.map((one) => one.switch)];
  const found = await Promise.all([
    lines(ovn.northdLog(), warnings),
    ...chassis.map((one) =>
      lines(readFile(join(one.switch.directory, 'ovn-controller.log'), 'utf8'), warnings),
    ),
    ...switches.map((one) => lines(readFile(join(one.directory, 'ovs-vswitchd.log'), 'utf8'), /\|EMER\|/)),
  ]);
  return found.flat();
}

function whyNotHere(version: OvnVersion): string | undefined {
  return hasOvn(version) ? whyNoLab(foldersOf(version)) : 'it is not on this machine';
}

function foldersOf(version: OvnVersion): readonly string[] {
  const folder = dirname(ovnProgram(version, 'ovn-northd'));
  return programFolders().includes(folder) ? programFolders() : [folder];
}

export class LabWorld {
  readonly version: OvnVersion;
  readonly #options: LabWorldOptions;
  readonly #pods = new Map<string, Promise<Host>>();
  readonly #neighbours = new Map<string, Promise<Host>>();
  #lab: Lab | undefined;
  #program: RunningProgram | undefined;
  #upstream: Host | undefined;

  constructor(version: OvnVersion, options: LabWorldOptions) {
    this.version = version;
    this.#options = options;
  }

  get lab(): Lab {
    return started(this.#lab);
  }

  /**
   * The provider's router: gateway of both external networks, and the internet behind them (203.0.113.1, of IPv6
   * 2001:db8:203::1). It forwards
   * between the networks and translates nothing.
   */
  get upstream(): Host {
    return started(this.#upstream);
  }

  /** What the program has logged. */
  get programLog(): string {
    return this.#program?.stderr() ?? '';
  }

  async start(): Promise<void> {
    const { switchVersion = this.version } = this.#options;
    this.#lab = await startLab({
      ...this.#options,
      programFolders: foldersOf(this.version),
      switchProgramFolders: foldersOf(hasOvn(switchVersion) ? switchVersion : this.version),
    });
    await mkdir(this.#folder);
    for (const [index, object] of this.#options.objects.entries())
      await (typeof object === 'string'
        ? writeFile(join(this.#folder, `start-${index}.yaml`), object)
        : this.put(object));
    const { nb, sb } = this.lab.ovn;
    const config = join(this.lab.directory, 'config.yaml');
    await writeFile(config, this.#options.config ?? '{}');
    const flags = ['-f', this.#folder, '--nb', nb, '--sb', sb, '--config', config, '--log-level', 'info'];
    this.#program = startProgram(['run', ...flags]);
    this.#upstream = await this.lab.outside(
      'upstream',
      { network: 'ext-cloud', vlan: 4013, addresses: ['100.65.0.1/16', '2001:db8:65::1/64'] },
      { network: 'ext-cloud', vlan: 4011, addresses: ['168.119.17.49/28', '2001:db8:168::1/64'] },
    );
    await this.upstream.script(`
      ip address add 203.0.113.1/32 dev lo; echo 1 >/proc/sys/net/ipv4/ip_forward
      ip address add 2001:db8:203::1/128 dev lo; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding`);
    await this.#inStep();
    await this.lab.settled();
    await this.#options.prepare?.(this);
  }

  async stop(): Promise<void> {
    this.#program?.process.kill('SIGTERM');
    await this.#program?.ended;
    await this.#lab?.stop();
  }

  /**
   * A host on one of the external networks, with the provider's router as its gateway; one for each name. `address`: of
   * either family, or both with a comma between.
   */
  neighbour(name: string, vlan: 4013 | 4011, address: string): Promise<Host> {
    const known = this.#neighbours.get(name) ?? this.#attach(name, vlan, address);
    this.#neighbours.set(name, known);
    return known;
  }

  /** A workload whose port somebody else has put on one of our switches, as another controller would. */
  async foreignPort(network: string, name: string, address: string, chassis = 1): Promise<Host> {
    const { ovn } = this.lab;
    const mac = `0a:59:${address
      .split('.')
      .map((octet) => Number(octet).toString(16).padStart(2, '0'))
      .join(':')}`;
    await ovn.nbctl(
      '--may-exist',
      'lsp-add',
      network,
      name,
      '--',
      'lsp-set-addresses',
      name,
      `${mac} ${address}`,
    );
    const host = await this.lab.plug({ port: name, chassis, ...(await portAddressing(ovn, name)) });
    const stop = async (): Promise<void> => {
      await host.stop();
      await ovn.nbctl('lsp-del', name);
    };
    return { ...host, stop, [Symbol.asyncDispose]: stop };
  }

  #attach(name: string, vlan: 4013 | 4011, address: string): Promise<Host> {
    const [prefix, gateway] = vlan === 4013 ? [16, '100.65.0.1'] : [28, '168.119.17.49'];
    const site = vlan === 4013 ? '2001:db8:65::' : '2001:db8:168::';
    const addresses = address
      .split(',')
      .map((text) => (text.includes(':') ? `${text}/64` : `${text}/${prefix}`));
    const gateways = addresses.map((text) => (text.includes(':') ? `${site}1` : gateway));
    return this.lab.outside(name, { network: 'ext-cloud', vlan, addresses, gateways });
  }

  /** The pod `namespace/name` as a running workload, plugged at the first call. */
  pod(path: string, chassis = 1): Promise<Host> {
    const known = this.#pods.get(path) ?? this.#plug(path, chassis);
    this.#pods.set(path, known);
    return known;
  }

  async unplug(path: string): Promise<void> {
    const host = await this.#pods.get(path);
    this.#pods.delete(path);
    await host?.stop();
  }

  /** Writes objects as files of their own; the program sees it soon. */
  async put(...objects: readonly LabObject[]): Promise<void> {
    for (const object of objects) {
      const file = this.#fileOf(object);
      await writeFile(`${file}.new`, JSON.stringify(object));
      await rename(`${file}.new`, file);
    }
  }

  async remove(...objects: readonly LabObject[]): Promise<void> {
    for (const object of objects) await rm(this.#fileOf(object));
  }

  /** Address of the EIp `namespace/name`, as the ledger in NB says; waits until there is one of the family. */
  async eip(path: string, family: 4 | 6 = 4): Promise<string> {
    const key = `ovn-projector/eip:EIp/${path}`;
    const read = async (): Promise<string | undefined> => {
      const text = await this.lab.ovn.nbctl('--format=json', '--columns=external_ids', 'list', 'Address_Set');
      const { data } = JSON.parse(text) as { data: [['map', [string, string][]]][] };
      const value = data.flatMap(([[, pairs]]) => pairs).find(([name]) => name === key)?.[1] ?? '';
      return value.split(',').find((text) => text !== '' && text.includes(':') === (family === 6));
    };
    return vi.waitUntil(read, { timeout: 20_000 });
  }

  async #plug(path: string, chassis: number): Promise<Host> {
    const [namespace = '', name = ''] = path.split('/');
    const port = `${name}.${namespace}`;
    return this.lab.plug({ port, chassis, ...(await portAddressing(this.lab.ovn, port)) });
  }

  get #folder(): string {
    return join(this.lab.directory, 'manifests');
  }

  #fileOf({ kind, metadata: { namespace = '', name } }: LabObject): string {
    return join(this.#folder, `${kind}-${namespace}-${name}.yaml`);
  }

  async #inStep(): Promise<void> {
    const program = started(this.#program);
    const inStep = new Promise<void>((resolve) => {
      const look = (): void => {
        if (/"(?:not )?in step/.test(program.stderr())) resolve();
      };
      program.process.stderr?.on('data', look);
      look();
    });
    const ended = program.ended.then(({ stderr }) => {
      throw new Error(`ovn-projector ended:\n${stderr}`);
    });
    await Promise.race([inStep, ended]);
    ended.catch(() => {}); // the end is wanted later
    if (program.stderr().includes('"unit failed"'))
      throw new Error(`ovn-projector could not program the start:\n${program.stderr()}`);
  }
}

function started<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the lab has not been started');
  return part;
}
