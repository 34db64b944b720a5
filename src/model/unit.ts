// Units: what is compiled, compared and committed together.

/** `vpc/{name}` or `network/{name}`. */
export type UnitId = `vpc/${string}` | `network/${string}`;

export const vpcUnit = (name: string): UnitId => `vpc/${name}`;
export const networkUnit = (name: string): UnitId => `network/${name}`;

/** Unit of a Project, Vpc or ExternalNetwork by its key alone, so that it is known for a rejected one, too. */
export function rootUnit(key: string): UnitId | undefined {
  const [kind, first = '', second = ''] = key.split('/');
  if (kind === 'ExternalNetwork') return networkUnit(first);
  if (kind === 'Vpc') return vpcUnit(first);
  return kind === 'Project' ? vpcUnit(`${first}-${second}`) : undefined;
}

/** Splits a unit: `vpc/shalb-demo` → `{kind: 'vpc', name: 'shalb-demo'}`; undefined when it is not one. */
export function parseUnit(
  unit: string,
): { readonly kind: 'vpc' | 'network'; readonly name: string } | undefined {
  const match = /^(vpc|network)\/(.+)$/.exec(unit);
  if (match === null) return undefined;
  return { kind: match[1] === 'vpc' ? 'vpc' : 'network', name: match[2] ?? '' };
}
