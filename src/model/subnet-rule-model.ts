// Rules of a subnet: where they are written, and as the compiler takes them.
import type { SubnetAcl } from '../api/subnet-acl.ts';
import type { Family, Prefix } from '../net/address.ts';
import type { PolicyDirection, PortsModel } from './policy-model.ts';

/** The rules of a subnet as somebody wrote them. */
export interface WrittenRules {
  readonly acls: readonly SubnetAcl[];
  /** `spec.acls` */
  readonly path: string;
}

/** One rule for the workloads of a subnet. Connections are judged with the address that a load balancer has chosen. */
export interface SubnetRuleModel {
  /** Unique in the subnet: a DNS label. */
  readonly name: string;
  /** As seen from the workloads. */
  readonly direction: PolicyDirection;
  /** `allow` and `reject` know connections: replies pass always. */
  readonly action: SubnetRuleAction;
  /** 0 to 1000, the highest that matches decides; of equal ones `drop`, `reject`, `allow`, `allow-stateless`. */
  readonly priority: number;
  /** Families of the subnet in which there are packets that it matches, IPv4 first. */
  readonly families: readonly Family[];
  /** Undefined: every IP packet. */
  readonly protocol: 'icmp' | PortsModel | undefined;
  /** Empty: everybody. Of a family of `families`, there is one of that family or none at all. */
  readonly from: readonly Prefix[];
  /** As `from`. */
  readonly to: readonly Prefix[];
  /** Undefined: nothing is logged. */
  readonly log: SubnetRuleLog | undefined;
  /** In words, without the verb: `ingress tcp 23, 8000-8100 from 10.0.0.0/8`. */
  readonly text: string;
}

export type SubnetRuleAction = 'allow' | 'allow-stateless' | 'drop' | 'reject';

export interface SubnetRuleLog {
  readonly severity: 'alert' | 'warning' | 'notice' | 'info' | 'debug';
  /** 1 to 1000, of each rule on each node. */
  readonly linesPerSecond: number;
}
