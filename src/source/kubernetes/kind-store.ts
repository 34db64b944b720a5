// What the API server holds of one kind, as far as it is used, and what of it changed.
import { isDeepStrictEqual } from 'node:util';
import { annotation } from '../../api/annotations.ts';
import { formatObjectKey, type ApiObject, type Kind } from '../../api/api-object.ts';
import { decodeObject } from '../../api/decode.ts';
import { kinds } from '../../api/kind.ts';
import type { Problem } from '../../base/problem.ts';
import type { ObjectChange } from '../source.ts';
import { metadataOf, textOf, type RawObject } from './raw-object.ts';
import type { Resource } from './resources.ts';
import { UnseenKeys } from './unseen-keys.ts';

/** One object that the API server has. */
export interface HeldObject {
  readonly uid: string;
  readonly resourceVersion: string;
  /** Undefined when it was rejected; then `raw` is what the server has. */
  readonly object: ApiObject | undefined;
  readonly raw?: RawObject;
  /** True: its deletion has begun, and whoever follows the objects takes it for gone. */
  readonly isEnding: boolean;
  readonly problems: readonly Problem[];
}

export class KindStore {
  readonly #resource: Resource;
  readonly #held = new Map<string, HeldObject>();
  /** Keys of objects that have problems or warnings. */
  readonly #troubled = new Set<string>();
  /** Keys of objects that whoever follows does not see: rejected, or ending. */
  readonly unseen = new UnseenKeys();
  /** Until one of them changes. */
  #problems: readonly Problem[] | undefined;

  readonly #quiet: (key: string) => void;

  /**
   * @param quiet told of an object that changed in what its followers need not know: its status, its finalizers, and that
   * it is gone whose deletion had begun
   */
  constructor(resource: Resource, quiet: (key: string) => void = () => {}) {
    this.#resource = resource;
    this.#quiet = quiet;
  }

  /** Objects by key, those included whose deletion has begun. */
  get objects(): ReadonlyMap<string, HeldObject> {
    return this.#held;
  }

  /** The same list until it changes. */
  problems(): readonly Problem[] {
    this.#problems ??= [...this.#troubled].flatMap((key) => this.#held.get(key)?.problems ?? []);
    return this.#problems;
  }

  /** Takes a complete list: what is not in it is gone. Returns what differs for whoever follows the objects. */
  replace(raws: readonly RawObject[]): ObjectChange[] {
    const missing = new Set(this.#held.keys());
    for (const raw of raws) missing.delete(this.keyOf(raw));
    return [...raws.map((raw) => this.put(raw)), ...[...missing].map((key) => this.remove(key))].filter(
      (change) => change !== undefined,
    );
  }

  /** Takes one trimmed object; undefined when whoever follows the objects sees no difference. */
  put(raw: RawObject): ObjectChange | undefined {
    const key = this.keyOf(raw);
    const before = this.#held.get(key);
    const after = this.#decode(raw);
    if (before?.uid === after.uid && before.resourceVersion === after.resourceVersion) return undefined;
    this.#held.set(key, after);
    this.#noteProblems(key, after.problems);
    this.unseen.put(key, after.object === undefined || after.isEnding);
    const change = difference(key, before, after);
    if (change === undefined) this.#quiet(key);
    return change;
  }

  /** Takes the news that an object is gone. */
  remove(key: string): ObjectChange | undefined {
    const before = this.#held.get(key);
    this.#held.delete(key);
    this.#noteProblems(key, []);
    this.unseen.put(key, false);
    const change = difference(key, before, undefined);
    if (before !== undefined && change === undefined) this.#quiet(key);
    return change;
  }

  keyOf(raw: RawObject): string {
    const { namespace, name } = metadataOf(raw);
    const { kind } = this.#resource;
    return formatObjectKey(kind, kinds[kind].scope === 'Cluster' ? '' : textOf(namespace), textOf(name));
  }

  #noteProblems(key: string, problems: readonly Problem[]): void {
    if (problems.length === 0 && !this.#troubled.has(key)) return;
    this.#problems = undefined;
    if (problems.length > 0) this.#troubled.add(key);
    else this.#troubled.delete(key);
  }

  #decode(raw: RawObject): HeldObject {
    const metadata = metadataOf(raw);
    const decoded = decodeObject(raw);
    // One of ours that is rejected cannot say who uses it: then it is over when its deletion begins.
    const ends = this.#resource.endsWithDeletion || (this.#resource.isOurs && !decoded.ok);
    const isEnding = ends && textOf(metadata['deletionTimestamp']) !== '';
    const common = {
      uid: textOf(metadata['uid']),
      resourceVersion: textOf(metadata['resourceVersion']),
      isEnding,
    };
    if (decoded.ok) return { ...common, object: decoded.object, problems: isEnding ? [] : decoded.warnings };
    return { ...common, object: undefined, raw, problems: isEnding ? [] : decoded.problems };
  }
}

/** An object that is ending counts as gone. */
function difference(
  key: string,
  before: HeldObject | undefined,
  after: HeldObject | undefined,
): ObjectChange | undefined {
  const wasThere = before !== undefined && !before.isEnding;
  if (after === undefined || after.isEnding) return wasThere ? { key, object: undefined } : undefined;
  if (after.object === undefined)
    return wasThere && before.object === undefined ? undefined : { key, object: undefined, invalid: true };
  const isSame = wasThere && before.object !== undefined && isSameObject(before.object, after.object);
  return isSame ? undefined : { key, object: after.object };
}

function isSameObject(before: ApiObject, after: ApiObject): boolean {
  return isDeepStrictEqual(meaningOf(before), meaningOf(after));
}

/** Members of a status that are read, of the kinds whose status is ours: all else in it follows from other things. */
const recorded: Partial<Record<Kind, readonly string[]>> = {
  ExternalNetwork: [],
  Vpc: [],
  Subnet: [],
  ClusterNetworkPolicy: [],
  AdminNetworkPolicy: [],
  BaselineAdminNetworkPolicy: [],
  FIp: [],
  Service: [],
  EIp: ['ipAddress'],
  Project: ['cidrBlock'],
};

/** Annotations that are written for whoever plugs a Pod in, and that nobody reads here. */
const told: ReadonlySet<string> = new Set([annotation.gateway, annotation.mtu]);

/** Without what only whoever writes to the object has to do with. */
function meaningOf(object: ApiObject): object {
  const { resourceVersion: _, generation: __, finalizers: ___, ...metadata } = object.metadata;
  const annotations = Object.entries(metadata.annotations).filter(([key]) => !told.has(key));
  const members = recorded[object.kind];
  const status = 'status' in object ? object.status : {};
  return {
    ...object,
    metadata: { ...metadata, annotations: Object.fromEntries(annotations) },
    ...(members !== undefined && {
      status: Object.entries(status).filter(([member]) => members.includes(member)),
    }),
  };
}
