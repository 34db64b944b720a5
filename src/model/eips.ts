// The EIPs of a VPC: which there are, which address each has, and who uses it.
import { formatObjectKey, objectKey } from '../api/api-object.ts';
import { defaultGatewayEIpName } from '../api/eip.ts';
import type { EIp } from '../api/eip.ts';
import type { Problem } from '../base/problem.ts';
import { parseAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import type { Inventory } from './inventory.ts';
import { networkOfType, networkPool } from './network.ts';
import type { UnitRun, WishAuthor } from './unit-run.ts';
import { claimOrder } from './vpc-root.ts';
import type { Claimant, EgressSeed } from './vpc-root.ts';

/** One address that the VPC holds on its default external network. */
export interface HeldEip {
  readonly name: string;
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
    this.#put(defaultGatewayEIpName, egress.address);
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

  /** The EIP `{prefix}-{name}` that is made for an object which names none; undefined: its network is another one. */
  make(name: string, type: string | undefined, author: WishAuthor, maker: Claimant): HeldEip | undefined {
    const known = this.#eips.get(name);
    if (known !== undefined) return known;
    if (!this.#isReachable(type, author)) return undefined;
    const holder = this.#key(name);
    const address = this.#run.address(
      networkPool(this.#egress.network),
      { holder, order: claimOrder(2, maker) },
      author,
    );
    return this.#put(name, address);
  }

  /** An address that an object had before it was rejected stays its own. */
  #keep(name: string): void {
    const holder = this.#key(name);
    if (this.#eips.has(name) || this.#run.context.addresses.recorded(holder) === undefined) return;
    const address = this.#run.address(
      networkPool(this.#egress.network),
      { holder, order: `2  ${holder}` },
      { object: holder, path: '' },
    );
    this.#put(name, address);
  }

  #write(eip: EIp): void {
    const { name } = eip.metadata;
    const { childRef, externalNetworkType } = eip.spec;
    const type = externalNetworkType ?? this.#run.context.config.defaultEIpNetworkType;
    if (childRef !== undefined) this.#adopt(eip, childRef);
    else if (!this.#isReachable(type, { object: objectKey(eip), path: 'spec.externalNetworkType' }))
      this.#eips.set(name, undefined);
    else this.#put(name, this.#address(eip));
  }

  /** `childRef` names the router's own address, `{vpc}-{network}`: the same one as `default-gw`. */
  #adopt(eip: EIp, childRef: string): void {
    const known = `${this.#namespace}-${this.#egress.network.metadata.name}`;
    if (childRef === known) {
      this.#put(eip.metadata.name, this.#egress.address);
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

  #address(eip: EIp): Address | undefined {
    const requested = parseAddress(eip.spec.ipAddress ?? '');
    const recorded = parseAddress(eip.status.ipAddress ?? '');
    return this.#run.address(
      networkPool(this.#egress.network),
      {
        holder: objectKey(eip),
        order: claimOrder(2, eip),
        ...(requested !== undefined && { requested }),
        ...(recorded !== undefined && { recorded }),
      },
      { object: objectKey(eip), path: requested === undefined ? 'spec' : 'spec.ipAddress' },
    );
  }

  /** Reports a network other than the one that the VPC leaves by. */
  #isReachable(type: string | undefined, author: WishAuthor): boolean {
    const own = this.#egress.network;
    if (type === undefined || type === own.spec.type) return true;
    const network = networkOfType(type, this.#run.context);
    this.#run.report(
      network === undefined ? noSuchNetwork(type, author) : secondNetwork(type, own.metadata.name, author),
    );
    return false;
  }

  #put(name: string, address: Address | undefined): HeldEip {
    const eip = { name, holder: this.#key(name), address };
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

function secondNetwork(type: string, own: string, author: WishAuthor): Problem {
  return {
    ...author,
    code: 'SecondaryNetworkUnsupported',
    message: `type ${type} is another external network than ${own}, by which this VPC leaves; a second one is not supported yet`,
    hint: `use an address of ${own}, or a project whose egressNetworkType is ${type}`,
  };
}
