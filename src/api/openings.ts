// Openings of a Vpc: which of its subnets may begin connections to which, where a project is behind a wall otherwise.
import { Type, type Static } from 'typebox';
import { subnetOrAnyText } from './cel.ts';
import { fieldPath, finding, type Finding } from './finding.ts';
import { checkLabel } from './name-field.ts';
import type { Immutable } from './schema.ts';

/** Stands for every subnet of the Vpc. */
export const anySubnet = '*';

export const openingsSchema = Type.Array(
  Type.Object({
    from: Type.String({
      ...subnetOrAnyText,
      description: 'The subnet whose workloads may begin connections, or "*" for all.',
    }),
    to: Type.String({
      ...subnetOrAnyText,
      description: 'The subnet whose workloads they may reach, or "*" for all.',
    }),
  }),
  {
    default: [],
    description:
      'Openings in the walls between the subnets of projects in this Vpc, and between those and its own Subnets. Each is for connections that begin in one direction; that of a project is named {organization}-{project}-default.',
    maxItems: 1024,
  },
);

export type Opening = Immutable<Static<typeof openingsSchema>>[number];

/** What is wrong with the names; whether there are such subnets is not to be seen here. */
export function checkOpenings(openings: readonly Opening[]): Finding[] {
  const seen = new Set<string>();
  return openings.flatMap(({ from, to }, index) => {
    const at = fieldPath('spec.openings', index);
    const found = [...checkEnd(`${at}.from`, from), ...checkEnd(`${at}.to`, to)];
    const key = `${from} ${to}`;
    if (seen.has(key)) found.push(finding('Invalid', at, 'it stands there twice', 'remove one of them'));
    seen.add(key);
    return found;
  });
}

function checkEnd(path: string, text: string): Finding[] {
  return text === anySubnet ? [] : checkLabel(path, text, 'the name of a subnet, or "*"');
}
