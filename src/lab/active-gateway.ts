// Which hypervisor hosts a gateway port now.
import type { Lab } from './lab.ts';

/** Number of the chassis on which Logical_Router_Port `port` is; 0 while it is on none. Source: ovn-sb(5) Port_Binding. */
export async function activeGateway(
  { ovn, chassis }: Pick<Lab, 'ovn' | 'chassis'>,
  port: string,
): Promise<number> {
  const find = ['--bare', '--columns=chassis', 'find', 'Port_Binding', `logical_port=cr-${port}`];
  const uuid = (await ovn.sbctl(...find)).trim();
  if (uuid === '') return 0;
  const name = (await ovn.sbctl('--bare', '--columns=name', 'list', 'Chassis', uuid)).trim();
  return chassis.find((candidate) => candidate.name === name)?.number ?? 0;
}
