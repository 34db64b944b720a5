// Match expressions of OVN as values, printed in one place with the right quotes and parentheses (ovn-sb(5), Logical_Flow match).
import { invariant } from '../base/errors.ts';
import { formatPrefix } from '../net/prefix.ts';
import type { Prefix } from '../net/address.ts';

/** What a field is compared with: a number, or one of {@link portName}, {@link addressSet}, {@link portGroup}. */
export type MatchConstant = number | { readonly text: string };

/** An expression. Made by the functions below only. */
export type Match =
  | { readonly kind: 'term'; readonly text: string }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Match[] }
  | { readonly kind: 'not'; readonly of: Match };

export type MatchOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** The name of a logical port. */
export const portName = (name: string): MatchConstant => ({ text: JSON.stringify(name) });
/** The members of an address set; `name` from `addressSetName`. */
export const addressSet = (name: string): MatchConstant => ({ text: `$${name}` });
/** The ports of a port group; `name` from `portGroupName`. */
export const portGroup = (name: string): MatchConstant => ({ text: `@${name}` });

/** A predicate: `ip4`, `tcp`, `ct.rpl`. */
export function predicate(name: string): Match {
  verifySymbol(name);
  return { kind: 'term', text: name };
}

/** `compare('tcp.dst', '==', 80)`; several constants mean any of them and are printed sorted. */
export function compare(
  field: string,
  operator: MatchOperator,
  ...constants: readonly MatchConstant[]
): Match {
  verifySymbol(field);
  return { kind: 'term', text: `${field} ${operator} ${formatConstants(constants.map(constantText))}` };
}

/** True for a packet whose source or destination is in one of the prefixes; never, when there are none. */
export function prefixMatch(side: 'src' | 'dst', prefixes: readonly Prefix[]): Match {
  const ofFamily = (family: 4 | 6): Match[] => {
    const texts = prefixes.filter((prefix) => prefix.family === family).map(prefixText);
    return texts.length === 0
      ? []
      : [{ kind: 'term', text: `ip${family}.${side} == ${formatConstants(texts)}` }];
  };
  return or([...ofFamily(4), ...ofFamily(6)]);
}

/** True for a frame with one of these source MACs, in lower case with colons as `parseMac` returns them. */
export function ethernetSource(macs: readonly string[]): Match {
  for (const mac of macs) invariant(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac), `${mac} is no MAC`);
  return { kind: 'term', text: `eth.src == ${formatConstants(macs)}` };
}

/** Conjunction; of nothing: always true. */
export const and = (of: readonly Match[]): Match => ({ kind: 'and', of });
/** Disjunction; of nothing: never true. */
export const or = (of: readonly Match[]): Match => ({ kind: 'or', of });
export const not = (of: Match): Match => ({ kind: 'not', of });

/** Prints an expression: `ip4 && (tcp.dst == 80 || ct.rpl)`. OVN rejects `&&` beside `||` without parentheses. */
export function formatMatch(match: Match): string {
  if (match.kind === 'term') return match.text;
  if (match.kind !== 'not') return formatList(match.kind, match.of);
  const inner = formatMatch(match.of);
  return inner.includes(' ') ? `!(${inner})` : `!${inner}`;
}

function formatList(kind: 'and' | 'or', of: readonly Match[]): string {
  const [first, ...rest] = of;
  if (first === undefined) return kind === 'and' ? '1' : '0';
  if (rest.length === 0) return formatMatch(first);
  return of.map((part) => formatOperand(kind, part)).join(kind === 'and' ? ' && ' : ' || ');
}

/** Looks at the text's own operator, not at the kind: a list of one element prints as that element. */
function formatOperand(kind: 'and' | 'or', part: Match): string {
  const text = formatMatch(part);
  return listKind(part) === (kind === 'and' ? 'or' : 'and') ? `(${text})` : text;
}

function listKind(match: Match): 'and' | 'or' | undefined {
  if (match.kind !== 'and' && match.kind !== 'or') return undefined;
  const [first, ...rest] = match.of;
  return first !== undefined && rest.length === 0 ? listKind(first) : match.kind;
}

function formatConstants(texts: readonly string[]): string {
  invariant(texts.length > 0, 'a comparison with nothing');
  const sorted = [...new Set(texts)].toSorted();
  return sorted.length === 1 ? sorted.join('') : `{${sorted.join(', ')}}`;
}

function constantText(constant: MatchConstant): string {
  if (typeof constant !== 'number') return constant.text;
  invariant(Number.isSafeInteger(constant) && constant >= 0, `${constant} is no unsigned integer`);
  return String(constant);
}

/** A single address is printed without its length: `10.0.0.1`, as people write it. */
function prefixText(prefix: Prefix): string {
  const text = formatPrefix(prefix);
  return prefix.length === (prefix.family === 4 ? 32 : 128) ? text.slice(0, text.indexOf('/')) : text;
}

function verifySymbol(name: string): void {
  invariant(/^[a-z_][a-z0-9_.]*(\[\d+(\.\.\d+)?\])?$/.test(name), `"${name}" is no field or predicate`);
}
