// On which Gateway each listener of ours stands: where it is already, else where there is room.
import { formatObjectKey } from '../api/api-object.ts';
import { finding } from '../api/finding.ts';
import type { Finding } from '../api/finding.ts';
import { asObject } from '../status/json.ts';
import { gatewayNames, setKindOf } from './gateway-state.ts';
import type { GatewayState } from './gateway-state.ts';
import type { GatewayInput } from './gateway-input.ts';
import { listenerName, securePort } from './listener.ts';
import type { ListenerPlace } from './listener.ts';
import type { RouteRequest } from './route-request.ts';

export type Placement = { readonly place: ListenerPlace } | { readonly problem: Finding };

/**
 * A place for every request, by key. What stands somewhere stays there, whatever becomes of the limit; newcomers come
 * in the order of `requests`: on the first Gateway with room, then in a ListenerSet, then on a further Gateway.
 */
export function placeListeners(
  requests: readonly RouteRequest[],
  gateways: readonly GatewayState[],
  input: GatewayInput,
): ReadonlyMap<string, Placement> {
  const placer = new Placer(gateways, input);
  const staying = new Set(requests.filter((request) => placer.stay(request)));
  for (const request of requests) if (!staying.has(request)) placer.settle(request);
  return placer.placements;
}

/** The listener for plain HTTP, which others have made for all. */
export function placeOnHttp(
  gateways: readonly GatewayState[],
  input: Pick<GatewayInput, 'config'>,
): Placement {
  const { httpListener } = input.config;
  const main = gateways.find(({ key }) => key === mainKey(input));
  if (main === undefined) return { problem: noGateway(mainKey(input)) };
  if (main.foreign.has(httpListener))
    return { place: { kind: 'shared', gateway: main.name, listener: httpListener } };
  const hint = "the platform's operators add one (HTTP, port 80), or name theirs in gateway.httpListener";
  return { problem: finding('NotFound', '', `${main.key} has no listener ${httpListener}`, hint) };
}

function mainKey({ config: { name, namespace } }: Pick<GatewayInput, 'config'>): string {
  return formatObjectKey('Gateway', namespace, name);
}

class Placer {
  readonly placements = new Map<string, Placement>();
  readonly #input: GatewayInput;
  readonly #gateways: readonly GatewayState[];
  /** Names of listeners by Gateway: all of ours that stand there, and newcomers. */
  readonly #taken: ReadonlyMap<string, Set<string>>;
  /** Listener names that are given, so that no two Services have the same one. */
  readonly #given = new Map<string, string>();

  constructor(gateways: readonly GatewayState[], input: GatewayInput) {
    this.#input = input;
    this.#gateways = gateways;
    this.#taken = new Map(this.#gateways.map(({ key, own }) => [key, new Set(own.keys())]));
  }

  /** Whether the request has a place already; then it keeps it. */
  stay(request: RouteRequest): boolean {
    if (request.type === 'http') return this.#put(request, placeOnHttp(this.#gateways, this.#input));
    const shared = request.type === 'tls-passthrough' ? this.#passthrough(request) : undefined;
    if (shared !== undefined) return this.#put(request, { place: shared });
    for (const isFirst of [true, false]) {
      const listener = listenerName(request, isFirst);
      const gateway = this.#gateways.find(
        ({ own }) => own.get(listener)?.['hostname'] === request.hostname && !this.#given.has(listener),
      );
      if (gateway === undefined) continue;
      this.#given.set(listener, request.key);
      return this.#put(request, { place: { kind: 'gateway', gateway: gateway.name, listener } });
    }
    const set = this.#set(request);
    return set !== undefined && this.#input.cluster.get(set.key) !== undefined
      ? this.#put(request, { place: set.place })
      : false;
  }

  settle(request: RouteRequest): void {
    const first = !this.#given.has(listenerName(request, true));
    const listener = listenerName(request, first);
    this.#given.set(listener, request.key);
    const [main, ...further] = this.#gateways;
    if (main === undefined || main.key !== mainKey(this.#input)) {
      this.#put(request, { problem: noGateway(mainKey(this.#input)) });
      return;
    }
    // A name that stands somewhere with another hostname changes there.
    const known = this.#gateways.find(({ own }) => own.has(listener));
    const conflict = this.#conflict(known ?? main, listener, request);
    if (conflict !== undefined) {
      this.#put(request, { problem: conflict });
      return;
    }
    const set = main.allowsSets(request.service.metadata.namespace) ? this.#set(request) : undefined;
    const open = further.find(
      (gateway) => this.#hasRoom(gateway) && !this.#conflict(gateway, listener, request),
    );
    const gateway = known ?? (this.#hasRoom(main) ? main : set === undefined ? open : undefined);
    if (gateway !== undefined) {
      this.#taken.get(gateway.key)?.add(listener);
      this.#put(request, { place: { kind: 'gateway', gateway: gateway.name, listener } });
    } else if (set === undefined) this.#put(request, { problem: this.#full(main) });
    else this.#put(request, { place: set.place });
  }

  #put({ key }: RouteRequest, placement: Placement): true {
    this.placements.set(key, placement);
    return true;
  }

  #hasRoom({ key, foreign }: GatewayState): boolean {
    return foreign.size + (this.#taken.get(key)?.size ?? 0) < this.#input.config.listenerLimit;
  }

  /** A listener of the platform that passes TLS of this hostname through. */
  #passthrough({ hostname }: RouteRequest): ListenerPlace | undefined {
    for (const { name, foreign } of this.#gateways)
      for (const [listener, { protocol, tls, port, hostname: pattern }] of foreign) {
        const isOpen = protocol === 'TLS' && asObject(tls)['mode'] === 'Passthrough' && port === securePort;
        if (isOpen && covers(pattern, hostname)) return { kind: 'shared', gateway: name, listener };
      }
    return undefined;
  }

  #set({ service }: RouteRequest) {
    const setKind = setKindOf(this.#input);
    const [gateway] = gatewayNames(this.#input.config);
    if (setKind === undefined || gateway === undefined) return undefined;
    const set = `${service.metadata.name}-listener`;
    const key = formatObjectKey(setKind, service.metadata.namespace, set);
    return { key, place: { kind: 'set', gateway, set, setKind } } as const;
  }

  /** Somebody else's listener that has the name, or the hostname. */
  #conflict(gateway: GatewayState, listener: string, { hostname }: RouteRequest): Finding | undefined {
    const named = gateway.foreign.has(listener) ? listener : undefined;
    const same = [...gateway.foreign].find(
      ([, fields]) => fields['port'] === securePort && fields['hostname'] === hostname,
    );
    const other = named ?? same?.[0];
    if (other === undefined) return undefined;
    const message = `${gateway.key} has a listener ${other} of somebody else for ${named === undefined ? hostname : 'that name'}`;
    return finding('Conflict', '', message, 'use another hostname, or ask for that listener to be removed');
  }

  #full({ key, foreign, own }: GatewayState): Finding {
    const { listenerLimit } = this.#input.config;
    const message = `${key} has ${foreign.size + own.size} listeners, and no more than ${listenerLimit} may be on it`;
    const hint =
      "wait until a route is removed; the platform's operators can allow ListenerSets on the Gateway (spec.allowedListeners) or add a second one (gateway.overflow)";
    return finding('Exhausted', '', message, hint);
  }
}

function noGateway(key: string): Finding {
  const hint = "the platform's operators create it, or correct gateway.name and gateway.namespace";
  return finding('NotFound', '', `there is no ${key}`, hint);
}

/** Source: Gateway API, Hostname: a wildcard covers any number of labels. */
function covers(pattern: unknown, hostname: string): boolean {
  if (typeof pattern !== 'string' || pattern === '') return true;
  return pattern.startsWith('*.') ? hostname.endsWith(pattern.slice(1)) : pattern === hostname;
}
