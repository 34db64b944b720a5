// Objects of ours that are about to go, be it that they were rejected before, by the unit in which they may have rows.
import { formatObjectKey } from '../../api/api-object.ts';
import { kinds } from '../../api/kind.ts';
import { backingNamespace } from '../../api/project.ts';
import { finalizers, namespaceOfKey, type NamedObject } from '../../status/finalizers.ts';
import { asArray, asObject, asText } from '../../status/json.ts';
import type { StatusObjects } from '../../status/unit-outcome.ts';
import type { HeldObject } from './kind-store.ts';
import { metadataOf } from './raw-object.ts';
import type { HeldObjects } from './recent-objects.ts';
import { resources } from './resources.ts';

export interface UnseenObjects extends HeldObjects {
  /** Keys of objects that are there and rejected, or ending. */
  unseen(): Iterable<string>;
  /** Those of them that can have a finalizer of ours and are of the namespace of a project: the Project, too. */
  unseenOf(namespace: string): Iterable<string>;
  /** Projects among them. */
  unseenProjects(): Iterable<string>;
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
  readonly #objects: Pick<StatusObjects, 'projectsOf' | 'projectsIn' | 'vpcOfNamespace'>;

  /** `objects`: those that are neither rejected nor ending. */
  constructor(
    server: UnseenObjects,
    objects: Pick<StatusObjects, 'projectsOf' | 'projectsIn' | 'vpcOfNamespace'>,
  ) {
    this.#server = server;
    this.#objects = objects;
  }

  /** By namespace and kind, then in the order in which they began to end. */
  of(unit: string): FinalizedObject[] {
    const namespaces = [...this.#namespacesIn(unit.slice('vpc/'.length))];
    return namespaces
      .flatMap((namespace) => Array.from(this.#server.unseenOf(namespace)))
      .map((key) => endingObject(key, this.#server.held(key)))
      .filter((object) => object !== undefined)
      .filter((object) => this.unitOf(object) === unit);
  }

  /** The unit in which an ending object may have rows. */
  unitOf({ kind, metadata }: NamedObject): string {
    const { namespace, name } = metadata;
    if (kind === 'Vpc') return `vpc/${name}`;
    if (kind !== 'Project') return this.unitOfNamespace(namespace);
    const key = formatObjectKey(kind, namespace, name);
    return `vpc/${this.#endingIn(key)?.vpc ?? backingNamespace({ metadata })}`;
  }

  /** As {@link unitOf}, of an object of which only the key is known; undefined: it has no finalizer of ours. */
  unitOfKey(key: string): string | undefined {
    const [kind = '', first = '', second] = key.split('/');
    const metadata =
      second === undefined ? { namespace: '', name: first } : { namespace: first, name: second };
    return kind in finalizers ? this.unitOf({ kind, metadata }) : undefined;
  }

  /** The unit that what is in a namespace has its rows in. */
  unitOfNamespace(namespace: string): string {
    const isKnown = this.#objects.projectsOf(namespace).length > 0;
    const ending = isKnown ? undefined : this.#projectOf(namespace);
    return `vpc/${ending?.vpc ?? this.#objects.vpcOfNamespace(namespace)}`;
  }

  /** Those that may have rows in a VPC. Only a Vpc can have several, and only for one it is worth to look at all projects. */
  #namespacesIn(vpc: string): ReadonlySet<string> {
    const projects = this.#objects.projectsIn(vpc);
    const own = this.#projectOf(vpc);
    const isProjects =
      projects.some(({ spec }) => spec.vpc === undefined) || (own !== undefined && own.vpc === undefined);
    if (isProjects) return new Set([vpc]);
    const ending = [...this.#server.unseenProjects()].filter((key) => this.#endingIn(key)?.vpc === vpc);
    return new Set([
      ...projects.map(backingNamespace),
      ...ending.flatMap((key) => namespaceOfKey(key) ?? []),
      vpc,
    ]);
  }

  /** The ending Project of a namespace. */
  #projectOf(namespace: string): { readonly vpc: string | undefined } | undefined {
    const key = [...this.#server.unseenOf(namespace)].find((each) => each.startsWith('Project/'));
    return key === undefined ? undefined : this.#endingIn(key);
  }

  /** The Vpc that an ending Project names; undefined: it is not ending. */
  #endingIn(key: string): { readonly vpc: string | undefined } | undefined {
    const held = this.#server.held(key);
    if (held?.isEnding !== true) return undefined;
    return { vpc: held.object?.kind === 'Project' ? held.object.spec.vpc : vpcIn(held.raw) };
  }
}

function vpcIn(raw: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const text = asText(asObject(raw?.['spec'])['vpc']);
  return text === '' ? undefined : text;
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
