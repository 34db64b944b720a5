// Rows of rules carried out by hand: what OVN would make of an ACL, as ovn-sb(5) describes matches.
import { BlockList, isIPv4 } from 'node:net';
import type { DesiredRow } from '../../src/plan/desired.ts';

/** Fields of a packet by their names in matches; predicates (`tcp`, `ip4`) are true or absent. */
export type Packet = Readonly<Record<string, string | number | true>>;

/** Tables of one world, ready to be asked many times. */
export class RuleInterpreter {
  readonly #sets = new Map<string, ReadonlySet<string>>();
  readonly #groups = new Map<string, ReadonlySet<string>>();
  readonly #rules: readonly Rule[];

  constructor(rows: readonly DesiredRow[]) {
    const names = new Map(
      rows
        .filter(({ table }) => table === 'Logical_Switch_Port')
        .map(({ uuid, columns }) => [uuid, columns['name'] as string]),
    );
    for (const { table, columns } of rows) {
      const name = columns['name'] as string;
      if (table === 'Address_Set') this.#sets.set(name, new Set(columns['addresses'] as string[]));
      if (table === 'Port_Group')
        this.#groups.set(
          name,
          new Set((columns['ports'] as string[]).map((uuid) => names.get(uuid) ?? uuid)),
        );
    }
    this.#rules = rows
      .filter(({ table }) => table === 'ACL')
      .map(({ columns, id }) => ({
        id,
        direction: columns['direction'] as string,
        rank: [(columns['tier'] as number | undefined) ?? 0, -(columns['priority'] as number)] as const,
        match: parseMatch(columns['match'] as string),
        action: columns['action'] as string,
      }))
      .toSorted((a, b) => a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1]);
  }

  /** The rule that decides in a direction; undefined: none matches, and the packet goes on. */
  verdict(direction: 'from-lport' | 'to-lport', packet: Packet): { id: string; action: string } | undefined {
    return this.#rules.find((rule) => rule.direction === direction && this.#holds(rule.match, packet));
  }

  isAllowed(direction: 'from-lport' | 'to-lport', packet: Packet): boolean {
    return this.verdict(direction, packet)?.action !== 'drop';
  }

  #holds(node: Node, packet: Packet): boolean {
    if (node.kind === 'and') return node.of.every((part) => this.#holds(part, packet));
    if (node.kind === 'or') return node.of.some((part) => this.#holds(part, packet));
    if (node.kind === 'not') return !this.#holds(node.of, packet);
    const value = packet[node.field];
    if (value === undefined) return false;
    if (node.operator === undefined) return true;
    return node.constants.some((constant) => this.#compares(value, node.operator ?? '==', constant));
  }

  #compares(value: string | number | true, operator: string, constant: string): boolean {
    if (constant.startsWith('$'))
      return [...known(this.#sets, constant.slice(1))].some((member) => isAddress(String(value), member));
    if (constant.startsWith('@')) return known(this.#groups, constant.slice(1)).has(String(value));
    if (typeof value === 'number') {
      const number = Number(constant);
      if (operator === '==') return value === number;
      return operator === '>=' ? value >= number : value <= number;
    }
    const text = constant.startsWith('"') ? (JSON.parse(constant) as string) : constant;
    return isAddress(String(value), text);
  }
}

interface Rule {
  readonly id: string;
  readonly direction: string;
  readonly rank: readonly [number, number];
  readonly match: Node;
  readonly action: string;
}

type Node =
  | { readonly kind: 'and'; readonly of: readonly Node[] }
  | { readonly kind: 'or'; readonly of: readonly Node[] }
  | { readonly kind: 'not'; readonly of: Node }
  | {
      readonly kind: 'term';
      readonly field: string;
      readonly operator?: string;
      readonly constants: readonly string[];
    };

function known(sets: ReadonlyMap<string, ReadonlySet<string>>, name: string): ReadonlySet<string> {
  const found = sets.get(name);
  if (found === undefined) throw new Error(`a match names ${name}, which no row is`);
  return found;
}

/** `member`: an address, or a range of them. */
const isAddress = (value: string, member: string): boolean =>
  member.includes('/') ? isIn(value, member) : value === member;

function isIn(address: string, prefix: string): boolean {
  const [base = '', length = ''] = prefix.split('/');
  if (isIPv4(base) !== isIPv4(address)) return false;
  const family = isIPv4(base) ? 'ipv4' : 'ipv6';
  const list = blocks.get(prefix) ?? new BlockList();
  if (!blocks.has(prefix)) list.addSubnet(base, Number(length), family);
  blocks.set(prefix, list);
  return list.check(address, family);
}

const blocks = new Map<string, BlockList>();

const token = /\s*(&&|\|\||==|>=|<=|[(){},!]|"(?:[^"\\]|\\.)*"|[^\s(){},!&|=<>]+)/gy;

/** Reads a match. Throws for what it does not know, so that nothing is taken for true by mistake. */
function parseMatch(text: string): Node {
  const tokens = [...text.matchAll(token)].map(([, one = '']) => one);
  if (tokens.join('') !== text.replaceAll(/\s(?=(?:[^"]*"[^"]*")*[^"]*$)/g, ''))
    throw new Error(`cannot read ${text}`);
  const { node, rest } = readOr(tokens);
  if (rest.length > 0) throw new Error(`${text}: left over ${rest.join(' ')}`);
  return node;
}

interface Read {
  readonly node: Node;
  readonly rest: readonly string[];
}

const readOr = (tokens: readonly string[]): Read => readList('or', '||', readAnd, tokens);
const readAnd = (tokens: readonly string[]): Read => readList('and', '&&', readUnary, tokens);

function readList(
  kind: 'and' | 'or',
  between: string,
  read: (tokens: readonly string[]) => Read,
  tokens: readonly string[],
): Read {
  let { node, rest } = read(tokens);
  const of = [node];
  while (rest[0] === between) {
    ({ node, rest } = read(rest.slice(1)));
    of.push(node);
  }
  return { node: of.length === 1 ? of[0]! : { kind, of }, rest };
}

function readUnary(tokens: readonly string[]): Read {
  const [first = '', ...others] = tokens;
  if (first === '!') {
    const { node, rest } = readUnary(others);
    return { node: { kind: 'not', of: node }, rest };
  }
  if (first === '(') {
    const { node, rest } = readOr(others);
    if (rest[0] !== ')') throw new Error('a parenthesis is not closed');
    return { node, rest: rest.slice(1) };
  }
  const [operator = '', ...operands] = others;
  if (!['==', '>=', '<='].includes(operator))
    return { node: { kind: 'term', field: first, constants: [] }, rest: others };
  const { constants, rest } = readConstants(operands);
  return { node: { kind: 'term', field: first, operator, constants }, rest };
}

function readConstants([first = '', ...others]: readonly string[]): {
  readonly constants: readonly string[];
  readonly rest: readonly string[];
} {
  if (first !== '{') return { constants: [first], rest: others };
  const end = others.indexOf('}');
  return { constants: others.slice(0, end).filter((each) => each !== ','), rest: others.slice(end + 1) };
}
