// One Gateway as the cluster has it: whose listeners are on it, and what is said of them.
import { formatObjectKey } from '../api/api-object.ts';
import { asArray, asJson, asObject, asText } from '../status/json.ts';
import { conditionsOf } from './foreign-object.ts';
import type { Conditions, Fields, ForeignObject } from './foreign-object.ts';
import type { GatewayInput, Listener } from './gateway-input.ts';
import type { GatewayName, SetKind } from './listener.ts';

export interface GatewayState {
  readonly name: GatewayName;
  readonly key: string;
  /** 0: it is assumed. */
  readonly generation: number;
  /** By name. */
  readonly own: ReadonlyMap<string, Listener>;
  readonly foreign: ReadonlyMap<string, Fields>;
  /** Whether a ListenerSet of that namespace may add listeners. */
  allowsSets(namespace: string): boolean;
  conditionsOf(listener: string): Conditions;
}

/** The Gateways of the configuration, those that exist; a final plan assumes all of them. */
export function gatewayStates({ config, cluster, isFinal }: GatewayInput): readonly GatewayState[] {
  return gatewayNames(config).flatMap((name) => {
    const key = formatObjectKey('Gateway', name.namespace, name.name);
    const gateway = cluster.get(key);
    if (isFinal) return [assumed(name, key, config.httpListener)];
    return gateway === undefined || gateway.isEnding ? [] : [stateOf(name, gateway)];
  });
}

export function gatewayNames({ name, namespace, overflow }: GatewayInput['config']): readonly GatewayName[] {
  return [{ name, namespace }, ...overflow];
}

function assumed(name: GatewayName, key: string, httpListener: string): GatewayState {
  return {
    name,
    key,
    generation: 0,
    own: new Map(),
    foreign: new Map([[httpListener, { protocol: 'HTTP' }]]),
    allowsSets: () => true,
    conditionsOf: () => conditionsOf({}),
  };
}

function stateOf(
  name: GatewayName,
  { key, generation, spec, status, ownListeners }: ForeignObject,
): GatewayState {
  const listeners = asArray(spec['listeners']).map(asObject);
  const statuses = asArray(status['listeners']).map(asObject);
  const named = (isOwn: boolean): [string, Fields][] =>
    listeners
      .map((listener): [string, Fields] => [asText(listener['name']), listener])
      .filter(([each]) => ownListeners.has(each) === isOwn);
  const { from } = asObject(asObject(spec['allowedListeners'])['namespaces']);
  return {
    name,
    key,
    generation,
    own: new Map(named(true).map(([each, listener]) => [each, asListener(each, listener)])),
    foreign: new Map(named(false)),
    allowsSets: (namespace) =>
      from === 'All' || from === 'Selector' || (from === 'Same' && namespace === name.namespace),
    conditionsOf: (listener) => conditionsOf(statuses.find((each) => each['name'] === listener)),
  };
}

function asListener(name: string, fields: Fields): Listener {
  const entries = Object.entries(fields).map(([member, value]) => [member, asJson(value)] as const);
  return { ...Object.fromEntries(entries), name };
}

/** The kind by which others add listeners; undefined: the cluster has none, or it is not to be used. */
export function setKindOf({ config, cluster, isFinal }: GatewayInput): SetKind | undefined {
  if (!config.listenerSets) return undefined;
  if (isFinal) return 'ListenerSet';
  return (['ListenerSet', 'XListenerSet'] as const).find((kind) => cluster.apiVersion(kind) !== undefined);
}
