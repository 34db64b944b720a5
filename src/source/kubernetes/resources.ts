// What is asked of the API server for each kind: its path, and how much of it.
import type { Kind } from '../../api/api-object.ts';
import { isKind, kinds } from '../../api/kind.ts';

/** What is listed and watched. */
export interface ListedResource {
  readonly kind: string;
  readonly apiVersion: string;
  /** `projects.kube-dc.com`; `pods` for kinds of the core group. */
  readonly name: string;
  /** Of the collection over all namespaces: `/apis/kube-dc.com/v1/projects`. */
  readonly path: string;
  readonly fieldSelector?: string;
}

/** One kind of `api/` as the API server serves it. */
export interface Resource extends ListedResource {
  readonly kind: Kind;
  /** True: it comes with a CustomResourceDefinition of ours, which may not be there yet or be taken away. */
  readonly isOurs: boolean;
  /** True: it comes with another program, which need not be there. */
  readonly isOptional: boolean;
  /**
   * True: it is over for us when its deletion begins. A workload runs on for a while, and its namespace with it; a Vpc,
   * as long as somebody uses it.
   */
  readonly endsWithDeletion: boolean;
}

/** Kinds whose objects still work while they are being deleted. */
const runsOn: ReadonlySet<Kind> = new Set(['Namespace', 'Pod', 'VirtualMachineInstance', 'Vpc']);

/** Every kind that is read, in the order of the table of kinds. */
export const resources: readonly Resource[] = Object.keys(kinds).filter(isKind).map(resourceOf);

export function resourceOf(kind: Kind): Resource {
  const { apiVersion, plural, fields, isOptional = false } = kinds[kind];
  const [version = '', group = ''] = apiVersion.split('/').toReversed();
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return {
    kind,
    apiVersion,
    name: group === '' ? plural : `${plural}.${group}`,
    path: `${root}/${plural}`,
    isOurs: fields === 'closed',
    isOptional,
    endsWithDeletion: !runsOn.has(kind),
    // The server leaves out what has ended; see also `trim.ts`.
    ...(kind === 'Pod' ? { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' } : {}),
  };
}

/** Path of the CustomResourceDefinition of a kind that has one. */
export function definitionPath({ name }: Resource): string {
  return `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`;
}
