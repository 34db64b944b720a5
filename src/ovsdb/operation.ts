// Database operations (RFC 7047 §5.2) in in-memory values; `encode` turns them into the wire form by schema.
import type { Atom, AtomMap, ColumnValues, Value } from './value.ts';

export type ConditionFunction = '<' | '<=' | '==' | '!=' | '>=' | '>' | 'includes' | 'excludes';
export type Condition = readonly [column: string, function_: ConditionFunction, value: Value];

export type Mutator = '+=' | '-=' | '*=' | '/=' | '%=' | 'insert' | 'delete';
/** A map `delete` takes either pairs (a map) or only keys (an array). */
export type Mutation = readonly [column: string, mutator: Mutator, value: Atom | readonly Atom[] | AtomMap];

export interface InsertOperation {
  readonly op: 'insert';
  readonly table: string;
  /** Chosen by the client (OVS ≥ 2.13): a second insert fails with `duplicate uuid` instead of making a twin. */
  readonly uuid?: string;
  readonly row: ColumnValues;
}
export interface UpdateOperation {
  readonly op: 'update';
  readonly table: string;
  readonly where: readonly Condition[];
  readonly row: ColumnValues;
}
export interface MutateOperation {
  readonly op: 'mutate';
  readonly table: string;
  readonly where: readonly Condition[];
  readonly mutations: readonly Mutation[];
}
export interface DeleteOperation {
  readonly op: 'delete';
  readonly table: string;
  readonly where: readonly Condition[];
}
export interface WaitOperation {
  readonly op: 'wait';
  readonly table: string;
  readonly where: readonly Condition[];
  readonly columns: readonly string[];
  readonly until: '==' | '!=';
  readonly rows: readonly ColumnValues[];
  readonly timeoutMs: number;
}
export interface SelectOperation {
  readonly op: 'select';
  readonly table: string;
  readonly where: readonly Condition[];
  /** Always includes `_uuid` on the wire: without it the server returns distinct rows only. */
  readonly columns?: readonly string[];
}
export interface CommentOperation {
  readonly op: 'comment';
  readonly comment: string;
}
export interface AbortOperation {
  readonly op: 'abort';
}

export type Operation =
  | InsertOperation
  | UpdateOperation
  | MutateOperation
  | DeleteOperation
  | WaitOperation
  | SelectOperation
  | CommentOperation
  | AbortOperation;
