// The EIPs of a VPC: which there are, which address each has, and who uses it.
import { formatObjectKey, objectKey } from '../api/api-object.ts';
import { defaultGatewayEIpName } from '../api/eip.ts';
import type { EIp } from '../api/eip.ts';
import type { ExternalNetwork } from '../api/external-network.ts';
import type { Problem } from '../base/problem.ts';
import type { Address, Family } from '../net/address.ts';
import { parseAddressList } from '../net/family-list.ts';
import { sharesAddress } from './held-eip.ts';
import type { HeldEip } from './held-eip.ts';
import type { Inventory } from './inventory.ts';
import { noSharedFamily, reportUnshared, sharedFamilies } from './eip-families.ts';
import type { AddressUse } from './address-answers.ts';
import { usersOf } from './held-uses.ts';
import { blockHomeless, homeOf, networkFor } from './home-network.ts';
import { networkOfType, networkPools } from './network.ts';
import type { UnitRun, WishAuthor } from './unit-run.ts';
import { claimOrder } from './vpc-root.ts';
import type { Claimant, EgressSeed } from './vpc-root.ts';

/** An EIP that is to be made. `wanted`: families that its maker can use; undefined: all that there are. */
export interface EipWish {
  readonly name: string;
  readonly type: string | undefined;
  readonly wanted: readonly Family[] | undefined;
}

/** An EIP by the name that Services and FIps give; `eip` is undefined when it cannot be had (reported). */
export interface NamedEip {
  readonly name: string;
  readonly key: string;
  readonly eip: HeldEip | undefined;
}

/**
 * What a Service or FIp gets for a name. `isGone`: the EIp is written no more, but the database has it, and so has the
 * one who asks. `held`: it is written but rejected, so what was made with it must stay. `taken`: by a FIp that is
 * rejected and keeps it.
 */
export type EipLookup =
  | { readonly eip: HeldEip; readonly isGone: boolean }
  | { readonly missing: 'not-found' | 'unusable' | 'held' }
  | { readonly missing: 'taken'; readonly by: string };

/**
 * The EIPs of one namespace. Written ones are all known from the start, since they hold an address whether or not
 * somebody uses them; those for Services and FIps that name none are made on demand, under a name that follows from
 * their maker's.
 */
export class EipBook {
  readonly #namespace: string;
  readonly #egress: EgressSeed;
  /** Of the VPC. */
  readonly #families: readonly Family[];
  readonly #run: UnitRun;
  /** What rejected objects go on answering on. */
  readonly #uses: readonly AddressUse[];
  readonly #eips = new Map<string, HeldEip | undefined>();
  /** Objects that keep what they made with an EIP, by its name. */
  readonly #keepers = new Map<string, readonly string[]>();
  /** Names of EIPs that are written no more, but used. */
  readonly #gone = new Set<string>();

  /** `wanted`: the families of the VPC. `uses`: what rejected objects go on answering on. */
  constructor(
    namespace: string,
    egress: EgressSeed,
    wanted: readonly Family[],
    uses: readonly AddressUse[],
    run: UnitRun,
  ) {
    this.#namespace = namespace;
    this.#egress = egress;
    this.#families = wanted;
    this.#run = run;
    this.#uses = uses;
    this.#put(defaultGatewayEIpName, egress.network, egress.addresses);
    for (const eip of run.context.inventory.inNamespace('EIp', namespace)) {
      if (eip.metadata.name !== defaultGatewayEIpName) this.#write(eip);
    }
    for (const { name, maker } of heldNames(namespace, run.context.inventory)) {
      this.#keep(name);
      if (maker !== undefined && this.#eips.has(name)) this.#keepers.set(name, [maker]);
    }
    for (const name of usedNames(namespace, uses)) this.#keepGone(name);
  }

  /**
   * EIP by the name that `user`, the object key of a Service or FIp, gives. One that is written no more is its users'
   * until the last of them goes: an address is not released from under the rows that have it.
   */
  find(name: string, user: string): EipLookup {
    const { inventory } = this.#run.context;
    if (inventory.isInvalid(this.#key(name))) {
      this.#keepers.set(name, [...(this.#keepers.get(name) ?? []), user]);
      this.#run.heldSources.add(user);
      return { missing: 'held' };
    }
    const by = this.keepers(name).find((keeper) => keeper.startsWith('FIp/') && inventory.isInvalid(keeper));
    if (by !== undefined) return { missing: 'taken', by };
    this.#keepGone(name);
    if (!this.#eips.has(name)) return { missing: 'not-found' };
    const eip = this.#eips.get(name);
    if (eip === undefined) return { missing: 'unusable' };
    const isGone = this.#gone.has(name);
    if (isGone && eip.addresses.length === 0) this.#run.heldSources.add(user);
    return { eip, isGone };
  }

  /** Object keys of Services and FIps that keep what they made with an EIP, although they cannot be looked at now. */
  keepers(name: string): readonly string[] {
    const users = usersOf(this.#eips.get(name)?.addresses ?? [], this.#uses);
    return [...new Set([...(this.#keepers.get(name) ?? []), ...users])];
  }

  /** Every EIP, also those that cannot be had. */
  all(): NamedEip[] {
    return [...this.#eips].map(([name, eip]) => ({ name, key: this.#key(name), eip }));
  }

  /** Every EIP that has an address, the default one first, then by age, then those made on demand. */
  held(): HeldEip[] {
    return [...this.#eips.values()].flatMap((eip) =>
      eip === undefined || eip.addresses.length === 0 ? [] : [eip],
    );
  }

  /**
   * The EIP `{prefix}-{name}` that is made for an object which names none: where it has its addresses already, else on a
   * network of that type, with addresses of those families alone that its maker can use. Undefined: there is no such
   * network.
   */
  make({ name, type, wanted }: EipWish, author: WishAuthor, maker: Claimant): HeldEip | undefined {
    const known = this.#eips.get(name);
    if (known !== undefined) return known;
    const holder = this.#key(name);
    const recorded = this.#run.recorded(holder);
    const home = homeOf(recorded, this.#run.context);
    const network = home?.network ?? this.#network(type, recorded, author);
    if (network === undefined) return undefined;
    const usable = this.#families.filter((family) => wanted?.includes(family) ?? true);
    const pools = networkPools(network, usable, this.#run.context);
    if (pools.length === 0) this.#run.report(noSharedFamily(network, author, wanted));
    const addresses = this.#run.addresses(pools, { holder, order: claimOrder(2, maker) }, author);
    return this.#put(name, network, addresses);
  }

  /** One that is written no more, and that nobody makes, stays while it is in use. */
  #keepGone(name: string): void {
    if (this.#eips.has(name) || isMadeFor(name, this.#namespace, this.#run.context.inventory)) return;
    this.#keep(name);
    if (this.#eips.has(name)) this.#gone.add(name);
  }

  /** An address that an object had before it was rejected, or its EIp before it was removed, stays its own. */
  #keep(name: string): void {
    const holder = this.#key(name);
    const recorded = this.#run.recorded(holder);
    if (this.#eips.has(name) || recorded.length === 0) return;
    const { addresses, network: own } = this.#egress;
    if (sharesAddress(addresses, recorded)) {
      this.#put(name, own, addresses);
      return;
    }
    const home = homeOf(recorded, this.#run.context);
    if (home === undefined) return;
    if (home.network === undefined) {
      blockHomeless(recorded, home.keys, { object: holder, path: '' }, this.#run);
      return;
    }
    const { network } = home;
    const pools = networkPools(
      network,
      recorded.map(({ family }) => family),
      this.#run.context,
    );
    const wish = { holder, order: `2  ${holder}` };
    this.#put(name, network, this.#run.addresses(pools, wish, { object: holder, path: '' }));
  }

  #write(eip: EIp): void {
    const { name } = eip.metadata;
    const { childRef, externalNetworkType } = eip.spec;
    const type = externalNetworkType ?? this.#run.context.config.defaultEIpNetworkType;
    if (childRef !== undefined) {
      this.#adopt(eip, childRef);
      return;
    }
    const author = { object: objectKey(eip), path: 'spec.externalNetworkType' };
    const ledger = this.#run.recorded(this.#key(name));
    const recorded = ledger.length > 0 ? ledger : (parseAddressList(eip.status.ipAddress ?? '') ?? []);
    const network = this.#network(type, recorded, author);
    if (network === undefined) this.#eips.set(name, undefined);
    else this.#put(name, network, this.#addresses(eip, network));
  }

  /** `childRef` names the router's own address, `{vpc}-{network}`: the same one as `default-gw`. */
  #adopt(eip: EIp, childRef: string): void {
    const known = `${this.#namespace}-${this.#egress.network.metadata.name}`;
    if (childRef === known) {
      this.#put(eip.metadata.name, this.#egress.network, this.#egress.addresses);
      return;
    }
    this.#eips.set(eip.metadata.name, undefined);
    this.#run.report({
      code: 'NotFound',
      object: objectKey(eip),
      path: 'spec.childRef',
      message: `there is no address named ${childRef}`,
      hint: `the only one that can be adopted here is ${known}`,
    });
  }

  #addresses(eip: EIp, network: ExternalNetwork): readonly Address[] {
    const requested = parseAddressList(eip.spec.ipAddress ?? '') ?? [];
    const recorded = parseAddressList(eip.status.ipAddress ?? '') ?? [];
    const shared = sharedFamilies(network, this.#families);
    const author = { object: objectKey(eip), path: requested.length === 0 ? 'spec' : 'spec.ipAddress' };
    reportUnshared(requested, network, shared, author, this.#run);
    if (shared.length === 0 && requested.length === 0) this.#run.report(noSharedFamily(network, author));
    const wish = { holder: author.object, order: claimOrder(2, eip), requested, recorded };
    return this.#run.addresses(networkPools(network, shared, this.#run.context), wish, author);
  }

  /**
   * The network of a type; of none: the one that the VPC leaves by. What has an address already stays where it is, if
   * the type allows it. Reports a type that no network has.
   */
  #network(
    type: string | undefined,
    recorded: readonly Address[],
    author: WishAuthor,
  ): ExternalNetwork | undefined {
    const own = this.#egress.network;
    const wanted = type ?? own.spec.type;
    const newcomers = wanted === own.spec.type ? own : networkOfType(wanted, this.#run.context);
    const network = networkFor(wanted, recorded, newcomers, author, this.#run);
    if (network === undefined && !this.#run.isBlocked) this.#run.report(noSuchNetwork(wanted, author));
    return network;
  }

  #put(name: string, network: ExternalNetwork, addresses: readonly Address[]): HeldEip {
    const eip = { name, network, holder: this.#key(name), addresses };
    this.#eips.set(name, eip);
    this.#run.hold(eip.holder, addresses);
    return eip;
  }

  #key(name: string): string {
    return formatObjectKey('EIp', this.#namespace, name);
  }
}

/** Kinds that have an EIP made, with what its name starts with. */
const makers = { Service: 'slb-', FIp: 'fip-' } as const;

/** EIPs that rejected objects of the namespace may hold: EIps themselves, and those made for a `maker`. */
function heldNames(
  namespace: string,
  inventory: Inventory,
): { readonly name: string; readonly maker: string | undefined }[] {
  const kinds = [['EIp', ''] as const, ['FIp', makers.FIp] as const, ['Service', makers.Service] as const];
  return kinds.flatMap(([kind, prefix]) =>
    inventory.invalidIn(kind, namespace).map((key) => ({
      name: `${prefix}${key.slice(key.lastIndexOf('/') + 1)}`,
      maker: kind === 'EIp' ? undefined : key,
    })),
  );
}

/** EIPs of the namespace that rejected objects go on answering on, as the ledger names them. */
function usedNames(namespace: string, uses: readonly AddressUse[]): readonly string[] {
  const prefix = formatObjectKey('EIp', namespace, '');
  return uses.flatMap(({ holder }) =>
    holder?.startsWith(prefix) === true ? [holder.slice(prefix.length)] : [],
  );
}

/** Whether a name is that of an EIP which is made for an object of the namespace. */
function isMadeFor(name: string, namespace: string, inventory: Inventory): boolean {
  return Object.entries(makers).some(
    ([kind, prefix]) =>
      name.startsWith(prefix) &&
      inventory.get(`${kind}/${namespace}/${name.slice(prefix.length)}`) !== undefined,
  );
}

function noSuchNetwork(type: string, author: WishAuthor): Problem {
  return {
    ...author,
    code: 'NotFound',
    message: `there is no usable ExternalNetwork of type ${type}`,
    hint: `create one with spec.type: ${type}, or use a type that exists`,
  };
}
