// A peering: what one Vpc lets another one reach, and what it reaches there itself.
import { Type, type Static } from 'typebox';
import { labelText, prefixText } from './cel.ts';
import { checkPrefix } from './field.ts';
import { fieldPath, finding, type Finding } from './finding.ts';
import { checkLabel } from './name-field.ts';
import type { Immutable } from './schema.ts';

const prefixes = (description: string) =>
  Type.Array(Type.String(prefixText), {
    description,
    minItems: 1,
    maxItems: 32,
    'x-kubernetes-list-type': 'set',
  });

const peeringSchema = Type.Object({
  vpc: Type.String({
    ...labelText('the name of a Vpc'),
    description:
      'Name of the other Vpc, which has to name this one, with the same ranges the other way round.',
  }),
  localPrefixes: prefixes('Ranges of this Vpc that the other one reaches, each within one of its subnets.'),
  remotePrefixes: prefixes(
    'Ranges of the other Vpc that are reached from localPrefixes. Nothing else passes, either way.',
  ),
});

export const peeringsSchema = Type.Array(peeringSchema, {
  default: [],
  description: 'Other Vpcs that are reached router to router, without address translation.',
  maxItems: 32,
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['vpc'],
});

export type Peering = Immutable<Static<typeof peeringSchema>>;

export function checkPeerings(path: string, peerings: readonly Peering[]): Finding[] {
  const seen = new Set<string>();
  return peerings.flatMap(({ vpc, localPrefixes, remotePrefixes }, index) => {
    const at = fieldPath(path, index);
    const found = [
      ...checkLabel(`${at}.vpc`, vpc, 'the name of a Vpc'),
      ...localPrefixes.flatMap((text, place) => checkPrefix(fieldPath(`${at}.localPrefixes`, place), text)),
      ...remotePrefixes.flatMap((text, place) => checkPrefix(fieldPath(`${at}.remotePrefixes`, place), text)),
      ...(seen.has(vpc)
        ? [
            finding(
              'Invalid',
              `${at}.vpc`,
              `${vpc} stands there twice`,
              'write all its ranges into one entry',
            ),
          ]
        : []),
    ];
    seen.add(vpc);
    return found;
  });
}
