// Lists of at most one item per family: what is read, in which order it is kept, how it is printed.
import { describe, expect, test } from 'vitest';
import {
  commonFamilies,
  formatAddressList,
  formatPrefixList,
  ofFamily,
  parseAddressList,
  parsePrefixList,
} from '../../../src/net/family-list.ts';

describe('a list', () => {
  test.each([
    ['10.0.10.1', '10.0.10.1'],
    ['fd00::1', 'fd00::1'],
    ['fd00::1,10.0.10.1', '10.0.10.1,fd00::1'],
    [' 10.0.10.1 , FD00:0::1 ', '10.0.10.1,fd00::1'],
  ])('of addresses %j is %s', (text, expected) => {
    expect(formatAddressList(parseAddressList(text)!)).toBe(expected);
  });

  test.each(['', ',', '10.0.10.1,', '10.0.10.1,10.0.10.2', 'fd00::1,fd00::2', '10.0.10.1,fd00::1,fd00::2'])(
    'is not %j',
    (text) => expect(parseAddressList(text)).toBeUndefined(),
  );

  test('of ranges has IPv4 first', () => {
    expect(formatPrefixList(parsePrefixList('fd00::/64,10.0.0.0/8')!)).toBe('10.0.0.0/8,fd00::/64');
    expect(parsePrefixList('fd00::1/64,10.0.0.0/8')).toBeUndefined();
  });
});

test('families that two have in common', () => {
  const [both, wide] = [parseAddressList('10.0.0.1,fd00::1')!, parseAddressList('fd00::2')!];
  expect(commonFamilies(both, both)).toEqual([4, 6]);
  expect(commonFamilies(both, wide)).toEqual([6]);
  expect(commonFamilies(parseAddressList('10.0.0.1')!, wide)).toEqual([]);
  expect(ofFamily(wide, 4)).toBeUndefined();
});
