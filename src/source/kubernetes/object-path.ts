// Where one object is on the API server.
import { isKind } from '../../api/kind.ts';
import { foreignKinds, isForeignKind } from '../../gateway/foreign-kind.ts';
import { resourceOf } from './resources.ts';

/** What names one object. */
export interface ObjectName {
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
}

/** `/apis/kube-dc.com/v1/namespaces/shalb-demo/eips/ssh-arti` */
export function objectPath(object: ObjectName): string {
  return `${collectionPath(object)}/${object.name}`;
}

/** `/apis/kube-dc.com/v1/namespaces/shalb-demo/eips` */
export function collectionPath({ apiVersion, kind, namespace }: Omit<ObjectName, 'name'>): string {
  const [version = '', group = ''] = apiVersion.split('/').toReversed();
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope = namespace === '' ? '' : `/namespaces/${namespace}`;
  return `${root}${scope}/${pluralOf(kind)}`;
}

/** Kinds that are written but not read (Endpoints) are called the same in both forms. */
function pluralOf(kind: string): string {
  if (isForeignKind(kind)) return foreignKinds[kind].plural;
  return isKind(kind) ? (resourceOf(kind).name.split('.')[0] ?? '') : kind.toLowerCase();
}
