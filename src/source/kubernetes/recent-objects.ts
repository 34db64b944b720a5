// The objects as they are as far as anybody knows: those that the watches brought, and newer answers to our own writes.
import { objectKey, type ApiObject, type Kind, type ObjectOf } from '../../api/api-object.ts';
import { decodeObject } from '../../api/decode.ts';
import type { Project } from '../../api/project.ts';
import type { Vpc } from '../../api/vpc.ts';
import type { Subnet } from '../../api/subnet.ts';
import type { StatusObjects } from '../../status/unit-outcome.ts';
import type { HeldObject } from './kind-store.ts';
import type { RawObject } from './raw-object.ts';
import { resourceOf } from './resources.ts';

/** What the watches have brought, be it rejected or ending. */
export interface HeldObjects {
  held(key: string): HeldObject | undefined;
}

interface Answer {
  readonly object: ApiObject;
  /** False: the watch had not brought it when it was written. */
  readonly wasHeld: boolean;
}

/** An answer counts until the watch has brought it, or something newer. */
export class RecentObjects implements StatusObjects {
  readonly #told: StatusObjects;
  readonly #server: HeldObjects;
  /** By kind and namespace, then by key. */
  readonly #answers = new Map<string, Map<string, Answer>>();

  /** @param told the objects that are the loop's: none that is rejected, or about to go */
  constructor(told: StatusObjects, server: HeldObjects) {
    this.#told = told;
    this.#server = server;
  }

  /** Takes the answer to a write in. */
  put(raw: RawObject): void {
    const decoded = decodeObject(raw);
    if (!decoded.ok) return;
    const { object } = decoded;
    const key = objectKey(object);
    const group = groupOf(object.kind, object.metadata.namespace);
    if (isEnding(object)) {
      this.#drop(group, key);
      return;
    }
    const answers = this.#answers.get(group) ?? new Map<string, Answer>();
    this.#answers.set(group, answers);
    answers.set(key, { object, wasHeld: this.#server.held(key) !== undefined });
  }

  /** The object is gone. */
  forget(key: string): void {
    this.#drop(groupOfKey(key), key);
  }

  get(key: string): ApiObject | undefined {
    return this.#newest(groupOfKey(key), key, this.#told.get(key));
  }

  inNamespace<K extends Kind>(kind: K, namespace: string): readonly ObjectOf<K>[] {
    const group = groupOf(kind, namespace);
    const told = new Map<string, ApiObject>();
    for (const object of this.#told.inNamespace(kind, namespace)) told.set(objectKey(object), object);
    const keys = [
      ...told.keys(),
      ...[...(this.#answers.get(group)?.keys() ?? [])].filter((key) => !told.has(key)),
    ];
    return keys
      .map((key) => this.#newest(group, key, told.get(key)))
      .filter((object): object is ObjectOf<K> => object?.kind === kind);
  }

  projectsOf(namespace: string): readonly Project[] {
    return this.#told.projectsOf(namespace).map((project) => this.#newestProject(project));
  }

  projectsIn(vpc: string): readonly Project[] {
    return this.#told.projectsIn(vpc).map((project) => this.#newestProject(project));
  }

  vpcOfNamespace(namespace: string): string {
    return this.#told.vpcOfNamespace(namespace);
  }

  #newestProject(project: Project): Project {
    const newest = this.get(objectKey(project));
    return newest?.kind === 'Project' ? newest : project;
  }

  subnetsOf(vpc: string): readonly Subnet[] {
    return this.#told.subnetsOf(vpc).map((subnet) => {
      const newest = this.get(objectKey(subnet));
      return newest?.kind === 'Subnet' ? newest : subnet;
    });
  }

  peersOf(vpc: string): readonly Vpc[] {
    return this.#told.peersOf(vpc);
  }

  #newest(group: string, key: string, told: ApiObject | undefined): ApiObject | undefined {
    const held = this.#server.held(key);
    const answer = this.#answers.get(group)?.get(key);
    if (answer !== undefined && isNewer(answer, held))
      // One that the loop has been told to be gone is gone, whatever we wrote to it.
      return told !== undefined || held === undefined ? answer.object : undefined;
    if (answer !== undefined) this.#drop(group, key);
    // What differs in its resourceVersion alone is not told.
    return told === undefined ? undefined : (held?.object ?? told);
  }

  #drop(group: string, key: string): void {
    const answers = this.#answers.get(group);
    answers?.delete(key);
    if (answers?.size === 0) this.#answers.delete(group);
  }
}

function groupOf(kind: string, namespace: string): string {
  return `${kind}/${namespace}`;
}

/** `EIp/shalb-demo/ssh-arti` → `EIp/shalb-demo`; `Namespace/shalb-demo` → `Namespace/` */
function groupOfKey(key: string): string {
  const last = key.lastIndexOf('/');
  return key.indexOf('/') === last ? key.slice(0, last + 1) : key.slice(0, last);
}

function isNewer({ object: { metadata }, wasHeld }: Answer, held: HeldObject | undefined): boolean {
  if (held === undefined) return !wasHeld;
  return held.uid === metadata.uid && isLater(metadata.resourceVersion ?? '', held.resourceVersion);
}

function isEnding({ kind, metadata }: ApiObject): boolean {
  return resourceOf(kind).endsWithDeletion && metadata.deletionTimestamp !== undefined;
}

/** Source: Kubernetes, API concepts: resource versions of one resource are numbers that grow. */
function isLater(a: string, b: string): boolean {
  return a.length === b.length ? a > b : a.length > b.length;
}
