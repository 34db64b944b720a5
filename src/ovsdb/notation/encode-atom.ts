// Checks one atom against its base type and writes it (RFC 7047 §5.1 <atom>).
import type { BaseType } from '../column-type.ts';
import { canonicalInteger } from './decode.ts';
import { invalidValue, showValue } from './invalid-value.ts';
import type { Destination } from './invalid-value.ts';
import type { Atom } from '../value.ts';

/**
 * The atom as JSON text.
 * @throws OVSDB_INVALID_VALUE
 */
export function encodeAtom(base: BaseType, atom: unknown, to: Destination): string {
  // Nearly all atoms; the way around halves the time of encoding.
  if (typeof atom === 'string' && isFreeText(base) && isPlain(atom)) return `"${atom}"`;
  const checked = checkAtom(base, atom, to);
  if (base.type === 'uuid') return `["uuid","${String(checked)}"]`;
  return typeof checked === 'string' ? JSON.stringify(checked) : String(checked);
}

function isFreeText({ type, enum: words, minLength, maxLength }: BaseType): boolean {
  return type === 'string' && words === undefined && minLength === undefined && maxLength === undefined;
}

/** Whether the text stands in JSON as it is: printable ASCII without quote and backslash. */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit > 0x7e || unit === 0x22 || unit === 0x5c) return false;
  }
  return true;
}

/**
 * The atom in the one form that it has in memory.
 * A text that the server cannot read (NUL, a lone surrogate, a denormal) would cost the whole connection,
 * with every transaction that is in flight on it: so this is where such things end.
 * @throws OVSDB_INVALID_VALUE
 */
export function checkAtom(base: BaseType, atom: unknown, to: Destination): Atom {
  const checked = checkers[base.type](base, atom, to);
  if (base.enum !== undefined && !base.enum.includes(checked)) {
    throw invalidValue(to, `${showValue(atom)} is not one of ${base.enum.map(showValue).join(', ')}`);
  }
  return checked;
}

const checkers: Readonly<Record<BaseType['type'], (base: BaseType, atom: unknown, to: Destination) => Atom>> =
  {
    string: checkString,
    uuid: checkUuid,
    integer: checkInteger,
    real: checkReal,
    boolean: checkBoolean,
  };

function checkString(base: BaseType, atom: unknown, to: Destination): string {
  if (typeof atom !== 'string') throw mismatch('a string', atom, to);
  checkText(atom, to);
  const { minLength = 0, maxLength = Infinity } = base;
  // The UTF-16 length bounds the number of code points: count only when it could matter.
  if (atom.length > maxLength || atom.length < minLength * 2) checkLength(atom, minLength, maxLength, to);
  return atom;
}

/** @throws OVSDB_INVALID_VALUE for a NUL or a lone surrogate */
export function checkText(text: string, to: Destination): void {
  if (!text.isWellFormed()) throw invalidValue(to, `${showValue(text)} has a lone surrogate`);
  if (text.includes('\0')) throw invalidValue(to, `${showValue(text)} has a NUL`);
}

function checkLength(text: string, minimum: number, maximum: number, to: Destination): void {
  let length = 0;
  for (const _ of text) length++;
  if (length < minimum) throw invalidValue(to, `${showValue(text)} is shorter than ${minimum} characters`);
  if (length > maximum) throw invalidValue(to, `${showValue(text)} is longer than ${maximum} characters`);
}

/** Much faster than a regular expression, and every reference goes through it. */
function isUuid(atom: unknown): atom is string {
  if (typeof atom !== 'string' || atom.length !== 36) return false;
  for (let i = 0; i < 36; i++) {
    const unit = atom.charCodeAt(i);
    if (i === 8 || i === 13 || i === 18 || i === 23) {
      if (unit !== 0x2d) return false;
    } else if (unit < 0x30 || unit > 0x66 || (unit > 0x39 && unit < 0x61)) return false;
  }
  return true;
}

function checkUuid(_: BaseType, atom: unknown, to: Destination): string {
  if (isUuid(atom)) return atom;
  throw mismatch('a lower-case uuid', atom, to);
}

function checkBoolean(_: BaseType, atom: unknown, to: Destination): boolean {
  if (typeof atom === 'boolean') return atom;
  throw mismatch('a boolean', atom, to);
}

const int64Minimum = -(2n ** 63n);
const int64Maximum = 2n ** 63n - 1n;

function checkInteger(base: BaseType, atom: unknown, to: Destination): number | bigint {
  const integer = typeof atom === 'bigint' ? canonicalInteger(atom) : atom;
  if (typeof integer !== 'bigint' && !isSafeInteger(integer)) {
    throw mismatch(
      Number.isInteger(integer) ? 'a bigint, as it must be beyond 2^53' : 'an integer',
      atom,
      to,
    );
  }
  checkRange(integer, base.minInteger ?? int64Minimum, base.maxInteger ?? int64Maximum, to);
  return integer === 0 ? 0 : integer;
}

function isSafeInteger(atom: unknown): atom is number {
  return Number.isSafeInteger(atom);
}

const smallestNormal = 2 ** -1022;

/** The server prints 15 digits and reads them back, so these must be a finite number that is not denormal too. */
function checkReal(base: BaseType, atom: unknown, to: Destination): number {
  if (typeof atom !== 'number' || !Number.isFinite(atom)) throw mismatch('a finite real', atom, to);
  const printed = Math.abs(Number(atom.toPrecision(15)));
  if (printed === Infinity) throw invalidValue(to, `${atom} is too large for a real`);
  if (atom !== 0 && (printed < smallestNormal || Math.abs(atom) < smallestNormal)) {
    throw invalidValue(to, `${atom} is too close to zero for a real`);
  }
  checkRange(atom, base.minReal ?? -Infinity, base.maxReal ?? Infinity, to);
  return atom === 0 ? 0 : atom;
}

function checkRange(
  value: number | bigint,
  minimum: number | bigint,
  maximum: number | bigint,
  to: Destination,
): void {
  if (value < minimum) throw invalidValue(to, `${value} is below the minimum ${minimum}`);
  if (value > maximum) throw invalidValue(to, `${value} is above the maximum ${maximum}`);
}

function mismatch(expected: string, atom: unknown, to: Destination): Error {
  return invalidValue(to, `${showValue(atom)} is not ${expected}`);
}
