// The objects of others, as far as they are known, by key and by the Service for which we made them.
import type { JsonObject } from '../status/json.ts';
import type { ForeignKind } from './foreign-kind.ts';
import { makerOf } from './foreign-object.ts';
import type { ForeignObject } from './foreign-object.ts';

/** What planning asks of a cluster. */
export interface Cluster {
  /** `gateway.networking.k8s.io/v1`; undefined: the cluster does not serve the kind. */
  apiVersion(kind: ForeignKind): string | undefined;
  get(key: string): ForeignObject | undefined;
  ofKind(kind: ForeignKind): readonly ForeignObject[];
  /** Objects that we made for a Service, by its key; in the order in which they came. */
  madeFor(service: string): readonly ForeignObject[];
  /** Keys of Services for which we made something. */
  makers(): Iterable<string>;
  /** Why the API server refused to have this under that key; undefined: it did not. */
  refusal(key: string, content: JsonObject): string | undefined;
}

export class ForeignObjects implements Cluster {
  readonly #served = new Map<ForeignKind, string>();
  readonly #objects = new Map<ForeignKind, Map<string, ForeignObject>>();
  readonly #made = new Map<string, Map<string, ForeignObject>>();
  readonly #refusals = new Map<string, { readonly content: string; readonly message: string }>();

  serve(kind: ForeignKind, apiVersion: string | undefined): void {
    if (apiVersion === undefined) this.#served.delete(kind);
    else this.#served.set(kind, apiVersion);
  }

  refuse(key: string, content: JsonObject, message: string): void {
    this.#refusals.set(key, { content: JSON.stringify(content), message });
  }

  /** What was refused may be asked for again. Returns whether there was something. */
  forgetRefusals(): boolean {
    const had = this.#refusals.size > 0;
    this.#refusals.clear();
    return had;
  }

  /** Takes what is newer than what is known; what was deleted is told by {@link ForeignObjects.remove}. */
  put(object: ForeignObject): void {
    const { kind, key } = object;
    const known = this.get(key);
    if (known?.uid === object.uid && !isLater(object.resourceVersion, known.resourceVersion)) return;
    this.#unlink(known);
    const group = this.#objects.get(kind) ?? new Map<string, ForeignObject>();
    this.#objects.set(kind, group);
    group.set(key, object);
    const maker = makerOf(object);
    if (maker === undefined) return;
    const made = this.#made.get(maker) ?? new Map<string, ForeignObject>();
    this.#made.set(maker, made);
    made.set(key, object);
  }

  /** Its deletion has begun; it is not gone before {@link ForeignObjects.remove} says so. */
  end(key: string, uid: string): void {
    const known = this.get(key);
    if (known?.uid !== uid) return;
    this.remove(key);
    this.put({ ...known, isEnding: true });
  }

  remove(key: string): void {
    const known = this.get(key);
    this.#unlink(known);
    if (known !== undefined) this.#objects.get(known.kind)?.delete(key);
  }

  apiVersion(kind: ForeignKind): string | undefined {
    return this.#served.get(kind);
  }

  get(key: string): ForeignObject | undefined {
    for (const [kind, group] of this.#objects) if (key.startsWith(`${kind}/`)) return group.get(key);
    return undefined;
  }

  ofKind(kind: ForeignKind): readonly ForeignObject[] {
    return [...(this.#objects.get(kind)?.values() ?? [])];
  }

  madeFor(service: string): readonly ForeignObject[] {
    return [...(this.#made.get(service)?.values() ?? [])];
  }

  makers(): Iterable<string> {
    return this.#made.keys();
  }

  refusal(key: string, content: JsonObject): string | undefined {
    const known = this.#refusals.get(key);
    return known?.content === JSON.stringify(content) ? known.message : undefined;
  }

  #unlink(object: ForeignObject | undefined): void {
    const maker = object && makerOf(object);
    if (object === undefined || maker === undefined) return;
    const made = this.#made.get(maker);
    made?.delete(object.key);
    if (made?.size === 0) this.#made.delete(maker);
  }
}

/** Source: Kubernetes, API concepts: resource versions of one resource are numbers that grow. */
function isLater(a: string, b: string): boolean {
  return a.length === b.length ? a > b : a.length > b.length;
}
