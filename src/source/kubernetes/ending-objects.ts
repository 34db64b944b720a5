// Objects of ours that are about to go, be it that they were rejected before, by the unit in which they may have rows.
import { kinds } from '../../api/kind.ts';
import { asArray, asText } from '../../status/json.ts';
import type { HeldObject } from './kind-store.ts';
import { metadataOf } from './raw-object.ts';
import type { HeldObjects } from './recent-objects.ts';
import { resources } from './resources.ts';

export interface UnseenObjects extends HeldObjects {
  /** Keys of objects that are there and rejected, or ending. */
  unseen(): Iterable<string>;
  /** Those of them that can have a finalizer of ours and are of the unit. */
  unseenOf(unit: string): Iterable<string>;
  /** Of objects that changed in nothing that the loop is told of. */
  onQuiet(listener: (key: string) => void): void;
}

/** As much of an object as its finalizers need. */
export interface FinalizedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly resourceVersion?: string;
    readonly finalizers: readonly string[];
  };
}

export class EndingObjects {
  readonly #server: UnseenObjects;

  constructor(server: UnseenObjects) {
    this.#server = server;
  }

  /** By kind, then in the order in which they began to end. */
  of(unit: string): FinalizedObject[] {
    return [...this.#server.unseenOf(unit)]
      .map((key) => endingObject(key, this.#server.held(key)))
      .filter((object) => object !== undefined);
  }
}

/** Undefined: it is not ending. */
export function endingObject(key: string, held: HeldObject | undefined): FinalizedObject | undefined {
  if (held?.isEnding !== true) return undefined;
  if (held.object !== undefined) return held.object;
  const kind = resources.find((resource) => key.startsWith(`${resource.kind}/`))?.kind;
  if (kind === undefined) return undefined;
  const { namespace, name, finalizers } = metadataOf(held.raw ?? {});
  const { resourceVersion } = held;
  return {
    apiVersion: kinds[kind].apiVersion,
    kind,
    metadata: {
      namespace: asText(namespace),
      name: asText(name),
      resourceVersion,
      finalizers: asArray(finalizers).map(asText),
    },
  };
}
