// What a CNI would be told about a port, read from NB.
import type { EmbeddedOvn } from '../embedded/central.ts';

export interface PortAddressing {
  readonly mac: string;
  /** With prefix length. */
  readonly addresses: readonly string[];
  readonly gateways: readonly string[];
}

/** Waits for the port; its prefix lengths and gateways are those of the router port on the same switch. */
export async function portAddressing(ovn: EmbeddedOvn, port: string): Promise<PortAddressing> {
  await ovn.nbctl('--timeout=30', 'wait-until', 'Logical_Switch_Port', port, `name=${JSON.stringify(port)}`);
  const [mac = '', ...own] = (await ovn.nbctl('lsp-get-addresses', port)).trim().split(' ');
  const networks = await gatewayNetworks(ovn, port);
  const matching = own.map((address) => {
    const network = networks.find((candidate) => candidate.includes(':') === address.includes(':')) ?? '';
    const [gateway = '', length = ''] = network.split('/');
    return { address: `${address}/${length}`, gateway };
  });
  return {
    mac,
    addresses: matching.map(({ address }) => address),
    gateways: matching.map(({ gateway }) => gateway),
  };
}

/** Of a router to a further network, `{vpc}.{network}`: no workload sends to it by itself. */
const isOfEdge = (routerPort: string): boolean => routerPort.includes('.');

async function gatewayNetworks(ovn: EmbeddedOvn, port: string): Promise<readonly string[]> {
  const uuid = (
    await ovn.nbctl('--bare', '--columns=_uuid', 'find', 'Logical_Switch_Port', `name=${port}`)
  ).trim();
  const ports = await ovn.nbctl('--bare', '--columns=ports', 'find', 'Logical_Switch', `ports{>=}${uuid}`);
  for (const candidate of ports.trim().split(' ')) {
    const routerPort = (
      await ovn.nbctl('--if-exists', 'get', 'Logical_Switch_Port', candidate, 'options:router-port')
    ).trim();
    if (routerPort === '' || isOfEdge(routerPort)) continue;
    const networks = await ovn.nbctl(
      '--bare',
      '--columns=networks',
      'list',
      'Logical_Router_Port',
      routerPort,
    );
    return networks.trim().split(' ');
  }
  return [];
}
