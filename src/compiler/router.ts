// Routers: a VPC's own and its edges, with the options that keep many of them on one VLAN apart.
import { routerName } from '../northbound/names.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { rowIds } from './row-ids.ts';
import type { UnitContext } from './unit-context.ts';

/**
 * A router is written only together with everything that the same object means (`core`): where a foreign row holds the
 * name of a project's switch, there is no half-built project, but a conflict. `loadBalancers`: uuids.
 * Source of the options: ovn-nb(5) Logical_Router:options. Together they keep routers that share a VLAN from learning
 * each other's MACs, which costs N² MAC_Binding rows, and let stale bindings age.
 */
export function routerRow(
  router: string,
  source: string,
  loadBalancers: readonly string[],
  core: readonly DesiredRow[],
  unit: UnitContext,
): DesiredRow {
  return unit.row(
    'Logical_Router',
    rowIds.router(router),
    {
      name: routerName(router),
      options: {
        mac_binding_age_threshold: '300',
        dynamic_neigh_routers: 'true',
        always_learn_from_arp_request: 'false',
      },
      load_balancer: loadBalancers.toSorted(),
    },
    { source, requires: core.filter((row) => row.source === source).map((row) => row.uuid) },
  );
}
