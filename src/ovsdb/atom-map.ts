// Making map values: objects that inherit nothing, so that keys such as `__proto__` are only keys.
import type { Atom } from './value.ts';

/** An empty map to fill. It becomes an {@link AtomMap} when it is handed out. */
export type MutableAtomMap = Record<string, Atom>;

interface MapConstructor {
  new (): MutableAtomMap;
}

// `Object.create(null)` would make a hash table of each (V8's dictionary mode), at twice the memory and time: objects
// of a constructor share one shape per list of keys. Its prototype is empty and has no prototype itself.
const constructMap = function (this: MutableAtomMap) {} as unknown as MapConstructor;
constructMap.prototype = Object.freeze(Object.create(null));

export function createAtomMap(): MutableAtomMap {
  return new constructMap();
}
