// What the framer refuses.
import { describe, expect, test } from 'vitest';
import { Framer } from '../../../src/ovsdb/framer.ts';

const refusal = expect.objectContaining({ code: 'OVSDB_PROTOCOL' });
const ignore = (): void => {};

describe('framer', () => {
  test.each([
    ['array', Buffer.from('[1]')],
    ['text', Buffer.from(' x')],
    ['byte order mark', Buffer.from('\uFEFF{}')],
    ['rubbish between messages', Buffer.from('{},{}')],
    ['closing bracket', Buffer.from('}')],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])],
    ['UTF-8 cut by a quote', Buffer.from([0x7b, 0x22, 0xc3, 0x22, 0x7d])],
  ])('%s is a protocol error', (_what, bytes) => {
    expect(() => new Framer().push(bytes, ignore)).toThrow(refusal);
  });

  test('what was complete before the rubbish is still delivered', () => {
    const texts: string[] = [];
    const framer = new Framer();
    expect(() => framer.push(Buffer.from('{"a":1}{"b":2}!'), (f) => texts.push(f.text))).toThrow(refusal);
    expect(texts).toEqual(['{"a":1}', '{"b":2}']);
  });

  test('a message may be as long as the limit, not longer', () => {
    const text = '{"a":"0123456789"}';
    const push = (maxMessageBytes: number): void =>
      new Framer({ maxMessageBytes }).push(Buffer.from(text), ignore);
    push(text.length);
    expect(() => push(text.length - 1)).toThrow(refusal);
  });

  test('an unfinished message that is too long is refused before its end', () => {
    const framer = new Framer({ maxMessageBytes: 100 });
    framer.push(Buffer.from('{"a":"'), ignore);
    expect(() => framer.push(Buffer.alloc(95, 0x61), ignore)).toThrow(refusal);
  });

  test('nesting may be as deep as the limit, not deeper', () => {
    const nested = (depth: number): Buffer =>
      Buffer.from(`{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`);
    new Framer({ maxDepth: 10 }).push(nested(10), ignore);
    expect(() => new Framer({ maxDepth: 10 }).push(nested(11), ignore)).toThrow(refusal);
  });

  test('tells how much of a message it holds', () => {
    const framer = new Framer();
    framer.push(Buffer.from('{}  {"a"'), ignore);
    expect(framer.pendingBytes).toBe(4);
    framer.push(Buffer.from(':1}'), ignore);
    expect(framer.pendingBytes).toBe(0);
  });
});
