// Notation of addresses, prefixes, ranges and MACs: what is accepted, what is not, and how it is printed.
import { describe, expect, test } from 'vitest';
import { compareAddresses, formatAddress, parseAddress, sameAddress } from '../../../src/net/address.ts';
import { macFromAddress, parseMac } from '../../../src/net/mac.ts';
import { formatPrefix, hostBits, parsePrefix, prefixContains, usableRange } from '../../../src/net/prefix.ts';
import { addressAt, parseRange, rangeContains, rangesOverlap } from '../../../src/net/range.ts';

const address = (text: string) => parseAddress(text)!;
const prefix = (text: string) => parsePrefix(text)!;

describe('parseAddress', () => {
  test.each([
    ['10.0.10.4', { family: 4, value: 0x0a000a04n }],
    ['255.255.255.255', { family: 4, value: 0xffffffffn }],
    ['::1', { family: 6, value: 1n }],
    ['::ffff:10.0.0.1', { family: 6, value: 0xffff0a000001n }],
    ['2001:DB8::1', { family: 6, value: 0x20010db8000000000000000000000001n }],
  ])('%s', (text, expected) => expect(parseAddress(text)).toEqual(expected));

  test.each(['', '10.0.0', '10.0.0.256', '010.0.0.1', '0x0a.0.0.1', '167772161', ' 10.0.0.1', '10.0.0.1 '])(
    'rejects %j',
    (text) => expect(parseAddress(text)).toBeUndefined(),
  );
  test.each(['fe80::1%eth0', '1::2::3', '12345::', ':::', '10.0.0.1/32', '[::1]'])('rejects %j', (text) =>
    expect(parseAddress(text)).toBeUndefined(),
  );
});

test.each([
  ['2001:0DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['0:0:0:0:0:0:0:0', '::'],
])('RFC 5952: %s is printed as %s', (text, expected) => expect(formatAddress(address(text))).toBe(expected));

test('IPv4 sorts before IPv6, then by value and not by text', () => {
  const texts = ['::1', '10.0.0.10', '10.0.0.9', '::'];
  const sorted = texts.map(address).toSorted(compareAddresses).map(formatAddress);
  expect(sorted).toEqual(['10.0.0.9', '10.0.0.10', '::', '::1']);
  expect(sameAddress(address('0.0.0.1'), address('::1'))).toBe(false);
});

describe('prefixes', () => {
  test.each(['10.0.10.0/24', '0.0.0.0/0', '10.0.0.1/32', '2001:db8::/64', '::/0', '2001:db8::1/128'])(
    'reads %s',
    (text) => expect(formatPrefix(prefix(text))).toBe(text),
  );
  test.each([
    '10.0.10.0',
    '10.0.10.0/33',
    '10.0.10.0/024',
    '10.0.10.0/',
    '/24',
    '::/129',
    '10.0.10.0/24/8',
    '10.0/16',
  ])('rejects %j', (text) => expect([parsePrefix(text), hostBits(text)]).toEqual([undefined, undefined]));
  test.each([
    ['10.0.10.7/24', '10.0.10.0/24'],
    ['2001:db8::1/64', '2001:db8::/64'],
    ['100.65.0.101/16', '100.65.0.0/16'],
  ])('%s has host bits, %s is meant', (text, corrected) => {
    expect(parsePrefix(text)).toBeUndefined();
    expect(formatPrefix(hostBits(text)!)).toBe(corrected);
  });
  test.each([
    ['10.0.10.0/24', '10.0.10.1', '10.0.10.254'],
    ['10.0.10.0/30', '10.0.10.1', '10.0.10.2'],
    ['10.0.10.0/31', '10.0.10.0', '10.0.10.1'],
    ['10.0.10.4/32', '10.0.10.4', '10.0.10.4'],
    ['2001:db8::/126', '2001:db8::1', '2001:db8::3'],
    ['2001:db8::/127', '2001:db8::', '2001:db8::1'],
  ])('usable in %s: %s to %s', (text, first, last) => {
    expect(usableRange(prefix(text))).toEqual({ ...parseRange(`${first}..${last}`) });
  });
  test('contains its ends and nothing beyond', () => {
    const inside = ['10.0.9.255', '10.0.10.0', '10.0.10.255', '10.0.11.0', '::a00:a01'].map((text) =>
      prefixContains(prefix('10.0.10.0/24'), address(text)),
    );
    expect(inside).toEqual([false, true, true, false, false]);
  });
});

describe('ranges', () => {
  test.each([
    ['10.0.0.1', '10.0.0.1', '10.0.0.1'],
    ['10.0.0.1..10.0.0.9', '10.0.0.1', '10.0.0.9'],
    ['10.0.0.0/28', '10.0.0.0', '10.0.0.15'],
  ])('%s is %s to %s', (text, first, last) => {
    expect(parseRange(text)).toEqual({ family: 4, first: address(first).value, last: address(last).value });
  });
  test.each([
    '10.0.0.9..10.0.0.1',
    '10.0.0.1..',
    '..10.0.0.1',
    '10.0.0.1..::1',
    '10.0.0.1..10.0.0.2..10.0.0.3',
    '10.0.0.1/24',
  ])('rejects %j', (text) => expect(parseRange(text)).toBeUndefined());
  test('families do not mix', () => {
    const [four, six] = [parseRange('0.0.0.0/0')!, parseRange('::/0')!];
    expect(rangesOverlap(four, six)).toBe(false);
    expect(rangeContains(six, address('10.0.0.1'))).toBe(false);
  });
  test('counting begins at 0', () => {
    const pool = [parseRange('10.0.0.1..10.0.0.2')!, parseRange('10.0.0.9')!];
    const counted = [-1n, 0n, 1n, 2n, 3n]
      .map((n) => addressAt(pool, n))
      .map((found) => found && formatAddress(found));
    expect(counted).toEqual([undefined, '10.0.0.1', '10.0.0.2', '10.0.0.9', undefined]);
  });
});

describe('MACs', () => {
  test('of an IPv4 address can be read back', () => {
    expect(macFromAddress(address('10.0.10.2'))).toBe('0a:58:0a:00:0a:02');
  });
  test('of an IPv6 address does not change between releases', () => {
    expect(macFromAddress(address('2001:db8::1'))).toBe('0a:58:8b:c3:9c:16');
  });
  test.each([
    ['0A:58:0a:00:0a:02', '0a:58:0a:00:0a:02'],
    ['0a-58-0a-00-0a-02', '0a:58:0a:00:0a:02'],
    ['0a:58:0a:00:0a', undefined],
    ['0a:58:0a:00:0a:02:03', undefined],
    ['0a:58-0a:00:0a:02', undefined],
    ['0a:58:0a:00:0a:0g', undefined],
  ])('%s reads as %s', (text, expected) => expect(parseMac(text)).toBe(expected));
});
