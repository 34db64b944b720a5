// Status of a FIp: the two addresses, and the virtual machine that the inner one is of.
import type { FIp } from '../api/fip.ts';
import type { FloatingIpModel, UnitModel } from '../model/network-model.ts';
import type { Address } from '../net/address.ts';
import { formatAddressList } from '../net/family-list.ts';
import { asObject, asText } from './json.ts';
import { ownStatus } from './subject.ts';
import type { DesiredStatus, StatusFields, Subject } from './subject.ts';
import type { UnitOutcome } from './unit-outcome.ts';

export function fipStatus(subject: Subject<FIp>): DesiredStatus {
  const { outcome, isKept } = subject;
  const isModelled = outcome.result?.state === 'model';
  const isOpen = !isKept && (isModelled || outcome.isCommitted);
  const fields = isOpen ? fieldsOf(subject) : asBefore(subject);
  return ownStatus(subject, fields, fields);
}

function fieldsOf({ object, key, outcome }: Subject<FIp>): StatusFields {
  const { name, namespace } = object.metadata;
  const model = outcome.result?.model;
  const nats = floatingIpsOf(key, model);
  const eip = eipOf(object, outcome);
  const externals = nats.length > 0 ? nats.map(({ external }) => external) : (eip?.ipAddresses ?? []);
  const internals = nats.map(({ internal }) => internal);
  const { vmTarget } = object.spec;
  const target = nats[0]?.targetInterface;
  return {
    eip: eip === undefined ? '' : eip.name,
    externalIP: formatAddressList(externals),
    ovnFip: nats.length === 0 ? '' : `${namespace}-${name}`,
    resolvedTargetIP: formatAddressList(internals) || undefined,
    targetVMInterface:
      vmTarget === undefined || target === undefined
        ? undefined
        : {
            vmName: vmTarget.vmName,
            interfaceName: target.name,
            ipAddress: formatAddressList(internals),
            mac: target.mac,
          },
  };
}

function asBefore({ current }: Subject<FIp>): StatusFields {
  const target = asObject(current['targetVMInterface']);
  return {
    eip: asText(current['eip']),
    externalIP: asText(current['externalIP']),
    ovnFip: asText(current['ovnFip']),
    resolvedTargetIP: asText(current['resolvedTargetIP']) || undefined,
    targetVMInterface:
      asText(target['vmName']) === ''
        ? undefined
        : {
            vmName: asText(target['vmName']),
            interfaceName: asText(target['interfaceName']),
            ipAddress: asText(target['ipAddress']),
            mac: asText(target['mac']) || undefined,
          },
  };
}

/** The EIp in use, or (while the target is awaited) the one that will be. */
function eipOf(
  { metadata: { name, namespace }, spec }: FIp,
  { result }: UnitOutcome,
): { readonly name: string; readonly ipAddresses: readonly Address[] } | undefined {
  const eips = result?.eips ?? [];
  const wanted = `EIp/${namespace}/${spec.eip ?? `fip-${name}`}`;
  const found =
    eips.find(({ owners }) => owners.some(({ type, ownerRef }) => type === 'FIp' && ownerRef === name)) ??
    eips.find(({ key, owners }) => key === wanted && owners.length === 0);
  return found && { name: found.key.slice(`EIp/${namespace}/`.length), ipAddresses: found.ipAddresses };
}

/** One for each family, IPv4 first. */
function floatingIpsOf(key: string, model: UnitModel | undefined): readonly FloatingIpModel[] {
  if (model?.kind !== 'vpc') return [];
  const all = [...model.floatingIps, ...model.edges.flatMap(({ floatingIps }) => floatingIps)];
  return all.filter(({ source }) => source === key).toSorted((a, b) => a.internal.family - b.internal.family);
}
