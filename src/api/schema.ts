// Building blocks of the kinds' schemas: enumerations, maps of strings, and the readonly view of a decoded value.
import { Type } from 'typebox';

/** `T` with every property and element readonly: decoded objects are shared by all rooms and never changed. */
export type Immutable<T> = T extends readonly (infer Item)[]
  ? readonly Immutable<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Immutable<T[Key]> }
    : T;

/** One of a few words, as an `enum` that names its type, which a structural CRD schema must do. */
export const word = <const Words extends readonly string[]>(
  words: Words,
  options: { readonly description?: string; readonly default?: Words[number] } = {},
) => Type.Unsafe<Words[number]>({ type: 'string', enum: [...words], ...options });

/** A map from string to string, such as labels or a selector; empty when absent. */
export const stringMap = () => Type.Record(Type.String(), Type.String(), { default: {} });
