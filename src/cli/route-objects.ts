// Kubernetes objects that routes are made of, as `plan` and `apply` tell them, and as files.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { objectKey } from '../api/api-object.ts';
import type { Problem } from '../base/problem.ts';
import { sortBy } from '../base/order.ts';
import type { Config } from '../config/config.ts';
import { ExposedServices } from '../gateway/exposed-services.ts';
import { ForeignObjects } from '../gateway/foreign-objects.ts';
import { gatewayFieldManager } from '../gateway/foreign-object.ts';
import { planGateway } from '../gateway/plan-gateway.ts';
import type { JsonObject } from '../status/json.ts';
import type { LoadedObjects } from '../source/source.ts';

/** One object to be applied. */
export interface RouteObject {
  /** `HTTPRoute/shalb-demo/web-route` */
  readonly key: string;
  readonly body: JsonObject;
}

export interface RouteObjects {
  /** Sorted by key. A Gateway has our listeners alone: it is for a server-side apply. */
  readonly objects: readonly RouteObject[];
  readonly problems: readonly Problem[];
}

/**
 * What the routes of all Services come to. `addresses`: of EIps, by key, as a report has them. Empty without `gateway` in the
 * configuration.
 */
export function routeObjects(
  loaded: Pick<LoadedObjects, 'objects'>,
  { gateway, managementVpc }: Pick<Config, 'gateway' | 'managementVpc'>,
  addresses: Readonly<Record<string, string>>,
): RouteObjects {
  if (gateway === undefined) return { objects: [], problems: [] };
  const exposed = new ExposedServices();
  exposed.apply(loaded.objects.map((object) => ({ key: objectKey(object), object })));
  const { objects, listeners, statuses } = planGateway({
    config: gateway,
    managementVpc,
    objects: {
      all: () => exposed.all(),
      get: (key) => exposed.get(key),
      isRejected: () => false,
      namespaces: exposed.namespaces,
      vpcOf: (namespace) => exposed.vpcOf(namespace),
      addressesOf: (eip) => addresses[eip]?.split(',') ?? exposed.addressesOf(eip),
      hasExternal: () => true,
    },
    cluster: new ForeignObjects(),
    isFinal: true,
  });
  const gateways = listeners
    .filter((each) => each.listeners.length > 0)
    .map((each): RouteObject => {
      const [, namespace = '', name = ''] = each.gateway.split('/');
      const apiVersion = 'gateway.networking.k8s.io/v1';
      const spec = { listeners: each.listeners };
      return {
        key: each.gateway,
        body: { apiVersion, kind: 'Gateway', metadata: { name, namespace }, spec },
      };
    });
  const all = [...gateways, ...objects.map(({ key, body }) => ({ key, body }))];
  return {
    objects: sortBy(all, ({ key }) => key),
    problems: statuses.flatMap(({ problem }) => problem ?? []),
  };
}

/** Lines for `plan`; empty without any object. */
export function routeText({ objects }: RouteObjects): string {
  if (objects.length === 0) return '';
  return `\nKubernetes objects for routes (as files: --objects-out DIR):\n${objects.map(({ key }) => `  ${key}\n`).join('')}`;
}

const head = '# Written by ovn-projector, and overwritten by it. To apply:';
const how = `kubectl apply --server-side --force-conflicts --field-manager=${gatewayFieldManager} -R -f`;

/**
 * One file per object, `{namespace}/{kind}-{name}.yaml`. Files that were written before and are not any more are removed;
 * files of others stay.
 */
export async function writeRouteObjects({ objects }: RouteObjects, folder: string): Promise<void> {
  const wanted = new Map(objects.map(({ key, body }) => [fileOf(key), textOf(body)]));
  await mkdir(folder, { recursive: true });
  for (const path of await readdir(folder, { recursive: true })) {
    if (!path.endsWith('.yaml') || wanted.has(path)) continue;
    const text = await readFile(join(folder, path), 'utf8');
    if (text.startsWith(head)) await rm(join(folder, path));
  }
  for (const [path, text] of wanted) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** Names of objects are names of hosts: none has a slash, or is `..`. */
function fileOf(key: string): string {
  const [kind = '', namespace = '', name = ''] = key.split('/');
  return join(namespace, `${kind.toLowerCase()}-${name}.yaml`);
}

function textOf(body: JsonObject): string {
  return `${head}\n# ${how} FOLDER\n${stringify(body)}`;
}
