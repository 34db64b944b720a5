// Configuration of one instance: its type and its defaults.

/** What an operator may set. Every field has a default, so an empty file is a valid one. */
export interface Config {
  /** Mark on every row of this instance; two instances on one database need different ones. */
  readonly owner: string;
  /** Blocks for projects that name no cidrBlock. */
  readonly projectRange: {
    readonly cidr: string;
    /** Length of each block, for example 24. */
    readonly prefixLength: number;
    /** Ranges inside `cidr` that are never given out. */
    readonly exclude: readonly string[];
  };
  /** Type of the network that a project leaves by when it does not say. */
  readonly defaultEgressNetworkType: 'cloud' | 'public';
  /** Types for objects that name none; undefined: the type of the network that their project leaves by. */
  readonly defaultEIpNetworkType: string | undefined;
  readonly defaultFIpNetworkType: string | undefined;
  readonly defaultServiceNetworkType: string | undefined;
  /** Ranges that no network of ours may overlap: nodes, services, what another network owns on these hosts. */
  readonly reservedRanges: readonly { readonly name: string; readonly cidr: string }[];
  /** True when OVN-Kubernetes runs on the same hosts: its join and masquerade ranges are reserved as well. */
  readonly sharedHost: boolean;
  /** Name of the Vpc of the platform itself, which is never taken for a project's. */
  readonly managementVpc: string;
  /** System-ids of the chassis that may host gateway ports, for when there is no Southbound database to ask. */
  readonly gatewayChassis: readonly string[];
  /** Largest IP packet inside a VPC, in bytes. */
  readonly mtu: number;
  /** A plan that deletes more than `minimum` rows and more than `fraction` of what is owned is refused. */
  readonly deletionBrake: { readonly fraction: number; readonly minimum: number };
  /** Routers on one external network from which on it is warned: each broadcast reaches all of them. */
  readonly routerLimitPerNetwork: number;
}
