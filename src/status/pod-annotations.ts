// What is written on a Pod before it is plugged in: its address and the port to bind.
import { annotation } from '../api/annotations.ts';
import { formatObjectKey } from '../api/api-object.ts';
import type { SubnetModel } from '../model/network-model.ts';
import type { Address, Family } from '../net/address.ts';
import { formatAddressList } from '../net/family-list.ts';
import type { UnitOutcome } from './unit-outcome.ts';

export interface DesiredAnnotations {
  /** `Pod/shalb-demo/nginx-0` */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  /** To be set; all others are somebody else's. */
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Of every Pod that has a port, in no particular order. A Pod that asked for an address has it in the same annotation.
 * Of both families there is a list, IPv4 first: `10.0.10.4,fd00:10::4`.
 * @param mtuBytes the configured `mtu` of overlay networks; that of a physical VLAN is not known here
 */
export function podAnnotations({ result }: UnitOutcome, mtuBytes: number): readonly DesiredAnnotations[] {
  const model = result?.model;
  if (model?.kind === 'underlay') return portsOn(model, undefined);
  return model?.kind === 'vpc' ? model.subnets.flatMap((subnet) => portsOn(subnet, mtuBytes)) : [];
}

function portsOn(
  { ranges, ports }: Pick<SubnetModel, 'ranges' | 'ports'>,
  mtuBytes: number | undefined,
): DesiredAnnotations[] {
  const gateway = (family: Family): Address[] => {
    const range = ranges.find(({ prefix }) => prefix.family === family);
    return range === undefined ? [] : [range.gateway];
  };
  return ports.flatMap(({ workload, pods, mac, addresses }) => {
    const annotations = {
      [annotation.ipAddress]: formatAddressList(addresses),
      [annotation.macAddress]: mac,
      [annotation.gateway]: formatAddressList(addresses.flatMap(({ family }) => gateway(family))),
      ...(mtuBytes !== undefined && { [annotation.mtu]: String(mtuBytes) }),
      [annotation.port]: `${workload.name}.${workload.namespace}`,
    };
    return pods.map(({ namespace, name }) => ({
      key: formatObjectKey('Pod', namespace, name),
      namespace,
      name,
      annotations,
    }));
  });
}
