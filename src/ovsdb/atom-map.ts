// Making map values: objects that inherit nothing, so that keys such as `__proto__` are only keys.
import type { Atom } from './value.ts';

export type MutableAtomMap = Record<string, Atom>;

/*
 * `Object.create(null)` would make a hash table of each (V8's dictionary mode), at twice the memory and time; objects of
 * a constructor share one shape per list of keys. Its prototype is empty and has no prototype itself.
 */
function AtomMapShape(): void {}
AtomMapShape.prototype = Object.freeze(Object.create(null));

/** An empty map to fill. It becomes an `AtomMap` when it is handed out. */
export const createAtomMap = (): MutableAtomMap => Reflect.construct(AtomMapShape, []);
