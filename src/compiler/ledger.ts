// The ledger: address sets of a VPC or underlay that say, durably and for policies, which addresses it holds and for whom.
import type { Family } from '../net/address.ts';
import { addressSetName } from '../northbound/identity.ts';
import { ledgerKey } from '../northbound/ledger.ts';
import type { UnderlayModel, VpcModel } from '../model/network-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { rowIds } from './row-ids.ts';
import type { UnitContext } from './unit-context.ts';

/**
 * `external_ids` holds every holder with its addresses or block; `addresses` the EIPs of IPv4. Those of IPv6 are in a set
 * of their own, since a match that compares one field with addresses of both families is refused by OVN.
 */
export function ledgerRows(vpc: VpcModel, unit: UnitContext): DesiredRow[] {
  if (vpc.ledger.length === 0) return [];
  const { narrow, wide } = eipTexts(vpc);
  const ledger = unit.row(
    'Address_Set',
    rowIds.ledger(vpc.name),
    {
      name: narrowName(vpc),
      addresses: narrow.toSorted(),
      external_ids: holders(vpc),
    },
    { source: vpc.source },
  );
  return wide.length === 0 ? [ledger] : [ledger, wideRow(vpc, wide, unit)];
}

/** Nothing outside matches the addresses of an underlay, so only their holders are noted. */
export function underlayLedgerRows(underlay: UnderlayModel, unit: UnitContext): DesiredRow[] {
  if (underlay.ledger.length === 0) return [];
  const columns = {
    name: addressSetName('ports', '', underlay.name),
    addresses: [],
    external_ids: holders(underlay),
  };
  return [
    unit.row('Address_Set', rowIds.underlayLedger(underlay.name), columns, { source: underlay.source }),
  ];
}

function holders({ ledger }: Pick<VpcModel, 'ledger'>): Readonly<Record<string, string>> {
  return Object.fromEntries(ledger.map(({ kind, holder, value }) => [ledgerKey(kind, holder), value]));
}

function wideRow(vpc: VpcModel, addresses: readonly string[], unit: UnitContext): DesiredRow {
  const columns = { name: wideName(vpc), addresses: addresses.toSorted() };
  return unit.row('Address_Set', rowIds.wideLedger(vpc.name), columns, { source: vpc.source });
}

/** The set that has the VPC's EIPs of a family; undefined: it has none. */
export function ledgerSetName(vpc: VpcModel, family: Family): string | undefined {
  const { narrow, wide } = eipTexts(vpc);
  if (family === 4) return narrow.length === 0 ? undefined : narrowName(vpc);
  return wide.length === 0 ? undefined : wideName(vpc);
}

const narrowName = ({ name }: VpcModel): string => addressSetName('eips', '', name);
const wideName = ({ name }: VpcModel): string => addressSetName('eips6', '', name);

function eipTexts({ ledger }: VpcModel): {
  readonly narrow: readonly string[];
  readonly wide: readonly string[];
} {
  const texts = ledger.filter(({ kind }) => kind === 'eip').flatMap(({ value }) => value.split(','));
  const eips = [...new Set(texts)];
  return {
    narrow: eips.filter((text) => !text.includes(':')),
    wide: eips.filter((text) => text.includes(':')),
  };
}
