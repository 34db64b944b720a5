// Match expressions: quotes, sets and parentheses.
import { describe, expect, test } from 'vitest';
import {
  addressSet,
  and,
  compare,
  formatMatch,
  not,
  or,
  portGroup,
  portName,
  predicate,
  prefixMatch,
} from '../../../src/northbound/match.ts';

const http = compare('tcp.dst', '==', 80);
const reply = predicate('ct.rpl');
const v4 = { family: 4, base: 0x0a000000n, length: 8 } as const;
const host = { family: 4, base: 0x0a000001n, length: 32 } as const;
const v6 = { family: 6, base: 1n << 64n, length: 64 } as const;

describe('formatMatch', () => {
  test.each([
    ['a comparison', http, 'tcp.dst == 80'],
    ['a sorted set without repetition', compare('tcp.dst', '==', 9, 80, 9), 'tcp.dst == {80, 9}'],
    ['a quoted port name', compare('inport', '==', portName('a"b')), String.raw`inport == "a\"b"`],
    ['named sets', compare('ip4.src', '!=', addressSet('opj1')), 'ip4.src != $opj1'],
    ['a port group', compare('outport', '==', portGroup('opj2')), 'outport == @opj2'],
    ['a part of a field', compare('ct_label[0..31]', '==', 7), 'ct_label[0..31] == 7'],
    ['always', and([]), '1'],
    ['never', or([]), '0'],
    ['a list of one', and([or([http])]), 'tcp.dst == 80'],
    ['or in and', and([reply, or([http, reply])]), 'ct.rpl && (tcp.dst == 80 || ct.rpl)'],
    ['and in or', or([and([reply, http]), reply]), '(ct.rpl && tcp.dst == 80) || ct.rpl'],
    ['and in and', and([and([reply, http]), reply]), 'ct.rpl && tcp.dst == 80 && ct.rpl'],
    [
      'or in a list of one in and',
      and([reply, and([or([http, reply])])]),
      'ct.rpl && (tcp.dst == 80 || ct.rpl)',
    ],
    ['not', not(reply), '!ct.rpl'],
    ['not of a comparison', not(http), '!(tcp.dst == 80)'],
    ['prefixes of a family', prefixMatch('src', [v4, host]), 'ip4.src == {10.0.0.0/8, 10.0.0.1}'],
    [
      'prefixes of both families',
      and([reply, prefixMatch('dst', [v6, v4])]),
      'ct.rpl && (ip4.dst == 10.0.0.0/8 || ip6.dst == 0:0:0:1::/64)',
    ],
    ['no prefixes', prefixMatch('dst', []), '0'],
  ])('%s', (_, match, text) => {
    expect(formatMatch(match)).toBe(text);
  });

  test('refuses what is no symbol or number', () => {
    expect(() => compare('tcp.dst == 1 || ip4', '==', 1)).toThrow(/is no field/u);
    expect(() => compare('tcp.dst', '==', -1)).toThrow(/unsigned/u);
    expect(() => compare('tcp.dst', '==')).toThrow(/nothing/u);
  });
});
