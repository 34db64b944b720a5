// Pieces of manifests for tests of the model: the smallest platform, and one project on it.

/** Two external networks, as in the architecture document. */
export const networks = `
apiVersion: ovn.kube-dc.com/v1alpha1
kind: ExternalNetwork
metadata: {name: ext-cloud}
spec: {type: cloud, cidr: 100.65.0.0/16, gateway: 100.65.0.1, vlan: 4013, physicalNetwork: phys, excludeIps: [100.65.0.2..100.65.0.100]}
---
apiVersion: ovn.kube-dc.com/v1alpha1
kind: ExternalNetwork
metadata: {name: ext-public}
spec: {type: public, cidr: 168.119.17.48/28, gateway: 168.119.17.49, vlan: 4011, physicalNetwork: phys}
---`;

/** Project demo of organization shalb: VPC, namespace and switch prefix `shalb-demo`, 10.0.10.0/24. */
export const project = `
apiVersion: kube-dc.com/v1
kind: Project
metadata: {name: demo, namespace: shalb}
spec: {cidrBlock: 10.0.10.0/24, egressNetworkType: cloud}
---`;

/** A pod of the project; `extra` goes into its metadata as flow YAML. */
export function pod(name: string, labels = '{app: nginx}', extra = ''): string {
  return `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shalb-demo, labels: ${labels}${extra === '' ? '' : `, ${extra}`}}
spec: {containers: [{name: main, ports: [{name: web, containerPort: 8080}]}]}
---`;
}

/** A Service of type LoadBalancer of the project. `spec` is the rest of its spec as flow YAML. */
export function service(name: string, annotations: string, spec: string): string {
  return `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shalb-demo, annotations: ${annotations}}
spec: {type: LoadBalancer, ${spec}}
---`;
}

export function eip(name: string, spec = '{}'): string {
  return `
apiVersion: kube-dc.com/v1
kind: EIp
metadata: {name: ${name}, namespace: shalb-demo}
spec: ${spec}
---`;
}

export function fip(name: string, spec: string): string {
  return `
apiVersion: kube-dc.com/v1
kind: FIp
metadata: {name: ${name}, namespace: shalb-demo}
spec: ${spec}
---`;
}

/** The pod that runs a virtual machine, or one of two while it moves. */
export const launcher = (suffix: string, machine = 'vm', extra = ''): string =>
  pod(`virt-launcher-${machine}-${suffix}`, `{vm.kubevirt.io/name: ${machine}}`, extra);

/** A VirtualMachine of the project, be it stopped. */
export const machine = (name: string): string => `
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: ${name}, namespace: shalb-demo}
spec: {runStrategy: Halted}
---`;

/** A VirtualMachineInstance of the project. `status` is flow YAML. */
export function instance(name: string, status = '{}', networks = '[{name: vpc_net_0, pod: {}}]'): string {
  return `
apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata: {name: ${name}, namespace: shalb-demo}
spec: {networks: ${networks}}
status: ${status}
---`;
}

/** Annotation that puts a Service on the project's own address. */
export const onDefaultGateway = '{service.nlb.kube-dc.com/bind-on-default-gw-eip: "true"}';
/** Annotation that puts a Service on a named EIp. */
export const onEip = (name: string): string => `{service.nlb.kube-dc.com/bind-on-eip: ${name}}`;
