// Order per key.
import { describe, expect, test } from 'vitest';
import { KeyedQueue } from '../../../src/ovsdb/keyed-queue.ts';

function takeAll(queue: KeyedQueue<string>): string[] {
  const taken: string[] = [];
  for (let item = queue.take(); item !== undefined; item = queue.take()) taken.push(item);
  return taken;
}

describe('keyed queue', () => {
  test('without keys all are ready, first come first', () => {
    const queue = new KeyedQueue<string>();
    for (const item of ['a', 'b', 'c']) queue.add(item, []);
    expect(takeAll(queue)).toEqual(['a', 'b', 'c']);
    expect(queue.size).toBe(3);
  });

  test('one per key at a time, and nobody overtakes', () => {
    const queue = new KeyedQueue<string>();
    queue.add('a', ['x']);
    queue.add('b', ['x', 'y']);
    queue.add('c', ['y']);
    queue.add('d', ['z']);
    expect(takeAll(queue)).toEqual(['a', 'd']);
    queue.release('a');
    expect(takeAll(queue)).toEqual(['b']);
    queue.release('d');
    expect(takeAll(queue)).toEqual([]);
    queue.release('b');
    expect(takeAll(queue)).toEqual(['c']);
  });

  test('one that gives up lets those behind it pass, not those behind others', () => {
    const queue = new KeyedQueue<string>();
    queue.add('a', ['x']);
    queue.add('b', ['x', 'y']);
    queue.add('c', ['x']);
    queue.add('d', ['y']);
    expect(takeAll(queue)).toEqual(['a']);
    queue.release('b');
    expect(takeAll(queue)).toEqual(['d']);
    queue.release('a');
    expect(takeAll(queue)).toEqual(['c']);
    for (const item of ['c', 'd', 'd']) queue.release(item);
    expect(queue.size).toBe(0);
  });

  test('one that leaves from the middle of a line does not move its head', () => {
    const queue = new KeyedQueue<string>();
    queue.add('a', ['y']);
    queue.add('b', ['x', 'y']);
    queue.add('c', ['x']);
    expect(takeAll(queue)).toEqual(['a']);
    queue.release('c');
    expect(takeAll(queue)).toEqual([]);
    queue.release('a');
    expect(takeAll(queue)).toEqual(['b']);
  });

  test('a key that is named twice counts once', () => {
    const queue = new KeyedQueue<string>();
    queue.add('a', ['x', 'x']);
    queue.add('b', ['x', 'x']);
    expect(takeAll(queue)).toEqual(['a']);
    queue.release('a');
    expect(takeAll(queue)).toEqual(['b']);
  });
});
