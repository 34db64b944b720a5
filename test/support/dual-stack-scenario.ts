// One project with something of every kind, on networks of both families, to which a family comes and from which it goes.
import { eip, fip, networks, onDefaultGateway, pod, project, service } from './scenario.ts';

export const dualNetworks = networks
  .replace(
    'cidr: 100.65.0.0/16, gateway: 100.65.0.1,',
    'cidr: "100.65.0.0/16,2001:db8:65::/64", gateway: "2001:db8:65::1,100.65.0.1",',
  )
  .replace(
    'cidr: 168.119.17.48/28, gateway: 168.119.17.49,',
    'cidr: "168.119.17.48/28,2001:db8:168::/64", gateway: "168.119.17.49,2001:db8:168::1",',
  );

/** The project of the scenario with another range; `more` as flow YAML. */
export const projectWith = (cidr: string, more = ''): string =>
  project.replace('10.0.10.0/24', `"${cidr}"${more}`);

const ports = 'selector: {app: nginx}, ports: [{port: 80}]';
const isPublic = '{network.kube-dc.com/external-network-type: public}';

/** Of both families where the project has them: FIps are of one each. */
export const everything = [
  pod('nginx-0'),
  pod('vm', '{vm.kubevirt.io/name: vm}'),
  eip('x'),
  service('web', onDefaultGateway, ports),
  service('far', isPublic, ports),
  fip('vm', '{externalNetworkType: public, vmTarget: {vmName: vm}}'),
].join('');
