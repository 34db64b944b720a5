// Status of an EIp: its address and who uses it.
import type { EIp } from '../api/eip.ts';
import { formatAddressList } from '../net/family-list.ts';
import { asArray, asObject, asText } from './json.ts';
import { ownStatus } from './subject.ts';
import type { DesiredStatus, StatusFields, Subject } from './subject.ts';

export function eipStatus(subject: Subject<EIp>): DesiredStatus {
  const { outcome, key, isKept } = subject;
  const found = outcome.result?.eips.find((eip) => eip.key === key);
  if (found === undefined || isKept) return ownStatus(subject, withoutOutcome(subject), {});
  const { ipAddresses, ovnEIpRef, ownershipType, owners, deleteReleased } = found;
  const held = { ipAddress: formatAddressList(ipAddresses) || undefined };
  const fields = {
    ...held,
    ovnEIpRef: ipAddresses.length === 0 ? '' : ovnEIpRef,
    ownershipType,
    owners: owners.map(({ type, ownerRef }) => ({ type, ownerRef })),
    deleteReleased,
  };
  // Who shares an address changes often, and nothing about the address.
  return ownStatus(subject, fields, held);
}

/** An address that its rows may still use is not taken out of the status before they are gone. */
function withoutOutcome({ current, outcome, isKept }: Subject<EIp>): StatusFields {
  const isGone = !isKept && outcome.isCommitted;
  if (isGone)
    return {
      ipAddress: undefined,
      ovnEIpRef: '',
      ownershipType: 'Released',
      owners: [],
      deleteReleased: false,
    };
  return {
    ipAddress: asText(current['ipAddress']) || undefined,
    ovnEIpRef: asText(current['ovnEIpRef']),
    ownershipType: asText(current['ownershipType']) || 'Released',
    owners: asArray(current['owners']).map((owner) => {
      const { type, ownerRef } = asObject(owner);
      return { type: asText(type), ownerRef: asText(ownerRef) };
    }),
    deleteReleased: current['deleteReleased'] === true,
  };
}
