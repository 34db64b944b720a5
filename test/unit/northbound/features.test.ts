// What each supported end of OVN's versions can do, and what is said where it cannot be told.
import { expect, test } from 'vitest';
import { formatCapabilities } from '../../../src/cli/show/capabilities.ts';
import { capabilitiesOf } from '../../../src/northbound/capabilities.ts';
import { featuresOf } from '../../../src/northbound/features.ts';
import type { ServerFacts } from '../../../src/northbound/features.ts';
import { schemaFile } from '../../support/model-world.ts';

function server(
  schema: string,
  release: string | undefined,
  insertsWithUuid: boolean | undefined,
): ServerFacts {
  const global = {
    _uuid: '',
    options: { ...(release !== undefined && { northd_internal_version: release }) },
  };
  return { capabilities: capabilitiesOf(schemaFile(schema).schema, global), insertsWithUuid };
}
const here = (facts: ServerFacts): (boolean | undefined)[] => featuresOf(facts).map(({ isHere }) => isHere);

test('the newest has everything', () =>
  expect(new Set(here(server('ovn-nb-7.11.0.ovsschema', '25.03.0-20.41.0-79.1', true)))).toEqual(
    new Set([true]),
  ));

test('the oldest has none of it but uuids', () =>
  expect(here(server('ovn-nb-7.0.0.ovsschema', '23.03.1-20.27.0-70.6', true))).toEqual([
    ...Array.from({ length: 8 }, () => false),
    true,
  ]));

test('columns and programs are told apart: a new schema with an old northd', () =>
  expect(
    featuresOf(server('ovn-nb-7.11.0.ovsschema', '23.06.0-x', true))
      .filter(({ isHere }) => !isHere)
      .map(({ needs }) => needs),
  ).toEqual(['ovn-northd 25.03', 'ovn-northd 25.03, or a patched older one']));

test('what cannot be told is no promise', () => {
  const text = formatCapabilities(server('ovn-nb-7.11.0.ovsschema', undefined, undefined));
  expect(text).toMatch(/^schema 7\.11\.0, ovn-northd unknown/);
  expect(text.match(/^\? /gm)).toHaveLength(4);
  expect(text).toMatch(/^\? +rows are inserted .*\n {5}without: the server is refused: plan, apply/m);
});
