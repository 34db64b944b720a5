// Isolation of projects: rules on a VPC's own switches, before load balancing and before every route.
import type { Family, Prefix } from '../net/address.ts';
import { families } from '../net/family-list.ts';
import { formatPrefix } from '../net/prefix.ts';
import { addressSetName } from '../northbound/identity.ts';
import { switchPortName } from '../northbound/names.ts';
import { markKeys } from '../northbound/ownership.ts';
import type { NewRow } from '../northbound/managed-columns.ts';
import { addressSet, compare, formatMatch, portName, predicate } from '../northbound/match.ts';
import type {
  EgressIsolation,
  ExternalNetworkModel,
  IsolationModel,
  VpcModel,
} from '../model/network-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { ledgerSetName } from './ledger.ts';
import type { RuleBand } from './priorities.ts';
import { bandColumns } from './rule-band.ts';
import { rowIds } from './row-ids.ts';
import type { UnitContext } from './unit-context.ts';

/**
 * Rules on the switch of each project, which name address sets: an EIP that comes or goes changes a set, never a rule.
 *
 * | packet | direction | verdict |
 * |---|---|---|
 * | from the VPC's router, on its way to an edge | from-lport | allow-stateless |
 * | to an EIP of the project, or to what is allowed | from-lport | allow-related |
 * | to what an external network gives to projects | from-lport | drop |
 * | from an address that may not call | to-lport | drop |
 * | anything else | from-lport | allow-related |
 *
 * The last one has connections remembered, so that a reply to somebody is told from a call to him. What is sent is judged
 * before load balancing, when a VIP is still a VIP and no floating IP has changed the route; the policies of tenants come
 * after it (`apply-after-lb`), so nothing that is allowed here is kept from them. What is received still has its client's
 * address. Source: ovn-nb(5) ACL; ovn-northd(8) ls_in_acl_eval, ls_out_acl_eval.
 */
export function isolationRows(vpc: VpcModel, unit: UnitContext): DesiredRow[] {
  return vpc.isolations.flatMap((isolation) => oneIsolationRows(isolation, vpc, unit));
}

function oneIsolationRows(isolation: IsolationModel, vpc: VpcModel, unit: UnitContext): DesiredRow[] {
  const { egress, forbiddenSources, subnet, source } = isolation;
  const callers = familySets(isolation, 'callers', forbiddenSources, unit);
  const allowed = familySets(isolation, 'allowed', egress?.allowed ?? [], unit);
  const own =
    egress === undefined || isolation.own === 'ledger'
      ? []
      : familySets(isolation, 'own', isolation.own, unit);
  const rules = [
    ...(egress === undefined ? [] : egressRules(egress, ownSets(vpc, isolation), allowed, unit)),
    ...callers.map(({ family, name }) =>
      dropRule(`callers/ip${family}`, 'who is on no ingress allowlist', 'to-lport', 'src', family, name),
    ),
  ];
  if (rules.length === 0) return [];
  return [
    ...[...callers, ...allowed, ...own].map(({ row }) => row),
    ...[...rules, routedRule(vpc, subnet), trackedRule].map(({ id, band, meaning, columns, requires }) =>
      unit.row(
        'ACL',
        rowIds.projectIsolation(subnet, id),
        { ...columns, ...bandColumns(band), external_ids: { [markKeys.meaning]: meaning } },
        {
          source,
          parents: [unit.place('Logical_Switch', rowIds.subnetSwitch(subnet), 'acls')],
          ...(requires && { requires }),
        },
      ),
    ),
  ];
}

/** Sets of the project's own addresses outside, by family; one that is empty has none. */
function ownSets(
  vpc: VpcModel,
  { name, own }: IsolationModel,
): { readonly family: Family; readonly name: string }[] {
  return families.flatMap((family) => {
    const ledger = own === 'ledger' ? ledgerSetName(vpc, family) : undefined;
    if (own === 'ledger') return ledger === undefined ? [] : [{ family, name: ledger }];
    const hasOwn = own.some((prefix) => prefix.family === family);
    return hasOwn ? [{ family, name: setName(name, 'own', family) }] : [];
  });
}

/** The addresses that a network gives to projects, for the rules of every VPC. */
export function poolRows({ name, source, pool }: ExternalNetworkModel, unit: UnitContext): DesiredRow[] {
  return families.flatMap((family) => {
    const addresses = textsOf(pool, family);
    if (addresses.length === 0) return [];
    const columns = { name: poolSetName(name, family), addresses };
    return [unit.row('Address_Set', rowIds.pool(name, family), columns, { source })];
  });
}

interface Rule {
  readonly id: string;
  readonly band: RuleBand;
  /** What it says, for people. */
  readonly meaning: string;
  readonly columns: NewRow<'ACL'>;
  readonly requires?: readonly string[];
}

/** Has a switch remember connections: a reply is then known to be one. */
export const trackedRule: Rule = {
  id: 'tracked',
  band: 'tracked',
  meaning: 'connections are remembered',
  columns: {
    direction: 'from-lport',
    match: formatMatch(predicate('ip')),
    action: 'allow-related',
  },
};

/** What the router sends was judged when it left its workload; its port is not tracked, so a reply is not known there. */
const routedRule = ({ name }: VpcModel, subnet: string): Rule => ({
  id: 'routed',
  band: 'isolationAllow',
  meaning: 'what a router sends on was judged before',
  columns: {
    direction: 'from-lport',
    match: formatMatch(compare('inport', '==', portName(switchPortName(subnet, name)))),
    action: 'allow-stateless',
  },
});

function egressRules(
  { networks }: EgressIsolation,
  own: ReturnType<typeof ownSets>,
  allowed: readonly FamilySet[],
  unit: UnitContext,
): Rule[] {
  const served = new Set(networks.flatMap((network) => network.families));
  return [
    ...own
      .filter(({ family }) => served.has(family))
      .map(({ family, name }) => allowRule(`own/ip${family}`, 'its own addresses outside', family, name)),
    ...allowed.map(({ family, name }) =>
      allowRule(`allowed/ip${family}`, 'what it is allowed to reach', family, name),
    ),
    ...networks.flatMap((network) =>
      network.families.map((family) => ({
        ...dropRule(
          `${network.name}/ip${family}`,
          `what others expose on ${network.name}`,
          'from-lport',
          'dst',
          family,
          poolSetName(network.name, family),
        ),
        requires: [unit.uuid('Address_Set', rowIds.pool(network.name, family))],
      })),
    ),
  ];
}

const allowRule = (id: string, meaning: string, family: Family, set: string): Rule => ({
  id,
  band: 'isolationAllow',
  meaning,
  columns: {
    direction: 'from-lport',
    match: formatMatch(compare(`ip${family}.dst`, '==', addressSet(set))),
    action: 'allow-related',
  },
});

const dropRule = (
  id: string,
  meaning: string,
  direction: 'from-lport' | 'to-lport',
  side: 'src' | 'dst',
  family: Family,
  set: string,
): Rule => ({
  id,
  band: 'isolationDrop',
  meaning,
  columns: {
    direction,
    match: formatMatch(compare(`ip${family}.${side}`, '==', addressSet(set))),
    action: 'drop',
  },
});

interface FamilySet {
  readonly family: Family;
  readonly name: string;
  readonly row: DesiredRow;
}

/** One address set per family that there is something of. */
function familySets(
  { name: project, source }: IsolationModel,
  what: IsolationSet,
  prefixes: readonly Prefix[],
  unit: UnitContext,
): FamilySet[] {
  return families.flatMap((family) => {
    const addresses = textsOf(prefixes, family);
    if (addresses.length === 0) return [];
    const name = setName(project, what, family);
    const row = unit.row(
      'Address_Set',
      rowIds.isolationSet(project, what, family),
      { name, addresses },
      { source },
    );
    return [{ family, name, row }];
  });
}

type IsolationSet = 'callers' | 'allowed' | 'own';

const setName = (project: string, what: IsolationSet, family: Family): string =>
  addressSetName(`isolation-${what}-ip${family}`, '', project);

const poolSetName = (network: string, family: Family): string =>
  addressSetName(`pool-ip${family}`, '', network);

const textsOf = (prefixes: readonly Prefix[], family: Family): string[] =>
  prefixes
    .filter((prefix) => prefix.family === family)
    .map(formatPrefix)
    .toSorted();
