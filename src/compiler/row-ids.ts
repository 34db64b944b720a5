// Symbolic row identities: what a row's uuid is derived from. Separators are '/', which no name can contain, so two
// different things never share an identity although their row names may look alike.

export const rowIds = {
  /** `name` of a VPC's own router or of one of its edges (`{vpc}.{network}`). */
  router: (name: string) => name,
  subnetSwitch: (subnet: string) => `subnet/${subnet}`,
  networkSwitch: (network: string) => `network/${network}`,
  localnetPort: (network: string) => `localnet/${network}`,
  underlaySwitch: (subnet: string) => `underlay/${subnet}`,
  underlayPort: (subnet: string) => `localnet/underlay/${subnet}`,
  wall: (network: string, family: 4 | 6) => `network/${network}/wall/ip${family}`,
  routerPort: (router: string, switch_: string) => `${router}/${switch_}`,
  peeringPort: (vpc: string, peer: string) => `${vpc}/peer/${peer}`,
  switchPort: (switch_: string, router: string) => `${switch_}/${router}`,
  workloadPort: (source: string) => source,
  gatewayGroup: (router: string, network: string) => `${router}/${network}`,
  gatewayChassis: (router: string, network: string, chassis: string) => `${router}/${network}/${chassis}`,
  route: (router: string, policy: string, prefix: string, nextHop: string) =>
    `${router}/${policy}/${prefix}/${nextHop}`,
  policy: (router: string, priority: number, match: string) => `${router}/${priority}/${match}`,
  snat: (router: string, external: string, logical: string) => `${router}/snat/${external}/${logical}`,
  floatingIp: (router: string, external: string, logical: string) =>
    `${router}/dnat_and_snat/${external}/${logical}`,
  loadBalancer: (source: string, protocol: string) => `${source}/${protocol}`,
  clusterIp: (source: string, protocol: string) => `${source}/clusterip/${protocol}`,
  /** `switchId`: of a subnet or an underlay. */
  dhcp: (switchId: string, family: 4 | 6) => (family === 4 ? switchId : `${switchId}/ip6`),
  names: (vpc: string) => vpc,
  sourceRange: (source: string, protocol: string, vip: string, verdict: 'allow' | 'drop') =>
    `${source}/${protocol}/${vip}/${verdict}`,
  /** What an external network gives to projects. */
  pool: (network: string, family: 4 | 6) => `pool/${network}/ip${family}`,
  isolationSet: (project: string, what: 'callers' | 'allowed' | 'own', family: 4 | 6) =>
    `isolation/${project}/${what}/ip${family}`,
  projectIsolation: (subnet: string, rule: string) => `${subnet}/isolation/${rule}`,
  /** Who may not call the workloads of a subnet, from others of its VPC. */
  neighbours: (subnet: string, family: 4 | 6) => `neighbours/${subnet}/ip${family}`,
  neighbourWall: (subnet: string, what: string) => `${subnet}/neighbours/${what}`,
  replyLabel: (router: string, subnet: string) => `${router}/${subnet}`,
  mark: (vpc: string, subnet: string, match: string) => `${vpc}/${subnet}/${match}`,
  /** `unit`: policies of a namespace may be in a VPC and on underlays. */
  policyPorts: (unit: string, policy: string) => `${unit}/${policy}`,
  policySubjects: (unit: string, policy: string, group: string) => `${unit}/${policy}/${group}`,
  isolation: (unit: string, policy: string, direction: string) => `${unit}/${policy}/${direction}/isolation`,
  /** `part`: of a rule, for example `ingress[0]/from[1]/tcp/ip4`. */
  allow: (unit: string, policy: string, part: string) => `${unit}/${policy}/${part}`,
  /** `name`: of the set, which is a hash: what it selects may be long. */
  peers: (unit: string, name: string) => `${unit}/peers/${name}`,
  /** What a switch lets through whatever policies say. */
  needed: (switchId: string, what: string) => `${switchId}/needed/${what}`,
  /** The workloads of a subnet or an underlay. */
  subnetPorts: (switchId: string) => `${switchId}/ports`,
  /** `part`: family, and the edge that it is for: `ip4/ext-public`. */
  subnetRule: (switchId: string, rule: string, part: string) => `${switchId}/acls/${rule}/${part}`,
  logMeter: (switchId: string, linesPerSecond: number) => `${switchId}/log/${linesPerSecond}`,
  ledger: (vpc: string) => `eips/${vpc}`,
  underlayLedger: (subnet: string) => `ports/${subnet}`,
  /** EIPs of IPv6. */
  wideLedger: (vpc: string) => `eips6/${vpc}`,
} as const;
