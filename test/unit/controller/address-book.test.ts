// Who holds which address through time: claims, records, refusals, ranges that change.
import { describe, expect, test } from 'vitest';
import { AddressBook } from '../../../src/controller/address-book.ts';
import { isGranted } from '../../../src/ipam/pool.ts';
import type { AddressRequest, PoolSpec } from '../../../src/ipam/pool.ts';
import type { PoolRequest } from '../../../src/model/address-answers.ts';
import { formatAddress, parseAddress } from '../../../src/net/address.ts';
import type { Address } from '../../../src/net/address.ts';
import type { LedgerRecord } from '../../../src/target/records.ts';

const address = (text: string): Address => parseAddress(text)!;
const poolOf = (last: number, name = 'ext'): PoolSpec => ({
  name,
  ranges: [{ family: 4, first: address('192.0.2.1').value, last: address(`192.0.2.${last}`).value }],
});
const pool = poolOf(3);
const wish = (holder: string, more: Partial<AddressRequest> = {}, spec = pool): PoolRequest => ({
  pool: spec,
  request: { holder, order: holder, ...more },
});

/** A ledger that a test writes by hand, as commits would. */
class Ledger {
  readonly lines = new Map<string, LedgerRecord>();

  write(holder: string, value: string, kind: LedgerRecord['kind'] = 'eip'): this {
    this.lines.set(holder, { holder, kind, value });
    return this;
  }

  recorded(holder: string): string | undefined {
    return this.lines.get(holder)?.value;
  }

  ledger(): Iterable<LedgerRecord> {
    return this.lines.values();
  }
}

function bookWith(ledger = new Ledger()) {
  const book = new AddressBook(ledger);
  const settle = (wishes: Readonly<Record<string, readonly PoolRequest[]>>): string[] =>
    [...book.settle(new Map(Object.entries(wishes)))].toSorted();
  const answer = (holder: string, name = 'ext'): string | undefined => {
    const decision = book.decision(name, holder);
    if (decision === undefined) return undefined;
    return isGranted(decision) ? formatAddress(decision.address) : decision.failure;
  };
  return { book, ledger, settle, answer };
}

describe('AddressBook', () => {
  test('decides all wishes together and names the units that must be modelled again', () => {
    const { settle, answer } = bookWith();
    const wishes = { b: [wish('young')], a: [wish('old', { order: '0' })], c: [] };
    expect(settle(wishes)).toEqual(['a', 'b']);
    expect([answer('old'), answer('young')]).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(settle(wishes)).toEqual([]);
  });

  test('those who read the addresses of a unit are modelled again with it', () => {
    const book = new AddressBook(new Ledger(), (unit) => (unit === 'a' ? ['reader'] : []));
    const settle = (unit: string, ...wishes: readonly PoolRequest[]) => [
      ...book.settle(new Map([[unit, wishes]])),
    ];
    expect(settle('a', wish('x'))).toEqual(['a', 'reader']);
    expect(settle('a', wish('x'))).toEqual([]);
    expect(settle('b', wish('y'))).toEqual(['b']);
  });

  test('one holder may be wished for twice by one unit', () => {
    const { settle, answer } = bookWith();
    settle({ a: [wish('x'), wish('x')] });
    expect(answer('x')).toBe('192.0.2.1');
  });

  test('a wish that changes is decided again', () => {
    const { settle, answer } = bookWith();
    settle({ a: [wish('x')] });
    expect(settle({ a: [wish('x', { requested: address('192.0.2.3') })] })).toEqual(['a']);
    expect(answer('x')).toBe('192.0.2.3');
    expect(settle({ a: [wish('x', { requested: address('192.0.2.99') })] })).toEqual(['a']);
    expect(answer('x')).toBe('out-of-range');
  });

  test('who was refused is named when an address comes free, and gets it when asked again', () => {
    const { book, settle, answer } = bookWith();
    const small = poolOf(1);
    const both = { a: [wish('x', {}, small)], b: [wish('y', {}, small)] };
    settle(both);
    expect([answer('x'), answer('y')]).toEqual(['192.0.2.1', 'exhausted']);
    book.finish('a', both.a);
    expect(settle({ b: both.b })).toEqual([]);
    expect([...book.finish('a', [])]).toEqual(['b']);
    expect(settle({ b: both.b })).toEqual(['b']);
    expect(answer('y')).toBe('192.0.2.1');
  });

  test('nothing is free while the record is still there', () => {
    const { book, ledger, settle, answer } = bookWith();
    const small = poolOf(1);
    settle({ a: [wish('x', {}, small)] });
    book.finish('a', [wish('x', {}, small)]);
    ledger.write('x', '192.0.2.1');
    expect([...book.finish('a', [])]).toEqual([]);
    settle({ b: [wish('y', {}, small)] });
    expect(answer('y')).toBe('exhausted');
    ledger.lines.clear();
    expect([...book.recordsGone(['x'])]).toEqual(['b']);
    settle({ b: [wish('y', {}, small)] });
    expect(answer('y')).toBe('192.0.2.1');
  });

  test('a record that goes while its holder still asks frees nothing', () => {
    const { book, settle, answer } = bookWith(new Ledger().write('x', '192.0.2.1'));
    settle({ a: [wish('x', { recorded: address('192.0.2.1') })] });
    book.finish('a', [wish('x')]);
    expect([...book.recordsGone(['x'])]).toEqual([]);
    settle({ b: [wish('y')] });
    expect([answer('x'), answer('y')]).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  test('records that nobody asks for at the start are held until they go', () => {
    const ledger = new Ledger().write('lost', '192.0.2.1').write('elsewhere', '198.51.100.1');
    const { book, settle, answer } = bookWith(ledger);
    settle({ a: [wish('x')], blocked: [] });
    expect(answer('x')).toBe('192.0.2.2');
    ledger.lines.delete('lost');
    book.recordsGone(['lost']);
    settle({ b: [wish('y'), wish('z')] });
    expect([answer('y'), answer('z')]).toEqual(['192.0.2.3', '192.0.2.1']);
  });

  test('an address of one family is released when its record is gone, whatever is left of the other', () => {
    const value = address('2001:db8::1').value;
    const wide: PoolSpec = { name: 'ext IPv6', ranges: [{ family: 6, first: value, last: value }] };
    const { book, ledger, settle, answer } = bookWith();
    settle({ a: [wish('x'), wish('x', {}, wide)] });
    ledger.write('x', '192.0.2.1,2001:db8::1');
    book.finish('a', [wish('x'), wish('x', {}, wide)]);
    book.finish('a', [wish('x')]);
    settle({ b: [wish('y', {}, wide)] });
    expect(answer('y', 'ext IPv6')).toBe('exhausted');
    ledger.write('x', '192.0.2.1');
    expect([...book.recordsGone(['x'])]).toEqual(['b']);
    settle({ b: [wish('y', {}, wide)] });
    expect([answer('x'), answer('y', 'ext IPv6')]).toEqual(['192.0.2.1', '2001:db8::1']);
  });

  test('a family on record that nobody asks for at the start is held until it goes', () => {
    const [first, last] = [address('2001:db8::1').value, address('2001:db8::2').value];
    const wide: PoolSpec = { name: 'ext IPv6', ranges: [{ family: 6, first, last }] };
    const ledger = new Ledger().write('x', '192.0.2.1,2001:db8::1');
    const { book, settle, answer } = bookWith(ledger);
    settle({ a: [wish('x', { recorded: address('192.0.2.1') })], b: [wish('y', {}, wide)] });
    expect(answer('y', 'ext IPv6')).toBe('2001:db8::2');
    ledger.write('x', '192.0.2.1');
    book.recordsGone(['x']);
    settle({ b: [wish('y', {}, wide), wish('z', {}, wide)] });
    expect([answer('x'), answer('z', 'ext IPv6')]).toEqual(['192.0.2.1', '2001:db8::1']);
  });

  test('a holder that asks later finds what was held for it', () => {
    const { book, settle, answer } = bookWith(new Ledger().write('late', '192.0.2.1'));
    settle({ a: [wish('x')] });
    settle({ blocked: [wish('late', { recorded: address('192.0.2.1') })] });
    expect([answer('x'), answer('late')]).toEqual(['192.0.2.2', '192.0.2.1']);
    book.recordsGone(['late']);
    settle({ a: [wish('x'), wish('other')] });
    expect(answer('other')).toBe('192.0.2.3');
  });

  test('a unit that was modelled before its pool was known hears of the address it holds', () => {
    const { settle, answer } = bookWith(new Ledger().write('x', '192.0.2.2'));
    // The pool is unheard of when the unit is modelled, so its model has no answer yet.
    expect(settle({ a: [] })).toEqual([]);
    expect(settle({ a: [wish('x')] })).toEqual(['a']);
    expect(answer('x')).toBe('192.0.2.2');
    expect(settle({ a: [wish('x')] })).toEqual([]);
  });

  test('blocks and addresses are records of different pools', () => {
    const blocks: PoolSpec = { ...poolOf(255, 'blocks'), blockLength: 30 };
    const ledger = new Ledger().write('gone', '192.0.2.4/30', 'block').write('eip', '192.0.2.8');
    const { settle, answer } = bookWith(ledger);
    settle({ a: [wish('p', {}, blocks), wish('q', {}, blocks), wish('x', {}, poolOf(9))] });
    expect([answer('p', 'blocks'), answer('q', 'blocks')]).toEqual(['192.0.2.8', '192.0.2.12']);
    expect(answer('x')).toBe('192.0.2.1');
  });

  test('a holder that another unit asks for now is not released by the first one', () => {
    const { book, settle, answer } = bookWith();
    settle({ a: [wish('x')] });
    book.finish('a', [wish('x')]);
    settle({ b: [wish('x')] });
    book.finish('b', [wish('x')]);
    book.finish('a', []);
    settle({ c: [wish('y')] });
    expect([answer('x'), answer('y')]).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  test('a pool whose range changes keeps everybody who still fits, and names the others', () => {
    const { settle, answer } = bookWith();
    settle({ a: [wish('x')], b: [wish('y')], c: [wish('z')] });
    const shifted: PoolSpec = {
      name: 'ext',
      ranges: [{ family: 4, first: address('192.0.2.2').value, last: address('192.0.2.5').value }],
    };
    expect(settle({ c: [wish('z', {}, shifted), wish('new', {}, shifted)] })).toEqual(['a', 'c']);
    expect(['x', 'y', 'z', 'new'].map((holder) => answer(holder))).toEqual([
      'out-of-range',
      '192.0.2.2',
      '192.0.2.3',
      '192.0.2.4',
    ]);
    expect(settle({ c: [wish('z', {}, { ...shifted })] })).toEqual([]);
  });
});
