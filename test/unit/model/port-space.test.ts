// Sets of ports: what two of them have in common, and as rules have them.
import { expect, test } from 'vitest';
import { commonOf, portsOf, spaceOf, unionOf } from '../../../src/model/port-space.ts';
import type { PortsModel } from '../../../src/model/policy-model.ts';

const tcp = (...ranges: readonly (readonly [number, number])[]): PortsModel => ({
  protocol: 'tcp',
  ranges: ranges.map(([first, last]) => ({ first, last })),
});
const udp: PortsModel = { protocol: 'udp', ranges: [] };

test.each([
  ['everything', undefined, undefined, [undefined]],
  ['a port of everything', undefined, tcp([80, 80]), [tcp([80, 80])]],
  ['a protocol of everything', udp, undefined, [udp]],
  ['ranges', tcp([1, 80], [90, 99]), tcp([70, 95]), [tcp([70, 80], [90, 95])]],
  ['nothing, of ports', tcp([1, 79]), tcp([80, 80]), []],
  ['nothing, of protocols', tcp([80, 80]), udp, []],
])('two sets have in common: %s', (_name, a, b, both) => {
  expect(portsOf(commonOf(spaceOf(a), spaceOf(b)))).toEqual(both);
});

test('sets together are a rule for each protocol, in the fewest ranges', () => {
  const sets = [tcp([80, 80]), udp, tcp([81, 90], [443, 443])].map(spaceOf);
  expect(portsOf(unionOf(sets))).toEqual([tcp([80, 90], [443, 443]), udp]);
  expect(portsOf(unionOf([spaceOf(udp), spaceOf(undefined)]))).toEqual([undefined]);
});
