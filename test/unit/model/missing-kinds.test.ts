// Kinds that nobody can see: which units stay as they are, and which go on.
import { describe, expect, test } from 'vitest';
import type { Kind } from '../../../src/api/api-object.ts';
import type { UnitId } from '../../../src/model/unit.ts';
import { lacksKinds } from '../../../src/model/missing-kinds.ts';
import { worldOf } from '../../support/model-world.ts';
import { eip, networks, project } from '../../support/scenario.ts';

const world = worldOf(networks + project + eip('e'));
const units: readonly UnitId[] = ['network/ext-cloud', 'vpc/shalb-demo', 'vpc/core', 'underlay/racks'];

function staying(kind: Kind, why: 'hidden' | 'not-served'): UnitId[] {
  world.inventory.missingKinds = new Map([[kind, why]]);
  return units.filter((unit) => lacksKinds(unit, world.inventory));
}

const others: readonly UnitId[] = ['vpc/shalb-demo', 'vpc/core', 'underlay/racks'];

describe('while a kind is missing', () => {
  test.each<[Kind, 'hidden' | 'not-served', readonly UnitId[]]>([
    ['ExternalNetwork', 'hidden', units],
    ['ExternalNetwork', 'not-served', units],
    ['FIp', 'hidden', others],
    ['FIp', 'not-served', others],
    ['EndpointSlice', 'hidden', others],
    ['Pod', 'hidden', others],
    ['Vpc', 'hidden', others],
    ['Subnet', 'hidden', units],
    // There are none of them, and a Project needs none.
    ['Vpc', 'not-served', ['vpc/core', 'underlay/racks']],
    ['Subnet', 'not-served', ['vpc/core', 'underlay/racks']],
  ])('%s, %s: these stay as they are', (kind, why, expected) => {
    expect(staying(kind, why)).toEqual(expected);
  });

  test('nobody stays when none is', () => {
    world.inventory.missingKinds = new Map();
    expect(units.filter((unit) => lacksKinds(unit, world.inventory))).toEqual([]);
  });
});
