// The network that is meant: what the compiler turns into rows. It knows VPCs, subnets and addresses, not projects.
import type { PoliciesModel } from './policy-model.ts';
import type { SubnetRuleModel } from './subnet-rule-model.ts';
import type { Address, Family, Prefix } from '../net/address.ts';

/** One isolated routing domain: a router with its subnets and, if it has one, its way out. */
export interface VpcModel {
  readonly kind: 'vpc';
  /** `vpc/{name}`. */
  readonly unit: string;
  /** Name of the router: the backing namespace of a project, or the name of a Vpc. */
  readonly name: string;
  /** Object key of the Project or Vpc. */
  readonly source: string;
  readonly subnets: readonly SubnetModel[];
  readonly gateway: GatewayModel | undefined;
  /** Ways out beside the default one, one per further external network on which the VPC holds an address. */
  readonly edges: readonly EdgeModel[];
  readonly staticRoutes: readonly StaticRouteModel[];
  readonly policyRoutes: readonly PolicyRouteModel[];
  readonly peerings: readonly PeeringModel[];
  readonly floatingIps: readonly FloatingIpModel[];
  readonly loadBalancers: readonly LoadBalancerModel[];
  /** One per project that is isolated. */
  readonly isolations: readonly IsolationModel[];
  /** What keeps the subnets of projects apart from the others, one per subnet that is walled. */
  readonly walls: readonly WallModel[];
  /** Services by their ClusterIP, which workloads of the VPC alone can reach; undefined: no Service can be here. */
  readonly clusterIps: readonly LoadBalancerModel[] | undefined;
  /** Names that are answered inside the VPC: lower case → addresses, sorted. */
  readonly names: ReadonlyMap<string, readonly Address[]>;
  readonly policies: PoliciesModel;
  /** Every address and block that objects of this VPC hold: the durable record (DESIGN §5, "EIP ledger"). */
  readonly ledger: readonly LedgerEntry[];
}

/** Name of a namespaced object, from which the names of its rows follow. */
export interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

/** One switch and its port on the router. */
export interface SubnetModel {
  readonly name: string;
  readonly source: string;
  /** At most one per family, IPv4 first. */
  readonly ranges: readonly SubnetRange[];
  /** Undefined: connections out of this subnet leave by the VPC's default network under their own addresses. */
  readonly egress: SubnetEgress | undefined;
  /** What OVN tells workloads by DHCP and router advertisements; undefined: nothing. */
  readonly dhcp: DhcpModel | undefined;
  readonly ports: readonly WorkloadPortModel[];
  /** For all of them, whatever NetworkPolicies say; by falling priority. */
  readonly rules: readonly SubnetRuleModel[];
}

/** How connections out of a subnet leave, other than those of floating IPs. */
export interface SubnetEgress {
  /** Name of the external network: that of the VPC's gateway, or that of one of its edges. */
  readonly network: string;
  /** What they are translated to there: at most one per family, IPv4 first. A family that is missing is not translated. */
  readonly addresses: readonly Address[];
}

/** What a subnet is in one family. */
export interface SubnetRange {
  readonly prefix: Prefix;
  /** The router port's address. */
  readonly gateway: Address;
}

/** What a DHCP reply or router advertisement says beside address and router, which follow from port and subnet. */
export interface DhcpModel {
  readonly leaseSeconds: number;
  /** Undefined: that of the port. */
  readonly mtuBytes: number | undefined;
  /** Of either family; empty: none. */
  readonly dnsServers: readonly Address[];
  /** Domains in which names without a dot are looked up, in this order; empty: none. */
  readonly searchDomains: readonly string[];
}

/** The port of one workload, plugged in by whoever starts it under the name `{pod}.{namespace}`. */
export interface WorkloadPortModel {
  /** The pod that the port is named after; of a virtual machine that has moved, its first. */
  readonly workload: ObjectName;
  /** The pods that plug into it, the oldest first: one, and while a virtual machine moves two. */
  readonly pods: readonly ObjectName[];
  /**
   * Chassis on which the port may be bound, where the workload runs first; empty: wherever it is plugged in. Several
   * while a virtual machine moves.
   */
  readonly chassis: readonly string[];
  readonly source: string;
  readonly mac: string;
  /** At most one per family, IPv4 first; at least one. */
  readonly addresses: readonly Address[];
  /** What the workload is called in DHCP replies: a DNS label. */
  readonly hostname: string;
}

/** The router's port on its default external network. */
export interface GatewayModel {
  /** Name of the external network, which is the name of its switch. */
  readonly network: string;
  readonly source: string;
  /** At most one per family, IPv4 first; at least one. */
  readonly ranges: readonly GatewayRange[];
  /** Largest IP packet, where the external network takes smaller ones than the VPC; undefined: it takes all. */
  readonly mtuBytes: number | undefined;
  /** Chassis that may host the port, the most preferred first; at most five. Empty: none is known. */
  readonly chassis: readonly string[];
}

/** A router's address on an external network, of one family. */
export interface GatewayRange {
  readonly address: Address;
  readonly prefixLength: number;
  /** The external network's own gateway. */
  readonly nextHop: Address;
}

/**
 * An extra router for one external network that is not the VPC's default one: a router has one distributed gateway
 * port, since OVN before 25.03 ignores load balancers on a router with two (DESIGN §5).
 */
export interface EdgeModel {
  /** Its addresses on that network are of the VPC's EIPs there, or (if all of those are floating IPs) of its own. */
  readonly gateway: GatewayModel;
  /** Marks connections that came in here, so that their replies leave here: 1 to 65535, unique in the VPC. */
  readonly label: number;
  /** Its ports on the VPC's subnets, at the end of their ranges. */
  readonly ports: readonly EdgePortModel[];
  readonly floatingIps: readonly FloatingIpModel[];
  readonly loadBalancers: readonly LoadBalancerModel[];
}

export interface EdgePortModel {
  readonly subnet: string;
  /** At most one per family, IPv4 first; at least one. */
  readonly ranges: readonly PortRange[];
}

/** An address of a router's port, with the length of the range that it is in. */
export interface PortRange {
  readonly address: Address;
  readonly prefixLength: number;
}

/** Who inside the VPC may begin no connection to the workloads of a subnet. Replies pass always. */
export interface WallModel {
  readonly subnet: string;
  readonly source: string;
  /** Ranges of other subnets, IPv4 first, sorted; at least one. */
  readonly forbiddenSources: readonly Prefix[];
}

/** With whom on external networks workloads may not begin a connection, or be called by. Replies pass always. */
export interface IsolationModel {
  /** Unique among all projects: its sets are named after it. */
  readonly name: string;
  readonly source: string;
  readonly subnet: string;
  /** Its own addresses outside; `ledger`: all those of the VPC. */
  readonly own: 'ledger' | readonly Prefix[];
  /** Undefined: they may begin any. */
  readonly egress: EgressIsolation | undefined;
  /** IPv4 first; empty: everybody may call. */
  readonly forbiddenSources: readonly Prefix[];
}

/** What these networks give to projects is forbidden but for the project's own EIPs, and for what is allowed. */
export interface EgressIsolation {
  readonly networks: readonly { readonly name: string; readonly families: readonly Family[] }[];
  readonly allowed: readonly Prefix[];
}

/** A link to the router of another Vpc, by which packets between these ranges pass, and no others. */
export interface PeeringModel {
  /** Name of the other Vpc. */
  readonly peer: string;
  /** Its object key. */
  readonly source: string;
  /** Addresses of both ends of the link, of IPv4 whatever passes. */
  readonly own: Address;
  readonly other: Address;
  readonly localPrefixes: readonly Prefix[];
  readonly remotePrefixes: readonly Prefix[];
}

export interface StaticRouteModel {
  readonly prefix: Prefix;
  readonly nextHop: Address;
  readonly policy: 'dst-ip' | 'src-ip';
  readonly source: string;
}

export interface PolicyRouteModel {
  readonly priority: number;
  readonly sourcePrefix: Prefix | undefined;
  readonly destinationPrefix: Prefix | undefined;
  readonly action: 'allow' | 'drop' | 'reroute';
  readonly nextHops: readonly Address[];
  readonly source: string;
}

/** 1:1 NAT between an external and an internal address. */
export interface FloatingIpModel {
  readonly source: string;
  readonly external: Address;
  readonly internal: Address;
  /** Set when the target's port is known and up: the NAT then happens on the workload's own node. */
  readonly distributed: { readonly workload: ObjectName; readonly mac: string } | undefined;
  /** Set when the target is a virtual machine. */
  readonly targetInterface: TargetInterface | undefined;
}

/** An interface of a virtual machine, called as the FIp calls it, or as the machine does where the FIp does not. */
export interface TargetInterface {
  readonly name: string;
  readonly mac: string | undefined;
}

export type LoadBalancerProtocol = 'tcp' | 'udp' | 'sctp';

/** One Service and protocol. */
export interface LoadBalancerModel {
  readonly service: ObjectName;
  readonly source: string;
  readonly protocol: LoadBalancerProtocol;
  readonly vips: readonly VipModel[];
  /** Seconds that a client stays with its backend; undefined: no affinity. */
  readonly affinityTimeoutSeconds: number | undefined;
  /** Only these prefixes may connect from outside the VPC; empty: everybody. */
  readonly allowedSources: readonly Prefix[];
}

export interface VipModel {
  readonly address: Address;
  readonly port: number;
  /** Sorted. Empty: connections are refused at once. */
  readonly backends: readonly { readonly address: Address; readonly port: number }[];
}

/**
 * One line of the ledger. `value` is an address (`100.65.0.102`) or, for a block, a prefix (`10.0.10.0/24`); of both
 * families IPv4 first with a comma between (`100.65.0.102,2001:db8:65::102`).
 */
export interface LedgerEntry {
  readonly holder: string;
  readonly kind: 'eip' | 'block' | 'port';
  readonly value: string;
}

/** A switch that is one physical VLAN. */
export interface ExternalNetworkModel {
  readonly kind: 'network';
  /** `network/{name}`. */
  readonly unit: string;
  readonly name: string;
  readonly source: string;
  readonly physicalNetwork: string;
  /** 1 to 4094; undefined: untagged. */
  readonly vlan: number | undefined;
  /** What may be addressed on it: packets from outside for anything else go no further. */
  readonly prefixes: readonly Prefix[];
  /** What of it is given to projects, IPv4 first. */
  readonly pool: readonly Prefix[];
}

/** A switch that is one physical VLAN, with workloads on it. Nothing of ours routes, translates or balances there. */
export interface UnderlayModel extends Pick<
  ExternalNetworkModel,
  'name' | 'source' | 'physicalNetwork' | 'vlan'
> {
  readonly kind: 'underlay';
  /** `underlay/{name}`. */
  readonly unit: string;
  /** At most one per family, IPv4 first; their gateways are the physical router's addresses. */
  readonly ranges: readonly SubnetRange[];
  /** Undefined: questions by DHCP go out to the VLAN. */
  readonly dhcp: DhcpModel | undefined;
  readonly ports: readonly WorkloadPortModel[];
  readonly rules: readonly SubnetRuleModel[];
  readonly policies: PoliciesModel;
  /** Addresses of virtual machines. */
  readonly ledger: readonly LedgerEntry[];
}

export type UnitModel = VpcModel | ExternalNetworkModel | UnderlayModel;
