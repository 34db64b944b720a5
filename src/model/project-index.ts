// Projects by their namespace and by the VPC that they are in, also of those that were rejected since.
import { backingNamespace } from '../api/project.ts';
import type { Project } from '../api/project.ts';
import { AgedIndex } from './aged-index.ts';
import { GroupIndex } from './group-index.ts';

/** Name of the VPC that a Project is in: its own, or the Vpc that it names. */
export const vpcOfProject = (project: Project): string => project.spec.vpc ?? backingNamespace(project);

/** `shalb-demo` of `Project/shalb/demo`. */
export function namespaceOfProject(key: string): string {
  const [, organization = '', name = ''] = key.split('/');
  return `${organization}-${name}`;
}

/** Lookups cost what they return; what they return is only valid until the next {@link put}. */
export class ProjectIndex {
  readonly #byNamespace = new AgedIndex<Project>();
  readonly #byVpc = new AgedIndex<Project>();
  /** The Vpc that a rejected Project named before, as far as anybody has seen that. */
  readonly #former = new Map<string, string>();
  readonly #rejectedByNamespace = new GroupIndex<string>();

  /** Adds or replaces a Project (`present`), or takes it out. */
  put(key: string, project: Project, present: boolean): void {
    this.#byNamespace.put(backingNamespace(project), key, project, present);
    this.#byVpc.put(vpcOfProject(project), key, project, present);
  }

  /** `before`: as it was when it was valid last, if that was just now. */
  reject(key: string, before: Project | undefined, isRejected: boolean): void {
    this.#rejectedByNamespace.put(namespaceOfProject(key), key, key, isRejected);
    if (!isRejected) this.#former.delete(key);
    else if (before?.spec.vpc !== undefined) this.#former.set(key, before.spec.vpc);
  }

  /** Sorted by age. */
  ofNamespace(namespace: string): readonly Project[] {
    return this.#byNamespace.get(namespace);
  }

  /** Sorted by age. */
  inVpc(vpc: string): readonly Project[] {
    return this.#byVpc.get(vpc);
  }

  /** The Vpc that a rejected Project is in; undefined: its own, or nobody has seen it valid. */
  formerVpc(key: string): string | undefined {
    return this.#former.get(key);
  }

  /** Rejected Projects of a namespace, by key. */
  rejectedOf(namespace: string): Iterable<string> {
    return this.#rejectedByNamespace.get(namespace).keys();
  }
}
