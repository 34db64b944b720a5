// Objects that are about to go: what has to happen first, and the finalizers that are taken off when it has.
import { objectKey } from '../../api/api-object.ts';
import type { ApiObject } from '../../api/api-object.ts';
import type { Namespace } from '../../api/namespace.ts';
import { backingNamespace } from '../../api/project.ts';
import { endingProjectStatus } from '../../status/ending-project.ts';
import {
  finalizers,
  isUnusedVpc,
  mayRelease,
  nextProjectStep,
  servedOfProject,
} from '../../status/finalizers.ts';
import type { RecentObjects } from './recent-objects.ts';
import type { EndingObjects, FinalizedObject } from './ending-objects.ts';
import { settle } from './settle.ts';
import type { Updates } from './updates.ts';

export interface UnitReleasesOptions {
  readonly ending: EndingObjects;
  readonly objects: RecentObjects;
  readonly updates: Updates;
  /** Keys of objects that the unit in the database still serves. */
  readonly served: (unit: string) => ReadonlySet<string>;
  /** What the watches have brought of an object that is ending; undefined: it is gone, or was rejected. */
  readonly held: (key: string) => ApiObject | undefined;
  /** RFC 3339, in whole seconds. */
  readonly now: () => string;
}

export class UnitReleases {
  readonly #options: UnitReleasesOptions;

  constructor(options: UnitReleasesOptions) {
    this.#options = options;
  }

  /** Takes off what nothing of the unit in the database stands against any more. @throws KubeError */
  async release(unit: string): Promise<void> {
    const ending = [...this.#options.ending.of(unit), ...this.#leavingVpc(unit)];
    if (ending.length === 0) return;
    const served = this.#options.served(unit);
    await settle(ending.map((object) => this.#releaseOne(object, unit, served)));
  }

  /** A Vpc that is about to go is there for the loop while somebody uses it; its rows go when nobody does. */
  #leavingVpc(unit: string): FinalizedObject[] {
    const { objects } = this.#options;
    const vpc = unit.startsWith('vpc/') ? objects.get(`Vpc/${unit.slice('vpc/'.length)}`) : undefined;
    return vpc?.kind === 'Vpc' && isUnusedVpc(vpc, objects) ? [vpc] : [];
  }

  async #releaseOne(object: FinalizedObject, unit: string, served: ReadonlySet<string>): Promise<void> {
    const { updates } = this.#options;
    if (object.kind === 'Project') await this.#releaseProject(object, servedOfProject(object, unit, served));
    else if (object.kind === 'Vpc') {
      if (served.size === 0) await updates.removeFinalizer(object, finalizers.Vpc);
    } else if (object.kind === 'EIp' || object.kind === 'FIp' || object.kind === 'Service') {
      if (mayRelease(object, served)) await updates.removeFinalizer(object, finalizers[object.kind]);
    }
  }

  async #releaseProject(project: FinalizedObject, served: ReadonlySet<string>): Promise<void> {
    const { updates, objects } = this.#options;
    if (!project.metadata.finalizers.includes(finalizers.Project)) return;
    const namespace = this.#namespaceOf(project);
    const step = nextProjectStep(project, served, namespace, objects);
    if (step === 'release') return updates.removeFinalizer(project, finalizers.Project);
    if (step === 'delete-namespace' && namespace !== undefined) await updates.remove(namespace);
    await this.#sayWhy(project, namespace, served.size > 0);
  }

  /** Why it is there still. */
  async #sayWhy(project: FinalizedObject, namespace: Namespace | undefined, hasRows: boolean): Promise<void> {
    const { updates, held, now } = this.#options;
    const object = held(objectKey(project));
    if (object?.kind !== 'Project') return;
    const desired = endingProjectStatus(object, namespace?.metadata.name, hasRows, now());
    await updates.statusOf(desired, object.metadata.uid, object.status);
  }

  #namespaceOf(project: FinalizedObject): Namespace | undefined {
    const object = this.#options.objects.get(`Namespace/${backingNamespace(project)}`);
    return object?.kind === 'Namespace' ? object : undefined;
  }
}
