// Problems: a user's mistake or a conflict, returned as data and never thrown.

/**
 * One thing that a person must know about one object. It becomes a condition, an event and a line of CLI output.
 * Example: `{code: 'OutOfRange', object: 'Subnet/join', path: 'spec.gateway', message: '10.9.0.1 is not in
 * 172.30.0.0/22', hint: 'use an address of 172.30.0.0/22, for example 172.30.0.1'}`.
 */
export interface Problem {
  /** UpperCamelCase, stable; the catalogue is {@link problemCodes}. */
  readonly code: ProblemCode;
  /** Object key: `Kind/namespace/name`, or `Kind/name` for cluster-scoped kinds; a file path for unreadable input. */
  readonly object: string;
  /** Dotted path of the field, for example `spec.cidrBlock`; empty when no single field is to blame. */
  readonly path: string;
  /** What is wrong, with the values in it. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
  /** Set when the object is in use nevertheless, or was never meant for us: worth saying, but no failure (exit 0). */
  readonly severity?: 'warning';
}

/** Every problem code with what it means. `docs/` and the tests read this table. */
export const problemCodes = {
  Unparsable: 'The input is not YAML; the message carries file, line and column.',
  Unreadable: 'A file, a folder or a kind of the API server cannot be read.',
  UnknownKind: 'An object of a kind that ovn-projector does not read; it is left alone.',
  UnknownField: 'A field that the kind does not have, most often a typing error.',
  Invalid: 'A field has a value that its kind does not allow.',
  Immutable: 'A field was changed that cannot change after creation.',
  Duplicate: 'Two objects of the input have the same kind, namespace and name.',
  NotFound: 'An object names another one that does not exist.',
  Forbidden: 'An object names another one that it may not use.',
  OutOfRange: 'An address is not in the range that it must be in.',
  FamilyMismatch: 'Something needs IPv4 or IPv6 where there is only the other one.',
  Overlap: 'A range overlaps one that it must not overlap.',
  Exhausted: 'A pool has no free address or block left.',
  Conflict: 'Something is held by an older object or by a foreign row.',
  HostnameConflict: 'The hostname of a route is held by a Service that claimed it first.',
  Refused: 'The API server, or the Gateway, refuses what a route is made of.',
  NoGatewayChassis: 'No chassis is known that could host the gateway ports of an external network.',
  Unsupported: 'The server or its OVN version cannot express this.',
  Pending: 'Something that the object waits for does not exist yet.',
} as const;

export type ProblemCode = keyof typeof problemCodes;

/** Sorts by object, path, code, message, hint: the order in which problems are shown. Returns a new array. */
export function sortProblems(problems: Iterable<Problem>): Problem[] {
  const key = (p: Problem): string => [p.object, p.path, p.code, p.message, p.hint].join('\u0000');
  return [...problems]
    .map((p) => [key(p), p] as const)
    .toSorted((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0))
    .map(([, p]) => p);
}
