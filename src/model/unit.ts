// Units: what is compiled, compared and committed together.

type UnitKind = 'vpc' | 'network' | 'underlay';

/** `vpc/{name}`, `network/{name}` or `underlay/{name}`. */
export type UnitId = `${UnitKind}/${string}`;

export const vpcUnit = (name: string): UnitId => `vpc/${name}`;
export const networkUnit = (name: string): UnitId => `network/${name}`;
export const underlayUnit = (subnet: string): UnitId => `underlay/${subnet}`;

/**
 * Unit of a Project, Vpc or ExternalNetwork by its key alone, so that it is known for a rejected one, too. Of a Project
 * that is in a Vpc only `Inventory` knows.
 */
export function rootUnit(key: string): UnitId | undefined {
  const [kind, first = '', second = ''] = key.split('/');
  if (kind === 'ExternalNetwork') return networkUnit(first);
  if (kind === 'Vpc') return vpcUnit(first);
  return kind === 'Project' ? vpcUnit(`${first}-${second}`) : undefined;
}

/** Splits a unit: `vpc/shalb-demo` → `{kind: 'vpc', name: 'shalb-demo', id: …}`; undefined when it is not one. */
export function parseUnit(
  unit: string,
): { readonly kind: UnitKind; readonly name: string; readonly id: UnitId } | undefined {
  const [, kind, name = ''] = /^(vpc|network|underlay)\/(.+)$/.exec(unit) ?? [];
  if (kind !== 'vpc' && kind !== 'network' && kind !== 'underlay') return undefined;
  return { kind, name, id: `${kind}/${name}` };
}
