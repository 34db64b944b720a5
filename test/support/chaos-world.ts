// Random changes to a few objects of a real API server: few names, so that objects meet, conflict, go and come back.
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiServer } from './api-server.ts';
import { kubeWorld, type KubeObject } from './kube-world.ts';

/** Numbers that look random and depend on the seed alone. Source: mulberry32, in the public domain. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to `sides` - 1. */
  roll(sides: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  }

  pick<T>(values: readonly T[]): T {
    const value = values[this.roll(values.length)];
    if (value === undefined) throw new Error('there is nothing to pick from');
    return value;
  }
}

/** The projects of organization `shalb`; the number is the third octet of their range. */
const projects = { a: 10, b: 20, c: 30 } as const;
type Letter = keyof typeof projects;
const letters: readonly Letter[] = ['a', 'b', 'c'];

/** How objects of a kind are made and changed. */
interface Habit {
  readonly kind: string;
  readonly weight: number;
  readonly names: readonly string[];
  /** One time in so many an object is deleted rather than changed. */
  readonly mortality: number;
  make(letter: Letter, dice: Dice, name: string): object;
  change?(letter: Letter, dice: Dice): object;
}

/** Of the workloads that ask for an address, and of what FIps stand for. */
const fixedAddress = (letter: Letter, dice: Dice): string => `10.0.${projects[letter]}.${100 + dice.roll(3)}`;
const anyEip = (dice: Dice): string => dice.pick(['e0', 'e1', 'e2']);
const anyApp = (dice: Dice): string => dice.pick(['s0', 's1', 's2']);

const nlb = 'service.nlb.kube-dc.com';
const bindings = (dice: Dice): Record<string, string | null> => ({
  [`${nlb}/bind-on-default-gw-eip`]: null,
  [`${nlb}/bind-on-eip`]: null,
  ...dice.pick([{}, { [`${nlb}/bind-on-default-gw-eip`]: 'true' }, { [`${nlb}/bind-on-eip`]: anyEip(dice) }]),
});
const written = (annotations: Record<string, string | null>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(annotations).flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
  );
const servicePorts = (dice: Dice) => [
  { name: 'http', port: 80 + dice.roll(3), targetPort: 8080, protocol: 'TCP' },
];
const endpoints = (letter: Letter, dice: Dice) => [
  {
    addresses: [fixedAddress(letter, dice)],
    conditions: { ready: dice.roll(3) > 0, serving: true, terminating: false },
  },
];

const aPod = (metadata: object) => ({ metadata, spec: { containers: [{ name: 'app', image: 'nginx' }] } });
const aService = (annotations: Record<string, string>, app: string, ports: readonly object[]) => ({
  metadata: { annotations },
  spec: { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, selector: { app }, ports },
});

const habits: readonly Habit[] = [
  {
    kind: 'Project',
    weight: 1,
    names: [''],
    mortality: 3,
    make: (letter, dice) => ({
      spec: {
        cidrBlock: `10.0.${projects[letter]}.0/24`,
        egressNetworkType: dice.pick(['cloud', 'public']),
      },
    }),
    change: (_, dice) => ({
      metadata: {
        annotations: { 'network.kube-dc.com/ingress-allowlist': dice.pick([null, '203.0.113.0/24']) },
      },
    }),
  },
  {
    kind: 'EIp',
    weight: 4,
    names: ['e0', 'e1', 'e2'],
    mortality: 1,
    make: (_, dice) => ({ spec: { externalNetworkType: dice.pick(['cloud', 'public']) } }),
  },
  {
    kind: 'FIp',
    weight: 4,
    names: ['f0', 'f1'],
    mortality: 2,
    make: (letter, dice) => ({
      spec: { ipAddress: fixedAddress(letter, dice), ...dice.pick([{}, { eip: anyEip(dice) }]) },
    }),
    change: (letter, dice) => ({
      spec: dice.pick([{ ipAddress: fixedAddress(letter, dice) }, { eip: anyEip(dice) }, { eip: null }]),
    }),
  },
  {
    kind: 'Service',
    weight: 5,
    names: ['s0', 's1', 's2'],
    mortality: 3,
    make: (_, dice) => aService(written(bindings(dice)), anyApp(dice), servicePorts(dice)),
    change: (_, dice) =>
      dice.pick([{ metadata: { annotations: bindings(dice) } }, { spec: { ports: servicePorts(dice) } }]),
  },
  {
    kind: 'EndpointSlice',
    weight: 3,
    names: ['s0-x', 's1-x'],
    mortality: 3,
    make: (letter, dice, name) => ({
      metadata: { labels: { 'kubernetes.io/service-name': name.slice(0, 2) } },
      addressType: 'IPv4',
      endpoints: endpoints(letter, dice),
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    }),
    change: (letter, dice) => ({ endpoints: endpoints(letter, dice) }),
  },
  {
    kind: 'Pod',
    weight: 6,
    names: ['p0', 'p1', 'p2', 'p3', 'p4'],
    mortality: 2,
    make: (letter, dice, name) =>
      aPod({
        labels: { app: anyApp(dice) },
        annotations:
          name < 'p2'
            ? { 'network.kube-dc.com/ip-address': `10.0.${projects[letter]}.10${name.slice(1)}` }
            : {},
      }),
    change: (_, dice) => ({ metadata: { labels: { app: anyApp(dice) } } }),
  },
];
const dealt = habits.flatMap((habit) => Array.from({ length: habit.weight }, () => habit));

const kinds = new Set(habits.map(({ kind }) => kind));

const namespaceOf = (letter: Letter): string => `shalb-${letter}`;

export class ChaosWorld {
  readonly #server: ApiServer;
  readonly #kube: ReturnType<typeof kubeWorld>;
  readonly #dice: Dice;
  /** What was done, in order: `change Service/shalb-a/s0`. */
  readonly #done: string[] = [];
  readonly #touched = new Set<string>();
  #refused = 0;

  constructor(server: ApiServer, dice: Dice) {
    this.#server = server;
    this.#kube = kubeWorld(server);
    this.#dice = dice;
  }

  get log(): readonly string[] {
    return this.#done;
  }

  /** How many operations the API server did not accept. */
  get refused(): number {
    return this.#refused;
  }

  /** The namespaces of all projects, and the networks that they leave by. */
  async prepare(): Promise<void> {
    for (const name of ['shalb', ...letters.map(namespaceOf)]) await this.#kube.addNamespace(name);
    await this.#kube.addNetwork('ext-cloud', 'cloud', '100.65.0.0/24', { vlan: 4013 });
    await this.#kube.addNetwork('ext-public', 'public', '168.119.17.0/24', { vlan: 4011 });
  }

  async addProjects(): Promise<void> {
    for (const letter of letters)
      await this.#kube.addProject(letter, {
        cidrBlock: `10.0.${projects[letter]}.0/24`,
        egressNetworkType: this.#dice.pick(['cloud', 'public']),
      });
  }

  /** Creates, changes or deletes one object, as soon as the API server lets it. */
  async step(): Promise<void> {
    const habit = this.#dice.pick(dealt);
    const letter = this.#dice.pick(letters);
    const name = this.#dice.pick(habit.names);
    const key =
      habit.kind === 'Project' ? `Project/shalb/${letter}` : `${habit.kind}/${namespaceOf(letter)}/${name}`;
    this.#touched.add(key);
    const made = habit.make(letter, this.#dice, name);
    const change = this.#dice.roll(habit.mortality) > 0 ? habit.change?.(letter, this.#dice) : undefined;
    for (;;) {
      try {
        return await this.#do(key, made, change);
      } catch (error) {
        if (String(error).includes('answers')) {
          this.#refused++;
          this.#done.push(`${key} refused: ${String(error)}`);
          return;
        }
        // It is being killed and started.
        await delay(50);
      }
    }
  }

  /** A project of 30 objects, in a namespace that the daemon makes; each but the Services has an address, and `default-gw`. */
  async addFullProject(name: string): Promise<void> {
    const namespace = `shalb-${name}`;
    await this.#kube.addProject(name, { cidrBlock: '10.0.99.0/24' });
    while ((await this.#kube.get(`Namespace/${namespace}`)) === undefined) await delay(25);
    for (let number = 0; number < 12; number++) await this.#kube.add(`Pod/${namespace}/p${number}`, aPod({}));
    for (let number = 0; number < 9; number++)
      await this.#kube.add(`EIp/${namespace}/e${number}`, { spec: { externalNetworkType: 'cloud' } });
    for (let number = 0; number < 6; number++)
      await this.#kube.add(
        `Service/${namespace}/s${number}`,
        aService(number < 3 ? { [`${nlb}/bind-on-eip`]: `e${number}` } : {}, 's0', [
          { name: 'http', port: 80 },
        ]),
      );
    for (let number = 3; number < 6; number++)
      await this.#kube.add(`FIp/${namespace}/f${number}`, {
        spec: { ipAddress: `10.0.99.10${number}`, eip: `e${number}` },
      });
  }

  /** As a person does who deletes the namespace and then the Project, and the controller that empties namespaces. */
  async removeProject(name: string, signal: AbortSignal): Promise<void> {
    const namespace = `shalb-${name}`;
    await this.#kube.delete(`Namespace/${namespace}`);
    await this.#kube.delete(`Project/shalb/${name}`);
    const inside = async () => (await this.left()).filter((key) => key.split('/')[1] === namespace);
    for (let keys = await inside(); keys.length > 0 && !signal.aborted; keys = await inside()) {
      for (const key of keys) await this.#kube.delete(key);
      await delay(25);
    }
    const path = `/api/v1/namespaces/${namespace}`;
    const { body } = await this.#server.request('GET', path);
    await this.#server.request('PUT', `${path}/finalize`, { ...(body as object), spec: { finalizers: [] } });
    while ((await this.#kube.get(`Project/shalb/${name}`)) !== undefined && !signal.aborted) await delay(25);
  }

  /** What there is of the kinds that are changed here, but for the networks and namespaces. */
  async left(): Promise<readonly string[]> {
    const all = Object.keys(await this.#kube.versions());
    return all.filter((key) => kinds.has(key.split('/')[0] ?? '') && !key.includes('/default/'));
  }

  async deleteAll(): Promise<void> {
    for (const key of await this.left()) await this.#kube.delete(key);
  }

  /** Whether the object, or what its address depends on, was changed since {@link forget}. */
  isTouched(holder: string): boolean {
    const [, namespace = '', name = ''] = holder.split('/');
    return [
      holder,
      `Project/${namespace.replace('-', '/')}`,
      `Service/${namespace}/${name.replace(/^slb-/, '')}`,
      `FIp/${namespace}/${name.replace(/^fip-/, '')}`,
    ].some((key) => this.#touched.has(key));
  }

  forget(): void {
    this.#touched.clear();
  }

  async #do(key: string, made: object, change: object | undefined): Promise<void> {
    const there = await this.#kube.get(key);
    if (isEnding(there)) this.#done.push(`leave ${key}`);
    else if (there === undefined) {
      await this.#kube.add(key, made);
      this.#done.push(`create ${key} ${JSON.stringify(made)}`);
    } else if (change === undefined) {
      await this.#kube.delete(key);
      this.#done.push(`delete ${key}`);
    } else {
      await this.#kube.patch(key, change);
      this.#done.push(`change ${key} ${JSON.stringify(change)}`);
    }
  }
}

/** It is gone when the daemon has taken its finalizer off. */
function isEnding(object: KubeObject | undefined): boolean {
  return object?.metadata.deletionTimestamp !== undefined;
}
