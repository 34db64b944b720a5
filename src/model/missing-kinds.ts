// What may be done while kinds are missing: a unit that may depend on objects which nobody can see stays as it is.
import type { Kind } from '../api/api-object.ts';
import type { Inventory } from './inventory.ts';
import { parseUnit } from './unit.ts';
import type { UnitId } from './unit.ts';

/** A network is made of its own object, and gives way to an underlay on its VLAN. */
const kindsOfNetworks: ReadonlySet<Kind> = new Set(['ExternalNetwork', 'Subnet']);

/** Kinds without which Projects live, as long as there are no objects of them. */
const besideProjects: ReadonlySet<Kind> = new Set(['Vpc', 'Subnet']);

/** Whether a kind is missing that the unit may depend on. */
export function lacksKinds(unit: UnitId, inventory: Inventory): boolean {
  const { kind, name } = parseUnit(unit) ?? {};
  return [...inventory.missingKinds].some(([missing, why]) => {
    if (kind === 'network' && !kindsOfNetworks.has(missing)) return false;
    if (why === 'hidden' || !besideProjects.has(missing)) return true;
    return kind !== 'network' && (name === undefined || !makesOwn(name, inventory));
  });
}

/** Whether a project makes the VPC, so that no Vpc does. */
const makesOwn = (vpc: string, inventory: Inventory): boolean =>
  inventory.projectsIn(vpc).some(({ spec }) => spec.vpc === undefined);
