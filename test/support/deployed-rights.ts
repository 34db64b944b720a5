// The rights of deploy/kubernetes/rbac*.yaml: given to the daemon on a server, and as a list.
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { ApiServer } from './api-server.ts';
import { rightText } from './audit-log.ts';

interface RbacObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly rules?: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

const namespace = 'kube-system';
const account = 'ovn-projector';
const rbac = '/apis/rbac.authorization.k8s.io/v1';
const collections: Readonly<Record<string, string>> = {
  ServiceAccount: `/api/v1/namespaces/${namespace}/serviceaccounts`,
  Role: `${rbac}/namespaces/${namespace}/roles`,
  RoleBinding: `${rbac}/namespaces/${namespace}/rolebindings`,
  ClusterRole: `${rbac}/clusterroles`,
  ClusterRoleBinding: `${rbac}/clusterrolebindings`,
};

/** As the API server and its audit log call the daemon. */
export const daemonUser = `system:serviceaccount:${namespace}:${account}`;

type RightsFile = 'rbac.yaml' | 'rbac-gateway.yaml';

function objectsIn(name: RightsFile): readonly RbacObject[] {
  const file = new URL(`../../deploy/kubernetes/${name}`, import.meta.url);
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as RbacObject);
}

/** Creates what the files hold, and returns a kubeconfig of the daemon. */
export async function deployRights(
  server: ApiServer,
  ...files: readonly [RightsFile, ...RightsFile[]]
): Promise<string> {
  for (const object of files.flatMap(objectsIn))
    await server.create(collections[object.kind] ?? object.kind, object);
  const answer = await server.create(`${collections['ServiceAccount']}/${account}/token`, { spec: {} });
  return server.kubeconfigOf('daemon', (answer as { status: { token: string } }).status.token);
}

/** Every right of the file as `patch services/status`, sorted. A verb that stands there twice is there twice. */
export function deployedRights(file: RightsFile): readonly string[] {
  return objectsIn(file)
    .flatMap(({ rules = [] }) => rules)
    .flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((path) => {
          const [resource = '', subresource] = path.split('/');
          return verbs.map((verb) => rightText(verb, group, resource, subresource));
        }),
      ),
    )
    .toSorted();
}
