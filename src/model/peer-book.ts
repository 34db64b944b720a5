// Whom the selectors of policies mean: the workloads of one unit, by namespace and labels, as sets that are shared.
import type { PolicyPort } from '../api/network-policy.ts';
import { sortBy } from '../base/order.ts';
import { addressBits, compareAddresses, formatAddress } from '../net/address.ts';
import type { Address, Prefix, Range } from '../net/address.ts';
import { formatPrefix, prefixContains, prefixRange } from '../net/prefix.ts';
import { mergeRanges } from '../net/range.ts';
import type { PeerSetModel } from './policy-model.ts';
import { formatRequirements, fulfils } from './selector.ts';
import type { Requirements } from './selector.ts';
import type { Workload } from './workloads.ts';

export type Labels = Readonly<Record<string, string>>;

/** A selection of workloads. `namespaces`: one by name, or by labels. `within`: only addresses in one of these. */
export interface Selection {
  readonly namespaces: string | Requirements;
  readonly pods: Requirements;
  readonly within?: readonly Prefix[];
}

/** A port that has a name, in the protocol that goes with it. */
export interface PortName {
  readonly protocol: PolicyPort['protocol'];
  readonly name: string;
}

/** Selects among the workloads of one unit. Lives for one run. */
export class PeerBook {
  readonly #byNamespace: ReadonlyMap<string, readonly Workload[]>;
  readonly #labels: ReadonlyMap<string, Labels>;
  readonly #sets = new Map<string, PeerSetModel>();
  readonly #selected = new Map<string, readonly Workload[]>();

  /** `labels`: those of each namespace in the unit. */
  constructor(workloads: readonly Workload[], labels: ReadonlyMap<string, Labels>) {
    this.#byNamespace = Map.groupBy(workloads, ({ pod }) => pod.metadata.namespace);
    this.#labels = labels;
  }

  /** Every set that was asked for, sorted by key. */
  get sets(): readonly PeerSetModel[] {
    return sortBy(this.#sets.values(), ({ key }) => key);
  }

  /** Namespaces of the unit that are meant. */
  namespaces({ namespaces }: Pick<Selection, 'namespaces'>): readonly string[] {
    if (typeof namespaces === 'string') return [namespaces];
    return [...this.#labels].filter(([, labels]) => fulfils(labels, namespaces)).map(([name]) => name);
  }

  /** Workloads that are meant, in no particular order. */
  select(selection: Selection): readonly Workload[] {
    const key = keyOf(selection);
    const known = this.#selected.get(key);
    if (known !== undefined) return known;
    const found = this.namespaces(selection).flatMap((namespace) =>
      (this.#byNamespace.get(namespace) ?? []).filter(({ pod }) =>
        fulfils(pod.metadata.labels, selection.pods),
      ),
    );
    this.#selected.set(key, found);
    return found;
  }

  /** The set of their addresses. */
  set(selection: Selection): PeerSetModel {
    return this.#setOf(selection, '', textOf(selection), this.select(selection));
  }

  /** Sets of those whose port of that name is one number, by number; those without such a port are in none. */
  setsByPort(
    selection: Selection,
    port: PortName,
  ): readonly { readonly port: number; readonly set: PeerSetModel }[] {
    return portNumbers(this.select(selection), port).map(([number, workloads]) => {
      const which = `${port.protocol}/${port.name}=${number}`;
      const text = `${textOf(selection)} with port ${port.name}=${number}`;
      return { port: number, set: this.#setOf(selection, which, text, workloads) };
    });
  }

  /** The addresses of a set that was asked for, as ranges. */
  rangesOf(key: string): readonly Range[] {
    const { addresses, prefixes } = this.#sets.get(key) ?? { addresses: [], prefixes: [] };
    return mergeRanges([
      ...addresses.map(({ family, value }) => ({ family, first: value, last: value })),
      ...prefixes.map(prefixRange),
    ]);
  }

  /** A set of somebody else's making. `key` is what it is, however many ranges that comes to. */
  made(key: readonly string[], text: string, prefixes: readonly Prefix[]): PeerSetModel {
    const name = JSON.stringify(['made', ...key]);
    const set = { key: name, text, addresses: [], prefixes: prefixes.flatMap(halves) };
    this.#sets.set(name, set);
    return set;
  }

  #setOf(selection: Selection, port: string, text: string, workloads: readonly Workload[]): PeerSetModel {
    const key = keyOf(selection, port);
    const known = this.#sets.get(key);
    if (known !== undefined) return known;
    const set = { key, text, addresses: addressesOf(workloads, selection), prefixes: [] };
    this.#sets.set(key, set);
    return set;
  }
}

/** Workloads by the number that a named port has with them, sorted by number. */
export function portNumbers(
  workloads: readonly Workload[],
  { protocol, name }: PortName,
): readonly (readonly [port: number, workloads: readonly Workload[]])[] {
  const numbered = workloads.flatMap((workload) => {
    const port = workload.pod.spec.containers
      .flatMap(({ ports }) => ports)
      .find((candidate) => candidate.name === name && candidate.protocol === protocol);
    return port === undefined ? [] : [[port.containerPort, workload] as const];
  });
  const groups = Map.groupBy(numbered, ([port]) => port);
  return [...groups]
    .toSorted(([a], [b]) => a - b)
    .map(([port, group]) => [port, group.map(([, workload]) => workload)] as const);
}

/** Everything is two halves in a set: OVN compares no address with a mask of nothing. */
function halves({ family, base, length }: Prefix): Prefix[] {
  if (length > 0) return [{ family, base, length }];
  const half = 1n << BigInt(addressBits(family) - 1);
  return [0n, half].map((start) => ({ family, base: start, length: 1 }));
}

function addressesOf(workloads: readonly Workload[], { within }: Selection): readonly Address[] {
  const all = workloads
    .flatMap(({ port }) => port.addresses)
    .filter((address) => within?.some((prefix) => prefixContains(prefix, address)) ?? true);
  return [...new Map(all.map((address) => [formatAddress(address), address])).values()].toSorted(
    compareAddresses,
  );
}

const keyOf = ({ namespaces, pods, within = [] }: Selection, port = ''): string =>
  JSON.stringify([namespaces, pods, port, ...within.map(formatPrefix)]);

function textOf({ namespaces, pods, within }: Selection): string {
  if (within !== undefined) return `pods in ${rangesText(within)}`;
  const which = pods.length === 0 ? 'every pod' : `pods ${formatRequirements(pods)}`;
  if (typeof namespaces === 'string') return `${which} in namespace ${namespaces}`;
  if (namespaces.length === 0) return `${which} in every namespace here`;
  return `${which} in namespaces ${formatRequirements(namespaces)}`;
}

/** `10.0.0.0/24, 10.1.0.0/24, 10.2.0.0/24 and 5 more ranges` */
export function rangesText(prefixes: readonly Prefix[]): string {
  const more = prefixes.length > 3 ? ` and ${prefixes.length - 3} more ranges` : '';
  return prefixes.slice(0, 3).map(formatPrefix).join(', ') + more;
}
