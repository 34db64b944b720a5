// A cluster for plans of routes: an in-memory stand-in for an API server, for cert-manager and for Envoy Gateway.
import { isDeepStrictEqual } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { objectKey } from '../../src/api/api-object.ts';
import { decodeObject } from '../../src/api/decode.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import type { GatewayConfig } from '../../src/config/gateway.ts';
import { ExposedServices } from '../../src/gateway/exposed-services.ts';
import { bestApiVersion, foreignKindNames, foreignKinds } from '../../src/gateway/foreign-kind.ts';
import type { ForeignKind } from '../../src/gateway/foreign-kind.ts';
import { decodeForeign, gatewayFieldManager } from '../../src/gateway/foreign-object.ts';
import { ForeignObjects } from '../../src/gateway/foreign-objects.ts';
import type { GatewayInput, GatewayPlan, RouteStatus } from '../../src/gateway/gateway-input.ts';
import { planGateway } from '../../src/gateway/plan-gateway.ts';

export const gatewayKey = 'Gateway/envoy-gateway-system/eg';

/** With defaults for what is not given. */
export function gatewayConfig(fields: object = {}): GatewayConfig {
  const parsed = parseConfig({ gateway: { baseDomain: 'stage.kube-dc.com', ...fields } }, 'test');
  if (!parsed.ok || parsed.config.gateway === undefined) throw new Error(JSON.stringify(parsed));
  return parsed.config.gateway;
}

type Raw = Record<string, unknown>;

export interface GatewayWorldOptions {
  readonly config?: object;
  /** Kinds that the cluster does not serve. */
  readonly without?: readonly ForeignKind[];
}

const httpListener = {
  name: 'http',
  port: 80,
  protocol: 'HTTP',
  allowedRoutes: { namespaces: { from: 'All' } },
};

export class GatewayWorld {
  readonly services = new ExposedServices();
  readonly cluster = new ForeignObjects();
  readonly #config: GatewayConfig;
  readonly #raw = new Map<string, Raw>();
  /** Seconds, and versions of objects. */
  #time = 0;
  /** What was written, in order: `apply Certificate/…`, `listeners a,b`, `delete …`. */
  readonly writes: string[] = [];

  constructor({ config = {}, without = [] }: GatewayWorldOptions = {}) {
    this.#config = gatewayConfig(config);
    const all = foreignKindNames.flatMap((kind) =>
      foreignKinds[kind].versions.map((version) => `${foreignKinds[kind].group}/${version}`),
    );
    for (const kind of foreignKindNames)
      if (!without.includes(kind) && kind !== 'XListenerSet')
        this.cluster.serve(kind, bestApiVersion(kind, new Set(all)));
    this.addGateway([]);
  }

  get input(): GatewayInput {
    return {
      config: this.#config,
      managementVpc: 'ovn-cluster',
      objects: this.services,
      cluster: this.cluster,
      isFinal: false,
    };
  }

  /** Objects that people write. Each is older than those that come later. */
  read(text: string): this {
    for (const document of parseAllDocuments(text)) {
      const raw = document.toJS() as Raw | null;
      if (raw === null) continue;
      const metadata = {
        creationTimestamp: this.#now(),
        uid: `uid-${this.#time}`,
        ...(raw['metadata'] as Raw),
      };
      const decoded = decodeObject({ ...raw, metadata });
      if (!decoded.ok) throw new Error(JSON.stringify(decoded.problems));
      this.services.apply([{ key: objectKey(decoded.object), object: decoded.object }]);
    }
    return this;
  }

  /** A Service of the namespace `shalb-demo`, with annotations in the prefix of routes. */
  expose(
    name: string,
    annotations: Readonly<Record<string, string>>,
    spec: object = {},
    namespace = 'shalb-demo',
  ): this {
    const before = this.services.get(`Service/${namespace}/${name}`)?.metadata;
    const object = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name,
        namespace,
        ...(before && { uid: before.uid, creationTimestamp: before.creationTimestamp }),
        annotations: Object.fromEntries(
          Object.entries(annotations).map(([key, value]) => [`service.nlb.kube-dc.com/${key}`, value]),
        ),
      },
      spec: { ports: [{ name: 'http', port: 80 }], ...spec },
    };
    return this.read(JSON.stringify(object));
  }

  drop(key: string): this {
    this.services.apply([{ key, object: undefined }]);
    return this;
  }

  /** What somebody else wrote. */
  add(kind: ForeignKind, namespace: string, name: string, rest: Raw = {}): this {
    this.#put(kind, { metadata: { namespace, name }, ...rest });
    return this;
  }

  /** With the listener for plain HTTP, and those of others. */
  addGateway(listeners: readonly object[], spec: object = {}, name = 'eg'): this {
    return this.add('Gateway', 'envoy-gateway-system', name, {
      spec: { gatewayClassName: 'eg', listeners: [httpListener, ...listeners], ...spec },
    });
  }

  plan(): GatewayPlan {
    return planGateway(this.input);
  }

  /** Carries one plan out. Returns whether there was something to do. */
  step(): boolean {
    const { objects, listeners, removals, statuses } = this.plan();
    const before = this.writes.length;
    for (const { key } of removals) this.delete(key);
    for (const { kind, key, body } of objects) {
      this.writes.push(`apply ${key}`);
      this.#put(kind, body);
    }
    for (const { gateway, listeners: own, isInPlace } of listeners)
      if (!isInPlace) this.#applyListeners(gateway, own);
    for (const status of statuses) this.#annotate(status);
    return this.writes.length > before;
  }

  delete(key: string): void {
    this.writes.push(`delete ${key}`);
    this.cluster.remove(key);
    this.#raw.delete(key);
  }

  /** Plans and stand-ins, until nothing is left to do. `untilReady` false: nobody answers. */
  settle(answers: { readonly certificates?: boolean; readonly gateway?: boolean } = {}): this {
    const { certificates = true, gateway = true } = answers;
    for (let round = 0; round < 20; round++) {
      const isDone = !this.step();
      if (certificates) this.issue();
      if (gateway) this.serveRoutes();
      if (isDone && !this.step()) return this;
    }
    throw new Error(`it does not settle: ${this.writes.slice(-10).join('\n')}`);
  }

  /** The stand-in for cert-manager: every Certificate is ready. */
  issue(status: Raw = { conditions: [{ type: 'Ready', status: 'True' }] }): void {
    for (const { key } of this.cluster.ofKind('Certificate')) this.setStatus(key, status);
  }

  /** The stand-in for Envoy Gateway: every listener and every route is accepted. */
  serveRoutes(): void {
    const conditions = ['Accepted', 'ResolvedRefs', 'Programmed'].map((type) => ({ type, status: 'True' }));
    for (const kind of ['Gateway', 'ListenerSet'] as const)
      for (const { key, spec } of this.cluster.ofKind(kind)) {
        const listeners = (spec['listeners'] as { name: string }[]).map(({ name }) => ({ name, conditions }));
        this.setStatus(key, { conditions, listeners });
      }
    for (const kind of ['HTTPRoute', 'GRPCRoute', 'TLSRoute'] as const)
      for (const { key, spec } of this.cluster.ofKind(kind)) {
        const parents = ((spec['parentRefs'] ?? []) as object[]).map((parentRef) => ({
          parentRef,
          conditions,
        }));
        this.setStatus(key, { parents });
      }
  }

  setStatus(key: string, status: Raw): void {
    const raw = this.#raw.get(key);
    if (raw === undefined) throw new Error(`there is no ${key}`);
    const same = JSON.stringify(raw['status']) === JSON.stringify(status);
    if (!same) this.#put(key.split('/')[0] as ForeignKind, { ...raw, status });
  }

  get(key: string): Raw | undefined {
    return this.#raw.get(key);
  }

  /** `HTTPRoute/shalb-demo/web-route`, sorted; without Gateways and what was added by {@link add}. */
  made(): readonly string[] {
    return [...this.cluster.makers()]
      .flatMap((maker) => this.cluster.madeFor(maker).map(({ key }) => key))
      .toSorted();
  }

  /** Names of our listeners. */
  listeners(gateway = gatewayKey): readonly string[] {
    return [...(this.cluster.get(gateway)?.ownListeners ?? [])].toSorted();
  }

  annotations(service: string): Readonly<Record<string, string>> {
    const annotations = this.services.get(service)?.metadata.annotations ?? {};
    return Object.fromEntries(
      Object.entries(annotations).map(([key, value]) => [key.slice(key.indexOf('/') + 1), value]),
    );
  }

  #now(): string {
    return new Date(Date.UTC(2026, 0, 1) + ++this.#time * 1000).toISOString();
  }

  #put(kind: ForeignKind, raw: Raw): void {
    const key = `${kind}/${[(raw['metadata'] as Raw)['namespace'], (raw['metadata'] as Raw)['name']].filter(Boolean).join('/')}`;
    const known = this.#raw.get(key);
    const creationTimestamp = (known?.['metadata'] as Raw | undefined)?.['creationTimestamp'] ?? this.#now();
    const metadata = {
      ...(raw['metadata'] as Raw),
      uid: key,
      creationTimestamp,
      resourceVersion: String(100_000 + ++this.#time),
    };
    const next = { status: known?.['status'], ...raw, metadata };
    // What goes to an API server and comes back has no undefined members.
    const clean = JSON.parse(JSON.stringify(next)) as Raw;
    this.#raw.set(key, clean);
    this.cluster.put(decodeForeign(kind, clean));
  }

  #applyListeners(gateway: string, own: readonly { readonly name: string }[]): void {
    this.writes.push(`listeners ${own.map(({ name }) => name).join(',')}`);
    const raw = this.#raw.get(gateway) ?? {};
    const before = this.cluster.get(gateway)?.ownListeners ?? new Set();
    const spec = raw['spec'] as { listeners: { name: string }[] };
    const names = new Set([...own.map(({ name }) => name), ...before]);
    const listeners = [...spec.listeners.filter(({ name }) => !names.has(name)), ...own];
    if (listeners.length > 64) throw new Error('spec.listeners: Too many: must have at most 64 items');
    const fields = Object.fromEntries(own.map(({ name }) => [`k:{"name":"${name}"}`, {}]));
    const managedFields = [
      { manager: gatewayFieldManager, operation: 'Apply', fieldsV1: { 'f:spec': { 'f:listeners': fields } } },
    ];
    this.#put('Gateway', {
      ...raw,
      metadata: { ...(raw['metadata'] as Raw), managedFields },
      spec: { ...spec, listeners },
    });
  }

  #annotate({ service, annotations }: RouteStatus): void {
    const object = this.services.get(service);
    if (object === undefined) return;
    const others = Object.entries(object.metadata.annotations).filter(
      ([key]) => !/\/route-(hostname-)?status$/.test(key),
    );
    const next = { ...Object.fromEntries(others), ...annotations };
    if (isDeepStrictEqual(next, { ...object.metadata.annotations })) return;
    this.writes.push(`annotate ${service}`);
    const metadata = { ...object.metadata, annotations: next };
    this.services.apply([{ key: service, object: { ...object, metadata } }]);
  }
}
