// The names of rows (DESIGN §5): a contract with operators, who grep for them.
import { nameDigest } from './identity.ts';

/** Logical_Router of a VPC, for example `shalb-demo`. */
export const routerName = (vpc: string): string => vpc;

/** The extra Logical_Router of a VPC for an external network that is not its default: `shalb-demo.ext-public`. */
export const edgeRouterName = (vpc: string, externalNetwork: string): string => `${vpc}.${externalNetwork}`;

/** Logical_Router_Port: `shalb-demo-ext-cloud`. */
export const routerPortName = (router: string, switch_: string): string => `${router}-${switch_}`;

/** Logical_Router_Port of a VPC's router that faces the router of another one: `core.peer.lab`; its peer is `lab.peer.core`. */
export const peeringPortName = (vpc: string, peer: string): string => `${vpc}.peer.${peer}`;

/** The Logical_Switch_Port of type `router` that is the peer of {@link routerPortName}: `ext-cloud-shalb-demo`. */
export const switchPortName = (switch_: string, router: string): string => `${switch_}-${router}`;

/** The Logical_Switch_Port of type `localnet` of an external network: `localnet.ext-cloud`. */
export const localnetPortName = (externalNetwork: string): string => `localnet.${externalNetwork}`;

/** Logical_Switch_Port of a pod: `nginx-0.shalb-demo`. */
export const workloadPortName = (pod: string, namespace: string): string => `${pod}.${namespace}`;

/** A protocol that a Load_Balancer can have. */
export type LoadBalancerProtocol = 'tcp' | 'udp' | 'sctp';

/** Load_Balancer of a Service of type LoadBalancer: `shalb-demo-nginx-tcp`. */
export const loadBalancerName = (
  namespace: string,
  service: string,
  protocol: LoadBalancerProtocol,
): string => `${namespace}-${service}-${protocol}`;

/** Load_Balancer of a Service's ClusterIP inside a VPC: `shalb-demo-nginx-clusterip-tcp`. */
export const clusterIpLoadBalancerName = (
  namespace: string,
  service: string,
  protocol: LoadBalancerProtocol,
): string => `${namespace}-${service}-clusterip-${protocol}`;

/**
 * Load_Balancer_Group of a unit: `vpc/shalb-demo/clusterip`. The table has no `external_ids`: the name is also the row's
 * id, and tells its unit. `purpose` has no slash.
 */
export const loadBalancerGroupName = (unit: string, purpose: string): string => `${unit}/${purpose}`;

/** HA_Chassis_Group of a gateway port: `shalb-demo-ext-cloud`. */
export const gatewayGroupName = (router: string, externalNetwork: string): string =>
  `${router}-${externalNetwork}`;

/**
 * ACL of a subnet's rule, as it is in ovn-controller's log: `shalb-demo-default/no-telnet`. What is longer than the 63
 * characters of ovn-nb(5) ACL:name ends with a hash. Both parts are DNS labels: northd does not quote what it is given.
 */
export function subnetRuleName(subnet: string, rule: string): string {
  const name = `${subnet}/${rule}`;
  return name.length <= 63 ? name : `${name.slice(0, 54)}~${nameDigest(name)}`;
}

/** Meter of what a subnet's rules log: `shalb-demo-default/log/10`. */
export const logMeterName = (subnet: string, linesPerSecond: number): string =>
  `${subnet}/log/${linesPerSecond}`;
