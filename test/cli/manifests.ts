// A small network for the tests of the program: one VLAN, one project with two pods, a FIp and a load balancer.

export const externalNetwork = `apiVersion: ovn.kube-dc.com/v1alpha1
kind: ExternalNetwork
metadata: { name: ext-cloud }
spec: { type: cloud, cidr: 100.65.0.0/16, gateway: 100.65.0.1, vlan: 4013, physicalNetwork: ext-cloud }
`;

export const project = `apiVersion: kube-dc.com/v1
kind: Project
metadata: { name: demo, namespace: shalb }
spec: { cidrBlock: 10.0.10.0/24, egressNetworkType: cloud }
`;

export const eip = `apiVersion: kube-dc.com/v1
kind: EIp
metadata: { name: ssh-arti, namespace: shalb-demo }
spec: {}
`;

export const fip = `apiVersion: kube-dc.com/v1
kind: FIp
metadata: { name: fedora-arti, namespace: shalb-demo }
spec: { ipAddress: 10.0.10.171, eip: ssh-arti }
`;

export const service = `apiVersion: v1
kind: Service
metadata:
  name: nginx
  namespace: shalb-demo
  annotations: { service.nlb.kube-dc.com/bind-on-default-gw-eip: "true" }
spec:
  type: LoadBalancer
  selector: { app: nginx }
  ports: [{ name: http, port: 80, targetPort: 8080 }]
`;

export const pods = ['nginx-0', 'nginx-1']
  .map(
    (name) => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: shalb-demo, labels: { app: nginx } }
spec: { containers: [{ name: nginx, image: nginx }] }
`,
  )
  .join('---\n');

/** A VPC without a way out. */
export const vpc = `apiVersion: ovn.kube-dc.com/v1alpha1
kind: Vpc
metadata: { name: lab }
spec: {}
---
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Subnet
metadata: { name: lab-net }
spec: { vpc: lab, cidr: 10.9.0.0/24 }
`;

/** Configuration that names a gateway chassis, for runs without a Southbound database. */
export const configuration = 'gatewayChassis: [node-1]\n';

/** Everything, as the documents of one stream. */
export const network = [externalNetwork, project, eip, fip, service, pods].join('---\n');

/** `count` projects with ranges of their own: enough rows for the deletion brake. */
export function projects(count: number): string {
  return Array.from({ length: count }, (_, index) =>
    project.replace('name: demo', `name: p${index}`).replace('10.0.10.0', `10.1.${index}.0`),
  ).join('---\n');
}
