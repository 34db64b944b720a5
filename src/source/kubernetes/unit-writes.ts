// Everything that is written because of one unit: finalizers, companion objects, statuses, annotations.
import { objectKey, type ApiObject } from '../../api/api-object.ts';
import type { Companion } from '../../status/companion.ts';
import { isOurs } from '../../status/companion.ts';
import { companions, obsoleteCompanions } from '../../status/companions.ts';
import { desiredStatuses } from '../../status/desired-statuses.ts';
import { readyEvent, type DesiredEvent } from '../../status/events.ts';
import { finalizerFor, finalizers, mayRelease } from '../../status/finalizers.ts';
import { podAnnotations } from '../../status/pod-annotations.ts';
import type { DesiredStatus } from '../../status/subject.ts';
import { namespacesIn } from '../../status/unit-namespaces.ts';
import type { StatusContext, UnitOutcome } from '../../status/unit-outcome.ts';
import type { FinalizedObject } from './ending-objects.ts';
import { KubeError } from './kube-error.ts';
import type { RecentObjects } from './recent-objects.ts';
import { settle } from './settle.ts';
import type { Updates } from './updates.ts';

export interface UnitWritesOptions {
  readonly objects: RecentObjects;
  readonly updates: Updates;
  /** As {@link StatusContext.usage}. */
  readonly usage: StatusContext['usage'];
  /** Keys of objects that the unit in the database still serves. */
  readonly served: (unit: string) => ReadonlySet<string>;
  /** Whether the object has changed after the loop looked at what the outcome tells of. */
  readonly hasChanged: (key: string, revision: number) => boolean;
  /** Whether the watches have brought the object. */
  readonly isHeld: (key: string) => boolean;
  /** The object if its deletion has begun and it is still there. */
  readonly ending: (key: string) => FinalizedObject | undefined;
  /** Whether the server serves Endpoints, and does not complain that they are out of date. */
  readonly servesEndpoints: () => Promise<boolean>;
  /** RFC 3339, in whole seconds. */
  readonly now: () => string;
  readonly mtuBytes: number;
  readonly record: (event: DesiredEvent) => void;
}

/** A Namespace, then what is in it; a Service, then what it leads to. */
const maximumPasses = 4;

/** All is tried, whatever becomes of the rest; then the first error that may pass is thrown. */
export class UnitWrites {
  readonly #options: UnitWritesOptions;

  constructor(options: UnitWritesOptions) {
    this.#options = options;
  }

  /**
   * Before the first row: what must outlive the database, or hold its object until the rows are gone. Resolves although
   * the server refused some of it: what a right or a policy is in the way of must not keep a network from being made, and
   * the ledger has the address.
   * @throws KubeError
   */
  async claim(outcome: UnitOutcome): Promise<void> {
    await this.#putFinalizers(outcome);
    const { statuses, wanted } = await this.#keepCompanions(outcome, false);
    // All else that a status says is written when the rows are.
    const addresses = statuses.filter((status) => status.kind === 'EIp' && !this.#isRecorded(status));
    await settle([...this.#statuses(addresses), ...this.#annotations(outcome), this.#makeRoom(wanted)]);
  }

  /** Returns whether some object is in the database and not known to be on every hypervisor. @throws KubeError */
  async look(outcome: UnitOutcome, isRealised: boolean): Promise<boolean> {
    const { hasChanged } = this.#options;
    await this.#putFinalizers(outcome);
    const { statuses, wanted } = await this.#keepCompanions(outcome, isRealised);
    const known = statuses.filter(({ key }) => !hasChanged(key, outcome.revision));
    await settle([
      ...this.#statuses(known),
      ...this.#annotations(outcome),
      ...this.#removals(outcome, wanted),
      ...this.#surplusFinalizers(outcome),
      this.#makeRoom(wanted),
    ]);
    return known.some(isRealising);
  }

  #context(isRealised: boolean): StatusContext {
    const { objects, usage, now } = this.#options;
    return { objects, written: new Map(), isRealised, usage, now: now() };
  }

  async #putFinalizers({ unit, result }: UnitOutcome): Promise<void> {
    if (result?.state !== 'model') return;
    const { updates } = this.#options;
    await settle(
      this.#finalizable(unit).map(async (object) => {
        const finalizer = finalizerFor(object);
        if (finalizer !== undefined && !isEnding(object)) await updates.addFinalizer(object, finalizer);
      }),
    );
  }

  /** Of what has none any more: a Service that is no LoadBalancer now. */
  #surplusFinalizers({ unit, isCommitted }: UnitOutcome): Promise<void>[] {
    if (!isCommitted) return [];
    const { updates, served } = this.#options;
    const surplus = this.#finalizable(unit).filter(
      (object) =>
        finalizerFor(object) === undefined && object.metadata.finalizers.includes(finalizers.Service),
    );
    if (surplus.length === 0) return [];
    const stillServed = served(unit);
    return surplus
      .filter((object) => mayRelease(object, stillServed))
      .map((object) => updates.removeFinalizer(object, finalizers.Service));
  }

  #finalizable(unit: string): readonly ApiObject[] {
    const { objects } = this.#options;
    const [kind, name = ''] = unit.split('/', 2);
    if (kind !== 'vpc') return [];
    const vpc = objects.get(`Vpc/${name}`);
    return [
      ...(vpc === undefined ? [] : [vpc]),
      ...objects.projectsIn(name),
      ...namespacesIn(name, objects).flatMap((namespace) =>
        (['EIp', 'FIp', 'Service'] as const).flatMap((each) => objects.inNamespace(each, namespace)),
      ),
    ];
  }

  /** What was made can be the reason for more. */
  async #keepCompanions(
    outcome: UnitOutcome,
    isRealised: boolean,
  ): Promise<{ readonly statuses: readonly DesiredStatus[]; readonly wanted: readonly Companion[] }> {
    const { objects } = this.#options;
    for (let pass = 1; ; pass++) {
      const statuses = desiredStatuses(outcome, this.#context(isRealised));
      const wanted = companions(outcome, statuses, objects);
      const isChanged = await this.#apply(wanted);
      if (isChanged) await this.#putFinalizers(outcome);
      if (!isChanged || pass === maximumPasses) return { statuses, wanted };
    }
  }

  /** Returns whether something was written. */
  async #apply(wanted: readonly Companion[]): Promise<boolean> {
    const { objects } = this.#options;
    let isChanged = false;
    const apply = async (companion: Companion): Promise<void> => {
      if (await this.#applyOne(companion, wanted)) isChanged = true;
    };
    const [namespaces, others] = partition(wanted, ({ kind }) => kind === 'Namespace');
    if (namespaces.some(({ key }) => isEnding(objects.get(key)))) return false;
    await settle(namespaces.map(apply));
    await settle(others.map(apply));
    return isChanged;
  }

  async #applyOne(companion: Companion, wanted: readonly Companion[]): Promise<boolean> {
    const { updates } = this.#options;
    // Nobody watches Endpoints: they are written before the EndpointSlice that says the same, and are there if it is.
    if (companion.kind === 'Endpoints' || updates.isInPlace(companion)) return false;
    if (companion.kind === 'EndpointSlice') await this.#applyEndpoints(companion, wanted);
    return updates.companion(companion);
  }

  async #applyEndpoints(slice: Companion, wanted: readonly Companion[]): Promise<void> {
    const { updates, servesEndpoints } = this.#options;
    const endpoints = wanted.find(
      ({ key, kind }) => kind === 'Endpoints' && slice.key.startsWith(`EndpointSlice/${key.slice(10)}-ipv`),
    );
    if (endpoints !== undefined && (await servesEndpoints())) await updates.companion(endpoints);
  }

  /**
   * An EIp of ours that is wanted and about to go, because its maker came back or somebody deleted it, is let go at once
   * and made anew when it is gone. Its address is safe: the ledger has it, or nobody has it yet.
   */
  async #makeRoom(wanted: readonly Companion[]): Promise<void> {
    const { objects, updates, ending } = this.#options;
    if (wanted.some(({ kind, key }) => kind === 'Namespace' && isEnding(objects.get(key)))) return;
    const old = wanted
      .filter(({ kind }) => kind === 'EIp')
      .flatMap(({ key }) => ending(key) ?? [])
      // Whoever else holds it may do so for ever: nobody waits for that.
      .filter(({ metadata }) => metadata.finalizers.every((finalizer) => finalizer === finalizers.EIp));
    if (old.length === 0) return;
    await settle(old.map((object) => updates.removeFinalizer(object, finalizers.EIp)));
    const names = old.map((object) => objectKey(object)).join(' and ');
    throw new KubeError('KUBE_CONFLICT', `${names} must be gone before it is made anew`, {
      status: 409,
      reason: 'Conflict',
    });
  }

  #isRecorded({ key, status }: DesiredStatus): boolean {
    const eip = this.#options.objects.get(key);
    return eip?.kind === 'EIp' && (eip.status.ipAddress ?? '') === (status['ipAddress'] ?? '');
  }

  #statuses(statuses: readonly DesiredStatus[]): Promise<void>[] {
    const { objects, updates, record } = this.#options;
    return statuses.map(async (desired) => {
      const object = objects.get(desired.key);
      const event = readyEvent(
        desired,
        object !== undefined && 'status' in object ? { ...object.status } : {},
      );
      if ((await updates.status(desired)) && event !== undefined) record(event);
    });
  }

  #annotations(outcome: UnitOutcome): Promise<void>[] {
    const { updates, mtuBytes } = this.#options;
    return podAnnotations(outcome, mtuBytes).map((desired) => updates.annotations(desired));
  }

  #removals(outcome: UnitOutcome, wanted: readonly Companion[]): Promise<void>[] {
    const { objects, updates, hasChanged, isHeld } = this.#options;
    const [kind, name = ''] = outcome.unit.split('/', 2);
    if (kind !== 'vpc') return [];
    const made = namespacesIn(name, objects).flatMap((namespace) =>
      (['EIp', 'Service', 'EndpointSlice'] as const).flatMap((each) =>
        objects
          .inNamespace(each, namespace)
          .filter(isOurs)
          .map((object) => ({ key: objectKey(object), kind: each, object }))
          // What was made since may be what the next look asks for.
          .filter(({ key }) => isHeld(key) && !hasChanged(key, outcome.revision)),
      ),
    );
    const obsolete = new Set(obsoleteCompanions(outcome, made, wanted).map(({ key }) => key));
    return made.filter(({ key }) => obsolete.has(key)).map(({ object }) => updates.remove(object));
  }
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): readonly [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

function isEnding(object: ApiObject | undefined): boolean {
  return object?.metadata.deletionTimestamp !== undefined;
}

function isRealising({ status }: DesiredStatus): boolean {
  const { conditions } = status;
  return JSON.stringify(conditions ?? []).includes('"reason":"Realising"');
}
