// The ledger: one address set per VPC that says, durably and for policies, which addresses it holds and for whom.
import { addressSetName } from '../northbound/identity.ts';
import { ledgerKey } from '../northbound/ledger.ts';
import type { VpcModel } from '../model/network-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { rowIds } from './row-ids.ts';
import type { UnitContext } from './unit-context.ts';

/** `addresses` holds the EIPs alone; `external_ids` every holder with its address or block. */
export function ledgerRows(vpc: VpcModel, unit: UnitContext): DesiredRow[] {
  if (vpc.ledger.length === 0) return [];
  const eips = vpc.ledger.filter((entry) => entry.kind === 'eip').map((entry) => entry.value);
  return [
    unit.row(
      'Address_Set',
      rowIds.ledger(vpc.name),
      {
        name: addressSetName('eips', '', vpc.name),
        addresses: [...new Set(eips)].toSorted(),
        external_ids: Object.fromEntries(
          vpc.ledger.map((entry) => [ledgerKey(entry.kind, entry.holder), entry.value]),
        ),
      },
      { source: vpc.source },
    ),
  ];
}
