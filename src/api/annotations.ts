// Annotations and labels that mean something here, and how their values are read.
import type { ObjectMeta } from './metadata.ts';
import { defaultGatewayEIpName } from './eip.ts';
import type { Address, Family } from '../net/address.ts';
import { families, parseAddressList, splitList } from '../net/family-list.ts';
import { parseMac } from '../net/mac.ts';

const nlb = 'service.nlb.kube-dc.com';
const network = 'network.kube-dc.com';

/** Annotation keys of Services, Pods and Projects. */
export const annotation = {
  /** Service: "true" takes the EIp `default-gw` of the project. */
  bindOnDefaultGatewayEIp: `${nlb}/bind-on-default-gw-eip`,
  /** Service: name of the EIp to take. */
  bindOnEIp: `${nlb}/bind-on-eip`,
  /** Service: families that it is to have outside, IPv4, IPv6 or both with a comma between. */
  ipFamilies: `${nlb}/ip-families`,
  /** Service: http, https or tls-passthrough. */
  exposeRoute: `${nlb}/expose-route`,
  routeHostname: `${nlb}/route-hostname`,
  routePort: `${nlb}/route-port`,
  tlsIssuer: `${nlb}/tls-issuer`,
  tlsSecret: `${nlb}/tls-secret`,
  createGatewayBackend: `${nlb}/create-gateway-backend`,
  autodelete: `${nlb}/autodelete`,
  /** Service: written by the controller. */
  routeHostnameStatus: `${nlb}/route-hostname-status`,
  /** Service: how far its route is, and what keeps it. Written by the controller. */
  routeStatus: `${nlb}/route-status`,
  /** Service: type of the external network that an EIp made for it is taken from. */
  externalNetworkType: `${network}/external-network-type`,
  /** Pod: the address it is to have, or one of each family. */
  ipAddress: `${network}/ip-address`,
  /** Pod: the MAC it is to have. */
  macAddress: `${network}/mac-address`,
  /** Pod: where its default route leads. Written by the controller, as are the next two. */
  gateway: `${network}/gateway`,
  /** Pod: the largest IP packet, in bytes. */
  mtu: `${network}/mtu`,
  /** Pod: name of the Logical_Switch_Port that whoever plugs it in binds. */
  port: `${network}/port`,
  /** Pod: name of the Subnet that it is to be on, one that its namespace may use. */
  subnet: `${network}/subnet`,
  /** Project: addresses and ranges outside that may be reached, separated by commas. */
  egressAllowlist: `${network}/egress-allowlist`,
  /** Project: "true" lets in from external networks only who is on an allowlist. */
  ingressIsolation: `${network}/ingress-isolation`,
  /** Project: addresses and ranges outside that may come in, separated by commas. */
  ingressAllowlist: `${network}/ingress-allowlist`,
} as const;

/** Label keys. */
export const label = {
  /** EIp: type of its external network. */
  externalNetworkType: `${network}/external-network-type`,
  /** Namespace: marks the backing namespace of a project. */
  project: 'kube-dc.com/project',
  /** Namespace: marks the namespace of an organization. */
  organization: 'kube-dc.com/organization',
  /** What a controller made and keeps: {@link managedBy}. */
  managedBy: 'kube-dc.com/managed-by',
  /** Objects `{service}-ext`: the Service whose external address they name. */
  sourceService: 'kube-dc.com/source-service',
  /** Objects `{service}-ext`: `external`. */
  endpointType: 'kube-dc.com/endpoint-type',
  /** Pod: it is the launcher of a virtual machine, which the guest calls itself; see {@link machineOf}. */
  virtualMachine: 'vm.kubevirt.io/name',
  /** Service, HTTPRoute: "true" on those that cert-manager makes to answer an HTTP-01 challenge. */
  acmeSolver: 'acme.cert-manager.io/http01-solver',
} as const;

/** Values of {@link label.managedBy}. */
export const managedBy = {
  /** Namespaces and EIps that people may write as well. */
  projector: 'ovn-projector',
  /** Objects `{service}-ext`, as Kube-DC marks them. */
  serviceLoadBalancer: 'service-lb-controller',
} as const;

/** Annotation of a launcher: the whole name of its virtual machine. */
export const machineAnnotation = 'kubevirt.io/domain';

interface Annotated {
  readonly metadata: Pick<ObjectMeta, 'annotations'>;
}

/**
 * Name of the virtual machine whose launcher a Pod is; undefined: it is none. KubeVirt writes the hostname of the guest
 * into the label, which may be another one, and is cut to 63 characters.
 */
export function machineOf({
  metadata: { labels, annotations },
}: {
  readonly metadata: Pick<ObjectMeta, 'labels' | 'annotations'>;
}): string | undefined {
  const hostname = labels[label.virtualMachine] ?? '';
  return hostname === '' ? undefined : annotations[machineAnnotation] || hostname;
}

/**
 * Name of the EIp that a Service asks to be put on: `default-gw` for the project's own; undefined when it asks for
 * none and gets one made for it. `bind-on-eip` wins over `bind-on-default-gw-eip`.
 */
export function boundEIp(service: Annotated): string | undefined {
  const { annotations } = service.metadata;
  const name = annotations[annotation.bindOnEIp];
  if (name !== undefined && name !== '') return name;
  return annotations[annotation.bindOnDefaultGatewayEIp] === 'true' ? defaultGatewayEIpName : undefined;
}

/** Type of external network that an object asks for by annotation. */
export function requestedNetworkType(object: Annotated): string | undefined {
  const type = object.metadata.annotations[annotation.externalNetworkType];
  return type === '' ? undefined : type;
}

/** Families that a Service asks for outside, IPv4 first: `IPv4`, `IPv6`, or both with a comma between in any order. */
export function requestedFamilies(service: Annotated): readonly Family[] | undefined {
  const words = splitList(service.metadata.annotations[annotation.ipFamilies] ?? '');
  const known = families.filter((family) => words.includes(`IPv${family}`));
  return known.length > 0 && known.length === words.length ? known : undefined;
}

/** Addresses that a Pod asks for, at most one per family; none for one that asks for none or was rejected by `decodeObject`. */
export function requestedAddresses(pod: Annotated): readonly Address[] {
  return parseAddressList(pod.metadata.annotations[annotation.ipAddress] ?? '') ?? [];
}

/** Name of the Subnet that a Pod asks for; undefined when it leaves that to its namespace. */
export function requestedSubnet(pod: Annotated): string | undefined {
  const name = pod.metadata.annotations[annotation.subnet];
  return name === '' ? undefined : name;
}

/** MAC that a Pod asks for, in lower case with colons; undefined when it asks for none. */
export function requestedMac(pod: Annotated): string | undefined {
  return parseMac(pod.metadata.annotations[annotation.macAddress] ?? '');
}
