// What is said to objects that were rejected: conditions in their status, and an event for each of their problems.
import type { Problem } from '../../base/problem.ts';
import { rejectedStatus } from '../../status/desired-statuses.ts';
import { nextEvents, type DesiredEvent, type ToldProblems } from '../../status/events.ts';
import { asObject } from '../../status/json.ts';
import { metadataOf } from './raw-object.ts';
import type { HeldObjects } from './recent-objects.ts';
import type { Updates } from './updates.ts';

export interface RejectedWritesOptions {
  readonly server: HeldObjects;
  readonly updates: Updates;
  readonly record: (event: DesiredEvent) => void;
  /** RFC 3339, in whole seconds. */
  readonly now: () => string;
}

export class RejectedWrites {
  readonly #options: RejectedWritesOptions;
  readonly #told = new Map<string, ToldProblems>();

  constructor(options: RejectedWritesOptions) {
    this.#options = options;
  }

  /** @throws KubeError */
  async write(key: string): Promise<void> {
    const { server, updates, now } = this.#options;
    const held = server.held(key);
    if (held?.raw === undefined || held.object !== undefined || held.isEnding) {
      this.#told.delete(key);
      return;
    }
    const { raw, problems, uid } = held;
    const status = asObject(raw['status']);
    this.#tell(key, problems, status);
    const { generation } = metadataOf(raw);
    const known = typeof generation === 'number' ? generation : undefined;
    const desired = rejectedStatus({ key, generation: known, status }, problems, now());
    if (desired !== undefined) await updates.statusOf(desired, uid, status);
  }

  #tell(key: string, problems: readonly Problem[], status: Readonly<Record<string, unknown>>): void {
    const told = { unit: key, result: undefined, problems, isCommitted: false, pending: new Set<string>() };
    const objects = {
      get: () => undefined,
      inNamespace: () => [],
      projectsOf: () => [],
      projectsIn: () => [],
      vpcOfNamespace: (namespace: string) => namespace,
      subnetsOf: () => [],
      peersOf: () => [],
    };
    const { events, told: next } = nextEvents(
      this.#told.get(key),
      { ...told, failure: undefined, revision: 0 },
      { objects, written: new Map([[key, status]]) },
    );
    this.#told.set(key, next);
    for (const event of events) this.#options.record(event);
  }
}
