// Objects as an API server would hold them, and what statuses, annotations and companions are written to them.
import { parseAllDocuments } from 'yaml';
import { companions, obsoleteCompanions } from '../../src/status/companions.ts';
import { desiredStatuses } from '../../src/status/desired-statuses.ts';
import type { DesiredStatus } from '../../src/status/subject.ts';
import { isApplied } from '../../src/status/is-applied.ts';
import { podAnnotations } from '../../src/status/pod-annotations.ts';
import type { StatusContext, UnitOutcome } from '../../src/status/unit-outcome.ts';
import { decodeAll, worldOfChanges } from './model-world.ts';
import type { World, WorldOptions } from './model-world.ts';

interface Raw {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly status?: object;
}

export type RawObject = Raw & Readonly<Record<string, unknown>>;

/** What an outcome is, unless told otherwise: all is written, and on every hypervisor. */
export interface StageOptions extends WorldOptions {
  readonly outcome?: Partial<UnitOutcome>;
  readonly isRealised?: boolean;
  readonly now?: string;
}

export const defaultNow = '2026-03-01T10:00:00Z';

const keyOf = ({ kind, metadata: { namespace, name } }: Raw): string =>
  namespace === undefined ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;

/** Holds objects by key; every write is counted. */
export class StatusStage {
  readonly objects = new Map<string, RawObject>();
  writes: string[] = [];
  #uid = 0;

  constructor(objects: readonly RawObject[] = []) {
    for (const object of objects) this.put(object);
  }

  /** Puts every object of a YAML text. */
  read(text: string): this {
    for (const document of parseAllDocuments(text)) {
      const object = document.toJS() as RawObject | null;
      if (object !== null) this.put(object);
    }
    return this;
  }

  /** Creates or replaces; uid and generation as a server gives them. */
  put(object: RawObject): void {
    const metadata = { uid: `uid-${++this.#uid}`, generation: 1, ...object.metadata };
    this.objects.set(keyOf(object), { ...object, metadata });
  }

  world(options: StageOptions = {}): World {
    return worldOfChanges(decodeAll([...this.objects.values()]).changes, options);
  }

  outcome(world: World, unit: string, options: StageOptions = {}): UnitOutcome {
    const result = [...world.results].find(([id]) => id === unit)?.[1];
    return {
      unit,
      result,
      problems: result?.problems ?? [],
      isCommitted: result?.state !== 'blocked',
      pending: new Set(),
      failure: undefined,
      revision: 0,
      ...options.outcome,
    };
  }

  context(world: World, options: StageOptions = {}): StatusContext {
    return {
      objects: world.inventory,
      written: new Map(),
      isRealised: options.isRealised ?? true,
      usage: () => ({ size: 10n, used: 2n }),
      now: options.now ?? defaultNow,
    };
  }

  statuses(options: StageOptions = {}): readonly DesiredStatus[] {
    const world = this.world(options);
    const context = this.context(world, options);
    return world.units.flatMap((unit) => desiredStatuses(this.outcome(world, unit, options), context));
  }

  status(key: string, options: StageOptions = {}): DesiredStatus['status'] | undefined {
    return this.statuses(options).find((status) => status.key === key)?.status;
  }

  /** Writes once what should be and is not. Returns the keys that were written. */
  settleOnce(options: StageOptions = {}): readonly string[] {
    const before = this.writes.length;
    const world = this.world(options);
    const context = this.context(world, options);
    for (const unit of world.units) this.#writeUnit(this.outcome(world, unit, options), context);
    return this.writes.slice(before);
  }

  /** Writes until nothing is left to write; fails when that does not end. */
  settle(options: StageOptions = {}): void {
    for (let round = 0; round < 6; round++) if (this.settleOnce(options).length === 0) return;
    throw new Error(`never settles: ${this.writes.slice(-10).join()}`);
  }

  #writeUnit(outcome: UnitOutcome, context: StatusContext): void {
    const statuses = desiredStatuses(outcome, context);
    const wanted = companions(outcome, statuses, context.objects);
    for (const { key, status } of statuses) this.#writeStatus(key, status);
    for (const { key, annotations } of podAnnotations(outcome, 1400)) this.#annotate(key, annotations);
    for (const { key, object } of wanted) this.#apply(key, object);
    const [, name = ''] = outcome.unit.split('/', 2);
    const existing = [...this.objects].flatMap(([key, { kind, metadata }]) =>
      metadata.namespace === name && metadata.labels?.['kube-dc.com/managed-by'] !== undefined
        ? [{ key, kind: kind as 'EIp' }]
        : [],
    );
    for (const { key } of obsoleteCompanions(outcome, existing, wanted)) {
      this.objects.delete(key);
      this.writes.push(`delete ${key}`);
    }
  }

  #writeStatus(key: string, status: DesiredStatus['status']): void {
    const object = this.objects.get(key);
    if (object === undefined || isApplied(status, object.status ?? {})) return;
    this.writes.push(`status ${key}`);
    this.objects.set(key, { ...object, status: plain({ ...object.status, ...status }) });
  }

  #annotate(key: string, annotations: Readonly<Record<string, string>>): void {
    const object = this.objects.get(key);
    if (object === undefined || isApplied(annotations, object.metadata.annotations ?? {}, 'annotations'))
      return;
    this.writes.push(`annotate ${key}`);
    const metadata = { ...object.metadata, annotations: { ...object.metadata.annotations, ...annotations } };
    this.objects.set(key, { ...object, metadata });
  }

  #apply(key: string, desired: object): void {
    const current = this.objects.get(key);
    const wanted = plain(desired) as RawObject;
    if (current !== undefined && isApplied(wanted as never, current)) return;
    this.writes.push(`apply ${key}`);
    if (current === undefined) this.put(wanted);
    else
      this.objects.set(key, { ...current, ...wanted, metadata: { ...current.metadata, ...wanted.metadata } });
  }
}

const plain = (value: object): object => JSON.parse(JSON.stringify(value)) as object;
