// What `show` tells: the networks as a person thinks of them, read back from rows.

/** Everything that is ours in one NB, sorted by name. */
export interface NetworkView {
  readonly externalNetworks: readonly ExternalNetworkView[];
  readonly underlays: readonly UnderlayView[];
  readonly vpcs: readonly VpcView[];
}

export interface ExternalNetworkView {
  readonly name: string;
  /** Object key, for example `ExternalNetwork/ext-cloud`. */
  readonly source: string;
  readonly physicalNetwork: string;
  /** Undefined: untagged. */
  readonly vlan: number | undefined;
  /** `100.65.0.0/16`, or `100.65.0.0/16,2001:db8:65::/64`; undefined while no router has a port on it. */
  readonly range: string | undefined;
  /** Sorted by address. */
  readonly addresses: readonly AddressUse[];
}

/** A Subnet that is a VLAN. Its range is in no row. */
export interface UnderlayView extends Pick<
  ExternalNetworkView,
  'name' | 'source' | 'physicalNetwork' | 'vlan'
> {
  /** Sorted by name. */
  readonly workloads: readonly WorkloadView[];
}

/** One external address, with whatever it serves. */
export interface AddressUse {
  readonly address: string;
  readonly vpc: string;
  /** `EIp/shalb-demo/ssh-arti`; undefined when nobody holds it in the ledger. */
  readonly holder: string | undefined;
  /** `router`, `SNAT`, `floating IP of 10.0.10.171`, `tcp 80, 443`; empty: held and unused. */
  readonly uses: readonly string[];
}

export interface VpcView {
  readonly name: string;
  /** `Project/shalb/demo` or `Vpc/ovn-cluster`. */
  readonly source: string;
  readonly owner: string;
  readonly gateway: GatewayView | undefined;
  /** Ways out beside the default one, by network. */
  readonly furtherGateways: readonly GatewayView[];
  readonly subnets: readonly SubnetView[];
  readonly workloads: readonly WorkloadView[];
  readonly snat: readonly { readonly from: string; readonly to: string }[];
  readonly floatingIps: readonly FloatingIpView[];
  /** Reached from outside. */
  readonly loadBalancers: readonly LoadBalancerView[];
  /** ClusterIPs: reached from inside alone. */
  readonly clusterIps: readonly LoadBalancerView[];
  readonly eips: readonly HeldEIpView[];
  /** Routes beside the default one, and policy routes by falling priority. */
  readonly routes: readonly string[];
}

export interface GatewayView {
  readonly network: string;
  /** `100.65.0.102`, or of both families `100.65.0.102,2001:db8:65::102`; so too below. */
  readonly address: string;
  readonly nextHop: string | undefined;
  /** Most preferred first; empty: no chassis is known, so nothing leaves. */
  readonly chassis: readonly string[];
}

export interface SubnetView {
  readonly name: string;
  readonly source: string;
  readonly range: string;
  readonly gateway: string;
  readonly workloads: number;
}

export interface WorkloadView {
  /** `nginx-0.shalb-demo`, which is the port's name. */
  readonly name: string;
  readonly address: string;
  readonly mac: string;
  readonly subnet: string;
  /** Whether a hypervisor has plugged the port in. */
  readonly up: boolean;
}

export interface FloatingIpView {
  readonly external: string;
  readonly internal: string;
  readonly source: string;
  /** True: translated on the workload's own node; false: on the gateway chassis. */
  readonly distributed: boolean;
}

export interface LoadBalancerView {
  readonly name: string;
  readonly source: string;
  readonly protocol: string;
  readonly vips: readonly { readonly vip: string; readonly backends: readonly string[] }[];
}

export interface HeldEIpView {
  readonly holder: string;
  readonly address: string;
  readonly used: boolean;
}
