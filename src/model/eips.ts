// The EIPs of a VPC: which there are, which address each has, and who uses it.
import { formatObjectKey, objectKey } from '../api/api-object.ts';
import { defaultGatewayEIpName } from '../api/eip.ts';
import type { EIp } from '../api/eip.ts';
import type { ExternalNetwork } from '../api/external-network.ts';
import type { Problem } from '../base/problem.ts';
import { parseAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import { prefixContains } from '../net/prefix.ts';
import type { Inventory } from './inventory.ts';
import { networkOfType, networkPool, networkPrefix } from './network.ts';
import type { UnitRun, WishAuthor } from './unit-run.ts';
import { claimOrder } from './vpc-root.ts';
import type { Claimant, EgressSeed } from './vpc-root.ts';

/** One address that the VPC holds on an external network. */
export interface HeldEip {
  readonly name: string;
  readonly network: ExternalNetwork;
  /** Object key, also of an EIP that no object was written for. */
  readonly holder: string;
  /** Undefined: undecided, or refused (reported). */
  readonly address: Address | undefined;
}

/** Why an EIP cannot be had at all. `held`: it is written but rejected, so what it made must stay. */
export type EipLookup = { readonly eip: HeldEip } | { readonly missing: 'not-found' | 'unusable' | 'held' };

/**
 * The EIPs of one namespace. Written ones are all known from the start, since they hold an address whether or not
 * somebody uses them; those for Services and FIps that name none are made on demand, under a name that follows from
 * their maker's.
 */
export class EipBook {
  readonly #namespace: string;
  readonly #egress: EgressSeed;
  readonly #run: UnitRun;
  readonly #eips = new Map<string, HeldEip | undefined>();

  constructor(namespace: string, egress: EgressSeed, run: UnitRun) {
    this.#namespace = namespace;
    this.#egress = egress;
    this.#run = run;
    this.#put(defaultGatewayEIpName, egress.network, egress.address);
    for (const eip of run.context.inventory.inNamespace('EIp', namespace)) {
      if (eip.metadata.name !== defaultGatewayEIpName) this.#write(eip);
    }
    for (const name of heldNames(namespace, run.context.inventory)) this.#keep(name);
  }

  /** EIP by the name that a Service or FIp gives. */
  find(name: string): EipLookup {
    const key = this.#key(name);
    if (this.#run.context.inventory.isInvalid(key)) return { missing: 'held' };
    if (!this.#eips.has(name)) return { missing: 'not-found' };
    const eip = this.#eips.get(name);
    return eip === undefined ? { missing: 'unusable' } : { eip };
  }

  /** Every EIP that has an address, the default one first, then by age, then those made on demand. */
  held(): HeldEip[] {
    return [...this.#eips.values()].flatMap((eip) => (eip?.address === undefined ? [] : [eip]));
  }

  /** The EIP `{prefix}-{name}` that is made for an object which names none; undefined: there is no such network. */
  make(name: string, type: string | undefined, author: WishAuthor, maker: Claimant): HeldEip | undefined {
    const known = this.#eips.get(name);
    if (known !== undefined) return known;
    const network = this.#network(type, author);
    if (network === undefined) return undefined;
    const request = { holder: this.#key(name), order: claimOrder(2, maker) };
    return this.#put(name, network, this.#run.address(networkPool(network), request, author));
  }

  /** An address that an object had before it was rejected stays its own. */
  #keep(name: string): void {
    const holder = this.#key(name);
    const recorded = parseAddress(this.#run.context.addresses.recorded(holder) ?? '');
    if (this.#eips.has(name) || recorded === undefined) return;
    const network = this.#run.context.inventory
      .networks()
      .find((candidate) => prefixContains(networkPrefix(candidate), recorded));
    if (network === undefined) return;
    const request = { holder, order: `2  ${holder}` };
    this.#put(name, network, this.#run.address(networkPool(network), request, { object: holder, path: '' }));
  }

  #write(eip: EIp): void {
    const { name } = eip.metadata;
    const { childRef, externalNetworkType } = eip.spec;
    const type = externalNetworkType ?? this.#run.context.config.defaultEIpNetworkType;
    if (childRef !== undefined) {
      this.#adopt(eip, childRef);
      return;
    }
    const network = this.#network(type, { object: objectKey(eip), path: 'spec.externalNetworkType' });
    if (network === undefined) this.#eips.set(name, undefined);
    else this.#put(name, network, this.#address(eip, network));
  }

  /** `childRef` names the router's own address, `{vpc}-{network}`: the same one as `default-gw`. */
  #adopt(eip: EIp, childRef: string): void {
    const known = `${this.#namespace}-${this.#egress.network.metadata.name}`;
    if (childRef === known) {
      this.#put(eip.metadata.name, this.#egress.network, this.#egress.address);
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

  #address(eip: EIp, network: ExternalNetwork): Address | undefined {
    const requested = parseAddress(eip.spec.ipAddress ?? '');
    const recorded = parseAddress(eip.status.ipAddress ?? '');
    return this.#run.address(
      networkPool(network),
      {
        holder: objectKey(eip),
        order: claimOrder(2, eip),
        ...(requested !== undefined && { requested }),
        ...(recorded !== undefined && { recorded }),
      },
      { object: objectKey(eip), path: requested === undefined ? 'spec' : 'spec.ipAddress' },
    );
  }

  /** The network of a type; of none: the one that the VPC leaves by. Reports a type that no network has. */
  #network(type: string | undefined, author: WishAuthor): ExternalNetwork | undefined {
    const own = this.#egress.network;
    if (type === undefined || type === own.spec.type) return own;
    const network = networkOfType(type, this.#run.context);
    if (network === undefined) this.#run.report(noSuchNetwork(type, author));
    return network;
  }

  #put(name: string, network: ExternalNetwork, address: Address | undefined): HeldEip {
    const eip = { name, network, holder: this.#key(name), address };
    this.#eips.set(name, eip);
    if (address !== undefined) this.#run.hold(eip.holder, address);
    return eip;
  }

  #key(name: string): string {
    return formatObjectKey('EIp', this.#namespace, name);
  }
}

/** Names of EIPs that rejected objects of the namespace may hold: EIps themselves, and those made for others. */
function heldNames(namespace: string, { invalidKeys }: Inventory): string[] {
  const prefixes: Readonly<Record<string, string>> = { EIp: '', Service: 'slb-', FIp: 'fip-' };
  return [...invalidKeys].flatMap((key) => {
    const [kind = '', place, name] = key.split('/');
    const prefix = prefixes[kind];
    return place === namespace && name !== undefined && prefix !== undefined ? [`${prefix}${name}`] : [];
  });
}

function noSuchNetwork(type: string, author: WishAuthor): Problem {
  return {
    ...author,
    code: 'NotFound',
    message: `there is no usable ExternalNetwork of type ${type}`,
    hint: `create one with spec.type: ${type}, or use a type that exists`,
  };
}
