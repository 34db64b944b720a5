// From rows to the view: every network of ours, external ones with who uses which address.
import { sortBy } from '../../base/order.ts';
import { compareAddresses, parseAddress } from '../../net/address.ts';
import { parsePrefixList } from '../../net/family-list.ts';
import { prefixContains } from '../../net/prefix.ts';
import { parseLedgerKey } from '../../northbound/ledger.ts';
import { sourceOf, unitOf } from '../../northbound/ownership.ts';
import { type Attachments, isExternal, narrowFirst, portRange, readAttachments } from './attachments.ts';
import type { AddressUse, ExternalNetworkView, NetworkView, VpcView } from './network-view.ts';
import { type OwnedRows, type RowReader, type TypedRow, ownedRows, unitName } from './owned-rows.ts';
import { readSegment } from './read-segment.ts';
import { isUnderlay, readUnderlay } from './read-underlay.ts';
import { type LedgerLine, readVpc, usedAddresses } from './read-vpc.ts';

/** `names`: only these VPCs, projects (`Project/org/name`), external networks or underlays; empty: all. */
export interface ViewOptions {
  readonly owner?: string;
  readonly names?: readonly string[];
}

/** Reads the view. Pure: the same rows give the same view. */
export function readNetworkView(reader: RowReader, options: ViewOptions = {}): NetworkView {
  const rows = ownedRows(reader, options.owner);
  const attachments = readAttachments(rows);
  const ledgers = Map.groupBy(rows.all('Address_Set'), (set) => unitOf(set));
  const balancers = Map.groupBy(rows.all('Load_Balancer'), (row) => unitOf(row));
  const routers = Map.groupBy(rows.all('Logical_Router'), (router) => unitOf(router));
  const vpcs = [...routers].flatMap(([unit, [...group]]) => {
    const router = group.find(({ name }) => name === unitName(unit)) ?? group[0];
    if (router === undefined) return [];
    const edges = group.filter((other) => other !== router);
    const ledger = (ledgers.get(unit) ?? []).flatMap((set) => ledgerLines(set.external_ids));
    const own = { ledger, balancers: balancers.get(unit) ?? [] };
    return [readVpc(router, edges, rows, attachments, own)];
  });
  const ranges = externalRanges(attachments);
  const networks = rows
    .all('Logical_Switch')
    .filter(isExternal)
    .map((row) => readExternalNetwork(row, rows, ranges.get(row.name), vpcs));
  const underlays = rows
    .all('Logical_Switch')
    .filter(isUnderlay)
    .map((row) => readUnderlay(row, rows));
  const names = new Set(options.names);
  const wanted = (item: { readonly name: string; readonly source: string }): boolean =>
    names.size === 0 || names.has(item.name) || names.has(item.source);
  return {
    externalNetworks: sortBy(networks.filter(wanted), (network) => network.name),
    underlays: sortBy(underlays.filter(wanted), (underlay) => underlay.name),
    vpcs: sortBy(vpcs.filter(wanted), (vpc) => vpc.name),
  };
}

function ledgerLines(externalIds: Readonly<Record<string, string>>): readonly LedgerLine[] {
  return Object.entries(externalIds).flatMap(([key, value]) => {
    const entry = parseLedgerKey(key);
    return entry === undefined ? [] : [{ ...entry, value }];
  });
}

/** Ranges of each external network by name, as the routers on it have them. */
function externalRanges(attachments: Attachments): ReadonlyMap<string, string> {
  const outside = [...attachments.values()].flat().filter((attachment) => isExternal(attachment.switch));
  const ranges = new Map<string, string>();
  for (const { routerPort, switch: row } of outside) {
    // A router has the families of its VPC only.
    const range = portRange(routerPort);
    const known = ranges.get(row.name)?.split(',') ?? [];
    const all = new Set([...known, ...range.split(',')]);
    ranges.set(row.name, [...all].toSorted(narrowFirst).join(','));
  }
  return ranges;
}

function readExternalNetwork(
  row: TypedRow<'Logical_Switch'>,
  rows: OwnedRows,
  range: string | undefined,
  vpcs: readonly VpcView[],
): ExternalNetworkView {
  const uses = vpcs.flatMap((vpc) =>
    addressUses(vpc).filter(({ address }) => isOn(address, row.name, range, vpc)),
  );
  return {
    name: row.name,
    source: sourceOf(row) ?? '',
    ...readSegment(row, rows),
    range,
    addresses: uses.toSorted(byAddress),
  };
}

function byAddress(a: AddressUse, b: AddressUse): number {
  const [left, right] = [parseAddress(a.address), parseAddress(b.address)];
  return left === undefined || right === undefined ? 0 : compareAddresses(left, right);
}

function isOn(address: string, network: string, range: string | undefined, vpc: VpcView): boolean {
  const prefixes = parsePrefixList(range ?? '');
  const parsed = parseAddress(address);
  if (prefixes === undefined || parsed === undefined) return vpc.gateway?.network === network;
  return prefixes.some((prefix) => prefixContains(prefix, parsed));
}

/** Every external address that a VPC holds or uses. */
function addressUses(vpc: VpcView): readonly AddressUse[] {
  const used = usedAddresses(vpc);
  const holders = new Map(
    vpc.eips.flatMap(({ address, holder }) => address.split(',').map((each) => [each, holder] as const)),
  );
  return [...new Set([...used.keys(), ...holders.keys()])].map((address) => ({
    address,
    vpc: vpc.name,
    holder: holders.get(address),
    uses: used.get(address) ?? [],
  }));
}
