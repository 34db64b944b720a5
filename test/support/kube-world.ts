// Objects on a real API server, by key: made, read and deleted as a person would do it.
import { isKind } from '../../src/api/kind.ts';
import { resourceOf } from '../../src/source/kubernetes/resources.ts';
import type { ApiServer } from './api-server.ts';

export interface KubeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly deletionTimestamp?: string;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

/** `EIp/shalb-demo/ssh-arti` → its path. */
function pathOf(key: string): string {
  const [kind = '', first = '', second] = key.split('/');
  if (!isKind(kind)) throw new Error(`no kind that is read: ${kind}`);
  const { path } = resourceOf(kind);
  if (second === undefined) return `${path}/${first}`;
  const at = path.lastIndexOf('/');
  return `${path.slice(0, at)}/namespaces/${first}${path.slice(at)}/${second}`;
}

export type KubeWorld = ReturnType<typeof kubeWorld>;

const merge = 'application/merge-patch+json';

export function kubeWorld(server: ApiServer) {
  const get = async (key: string): Promise<KubeObject | undefined> => {
    const { status, body } = await server.request('GET', pathOf(key));
    return status === 200 ? (body as KubeObject) : undefined;
  };
  /** Creates an object from its key and the rest. */
  const add = async (key: string, rest: object): Promise<void> => {
    const [kind = '', first, second] = key.split('/');
    if (!isKind(kind)) throw new Error(`no kind that is read: ${kind}`);
    const { apiVersion } = resourceOf(kind);
    const { metadata, ...body } = rest as { metadata?: object };
    const names = second === undefined ? { name: first } : { namespace: first, name: second };
    const path = pathOf(key);
    await server.create(path.slice(0, path.lastIndexOf('/')), {
      apiVersion,
      kind,
      metadata: { ...names, ...metadata },
      ...body,
    });
  };
  const patch = async (key: string, change: object, subresource = ''): Promise<void> => {
    const { status, body } = await server.request('PATCH', pathOf(key) + subresource, change, merge);
    if (status !== 200) throw new Error(`${key} answers ${status}: ${JSON.stringify(body)}`);
  };
  return {
    get,
    add,
    patch,
    status: async (key: string) => (await get(key))?.status,
    delete: async (key: string): Promise<void> => {
      await server.request('DELETE', `${pathOf(key)}?gracePeriodSeconds=0`);
    },
    addNamespace: (name: string): Promise<void> => add(`Namespace/${name}`, {}),
    /** The gateway has the first address of `cidr`. */
    addNetwork: (name: string, type: string, cidr: string, more: object = {}): Promise<void> =>
      add(`ExternalNetwork/${name}`, {
        spec: { type, cidr, gateway: cidr.replace(/\d+\/\d+$/, '1'), physicalNetwork: 'ext', ...more },
      }),
    /** Of the organization `shalb`. */
    addProject: (name: string, spec: object): Promise<void> =>
      add(`Project/shalb/${name}`, { spec: { egressNetworkType: 'cloud', ...spec } }),
    addProjectOf: (organization: string, name: string, spec: object): Promise<void> =>
      add(`Project/${organization}/${name}`, { spec: { egressNetworkType: 'cloud', ...spec } }),
    addPod: (namespace: string, name: string, metadata: object): Promise<void> =>
      add(`Pod/${namespace}/${name}`, {
        metadata,
        spec: { containers: [{ name: 'app', image: 'nginx' }] },
      }),
    /** Of type LoadBalancer, for Pods with the label `app: {name}`. */
    addService: (namespace: string, name: string, metadata: object, port = 80): Promise<void> =>
      add(`Service/${namespace}/${name}`, {
        metadata,
        spec: {
          type: 'LoadBalancer',
          allocateLoadBalancerNodePorts: false,
          selector: { app: name },
          ports: [{ name: 'http', port }],
        },
      }),
    annotations: async (key: string) => (await get(key))?.metadata.annotations,
    /** About objects of that name. */
    events: async (namespace: string, name: string): Promise<readonly object[]> => {
      const path = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;
      const { body } = await server.request('GET', path);
      const { items } = body as { items: readonly { readonly regarding: { readonly name: string } }[] };
      return items.filter(({ regarding }) => regarding.name === name);
    },
    /** resourceVersion of every object of the kinds that are written to, by path. */
    versions: async (): Promise<Readonly<Record<string, string>>> => {
      const kinds = ['Project', 'EIp', 'FIp', 'ExternalNetwork', 'Vpc', 'Subnet', 'Namespace', 'Service'];
      const all = [...kinds, 'EndpointSlice', 'Pod'].map(async (kind) => {
        const { body } = await server.request('GET', isKind(kind) ? resourceOf(kind).path : '');
        const { items } = body as { items: readonly KubeObject[] };
        return items.map(({ metadata: { namespace = '', name, resourceVersion } }) => [
          `${kind}/${namespace}/${name}`,
          resourceVersion,
        ]);
      });
      return Object.fromEntries((await Promise.all(all)).flat());
    },
  };
}
