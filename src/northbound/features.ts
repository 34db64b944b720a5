// What not every OVN can do: what each thing needs, whether this server has it, and what is done without.
import type { Capabilities } from './capabilities.ts';

/** What is known of one server. */
export interface ServerFacts {
  readonly capabilities: Capabilities;
  /** No schema shows it: it has to be tried. Undefined: nobody has. */
  readonly insertsWithUuid: boolean | undefined;
}

/** A thing that some supported server lacks. */
interface Feature {
  /** What it is good for. */
  readonly name: string;
  /** The column, its key, or the version of a program that it takes. */
  readonly needs: string;
  readonly isHere: (server: ServerFacts) => boolean | undefined;
  /** What the program does where it is missing. */
  readonly otherwise: string;
}

/** The most noticeable first. Sources: ovsdb-schema/, NEWS of OVN, and both ends of the supported versions. */
const features: readonly Feature[] = [
  {
    name: 'replies are told apart by connection (reply marks)',
    needs: 'key `mark` in QoS.action: OVN 24.03',
    isHere: ({ capabilities }) => capabilities.allows('QoS', 'action', 'mark'),
    otherwise:
      'replies are told apart by the port of the backend; one backend and port behind two networks is a Conflict',
  },
  {
    name: 'a broadcast ARP reaches only the router that has the address',
    needs: 'ovn-northd 23.06',
    isHere: ({ capabilities }) => northdAtLeast(capabilities, 23, 6),
    otherwise: 'it reaches every router of the external network: keep a VLAN below some 200 of them',
  },
  {
    name: 'load balancers on a router with several gateway ports',
    needs: 'ovn-northd 25.03',
    isHere: ({ capabilities }) => northdAtLeast(capabilities, 25, 3),
    otherwise: 'each further external network of a VPC has an edge router, here as everywhere',
  },
  {
    name: 'the chassis that hosts a gateway port is told in NB',
    needs: 'column Logical_Router_Port.status',
    isHere: ({ capabilities }) => capabilities.hasColumn('Logical_Router_Port', 'status'),
    otherwise: 'it is read from the Southbound database (`--sb`)',
  },
  {
    name: 'OVN answers every kind of question about the names of a VPC',
    needs: 'column DNS.options, key `ovn-owned`: OVN 24.03',
    isHere: ({ capabilities }) => capabilities.hasColumn('DNS', 'options'),
    otherwise: 'questions that it has no record for, such as AAAA for an IPv4 address, go on to the resolver',
  },
  {
    name: 'rules in tiers',
    needs: 'column ACL.tier',
    isHere: ({ capabilities }) => capabilities.hasColumn('ACL', 'tier'),
    otherwise: 'rules are ordered by priority alone, here as everywhere',
  },
  {
    name: 'no UDP packet gets past a NetworkPolicy by coming from port 53 (CVE-2025-0650)',
    needs: 'ovn-northd 25.03, or a patched older one',
    isHere: ({ capabilities }) => northdAtLeast(capabilities, 25, 3),
    otherwise: 'it gets in where OVN answers names; `dns.responder: false` in the configuration shuts that',
  },
  {
    name: 'address translation for a part of the traffic',
    needs: 'column NAT.match',
    isHere: ({ capabilities }) => capabilities.hasColumn('NAT', 'match'),
    otherwise: 'a translation is for all traffic of its address, here as everywhere',
  },
  {
    name: 'rows are inserted under uuids of our choice',
    needs: 'ovsdb-server 2.13',
    isHere: ({ insertsWithUuid }) => insertsWithUuid,
    otherwise: 'the server is refused: `plan`, `apply` and `run` end with an error',
  },
];

/** Undefined when no northd has run yet. */
function northdAtLeast(capabilities: Capabilities, major: number, minor: number): boolean | undefined {
  return capabilities.northd === undefined ? undefined : capabilities.northdAtLeast(major, minor);
}

/** One feature as one server has it. */
export interface FeatureState extends Omit<Feature, 'isHere'> {
  /** Undefined: it cannot be told. The program then does without. */
  readonly isHere: boolean | undefined;
}

/** Every feature, always in the same order. */
export function featuresOf(server: ServerFacts): readonly FeatureState[] {
  return features.map(({ name, needs, isHere, otherwise }) => ({
    name,
    needs,
    isHere: isHere(server),
    otherwise,
  }));
}
