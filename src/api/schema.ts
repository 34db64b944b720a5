// Building blocks of the kinds' schemas: enumerations, maps of strings, and the readonly view of a decoded value.
import { Type } from 'typebox';

/** `T` with every property and element readonly: decoded objects are shared by all rooms and never changed. */
export type Immutable<T> = T extends readonly (infer Item)[]
  ? readonly Immutable<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Immutable<T[Key]> }
    : T;

/** One of a few words. Unlike `Type.Enum` alone it names its type, which a structural CRD schema must do. */
export const word = <Word extends string>(
  words: readonly Word[],
  options: { readonly description?: string; readonly default?: NoInfer<Word> } = {},
) => Type.Enum<Word[]>([...words], { type: 'string', ...options });

/** A map from string to string, such as labels or a selector; empty when absent. */
export const stringMap = () => Type.Record(Type.String(), Type.String(), { default: {} });
