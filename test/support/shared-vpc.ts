// Manifests of a Vpc that several projects share.

export const networks = `
apiVersion: ovn.kube-dc.com/v1alpha1
kind: ExternalNetwork
metadata: { name: cloud }
spec: { type: cloud, cidr: 192.0.2.0/24, gateway: 192.0.2.1, vlan: 4, physicalNetwork: ext }
---
apiVersion: ovn.kube-dc.com/v1alpha1
kind: ExternalNetwork
metadata: { name: public }
spec: { type: public, cidr: 198.51.100.0/24, gateway: 198.51.100.1, vlan: 5, physicalNetwork: ext }
`;

/** `openings`: `a-default → db`, as `[from, to]`. */
export const platform = (
  openings: readonly (readonly [string, string])[] = [],
  external: readonly string[] = ['cloud', 'public'],
  organizations = '[acme]',
): string => `
---
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Vpc
metadata: { name: platform, creationTimestamp: "2026-01-01T00:00:00Z" }
spec:
  externalNetworks: ${JSON.stringify(external.map((name) => ({ name })))}
  organizations: ${organizations}
  openings: ${JSON.stringify(openings.map(([from, to]) => ({ from, to })))}
`;

export const subnet = (name: string, cidr: string, more = ''): string => `
---
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Subnet
metadata: { name: ${name}, creationTimestamp: "2026-01-02T00:00:00Z" }
spec: { vpc: platform, cidr: ${cidr}${more} }
`;

/** Project `acme/{name}` in the Vpc. `spec`: more of it, in flow style. */
export const project = (name: string, spec: string, day = '03'): string => `
---
apiVersion: kube-dc.com/v1
kind: Project
metadata: { namespace: acme, name: ${name}, creationTimestamp: "2026-01-${day}T00:00:00Z" }
spec: { vpc: platform, ${spec} }
`;

export const pod = (namespace: string, name: string, annotations = ''): string => `
---
apiVersion: v1
kind: Pod
metadata: { namespace: ${namespace}, name: ${name}, labels: { app: ${name} }, annotations: { ${annotations} } }
spec: { containers: [{ name: c }] }
status: { phase: Running }
`;

export const service = (namespace: string, name: string, annotations = ''): string => `
---
apiVersion: v1
kind: Service
metadata: { namespace: ${namespace}, name: ${name}, annotations: { ${annotations} } }
spec: { type: LoadBalancer, selector: { app: ${name} }, ports: [{ port: 80 }] }
`;

export const floatingIp = (namespace: string, name: string, address: string, type = 'cloud'): string => `
---
apiVersion: kube-dc.com/v1
kind: FIp
metadata: { namespace: ${namespace}, name: ${name} }
spec: { ipAddress: ${address}, externalNetworkType: ${type} }
`;
