// Replies of a transaction: results by operation, or the operation that failed.
import { describe, expect, test } from 'vitest';
import { decodeTransactResult, TransactionError } from '../../../src/ovsdb/operation-result.ts';
import type { Operation } from '../../../src/ovsdb/operation.ts';
import { everyType, uuid } from '../../support/every-type.ts';

const insert: Operation = { op: 'insert', table: 'Thing', row: {} };
const remove: Operation = { op: 'delete', table: 'Part', where: [] };
const select: Operation = { op: 'select', table: 'Thing', where: [], columns: ['strings', 'colour'] };
const inserted = { uuid: ['uuid', uuid(1)] };

function failure(operations: readonly Operation[], result: unknown): TransactionError {
  try {
    decodeTransactResult(operations, everyType, result);
  } catch (error) {
    if (error instanceof TransactionError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('success', () => {
  test('one result per operation', () => {
    const operations: Operation[] = [
      insert,
      { op: 'update', table: 'Thing', where: [], row: {} },
      { op: 'mutate', table: 'Thing', where: [], mutations: [] },
      remove,
      { op: 'wait', table: 'Thing', where: [], columns: [], until: '==', rows: [], timeoutMs: 0 },
      { op: 'comment', comment: '' },
    ];
    const reply = [inserted, { count: 0 }, { count: 2 }, { count: 1 }, {}, {}];
    expect(decodeTransactResult(operations, everyType, reply)).toEqual([
      { uuid: uuid(1) },
      { count: 0 },
      { count: 2 },
      { count: 1 },
      {},
      {},
    ]);
  });

  test('rows of a select have all columns, decoded by schema', () => {
    const rows = [
      { _uuid: ['uuid', uuid(1)], strings: 'a', colour: ['set', []] },
      { _uuid: ['uuid', uuid(2)], strings: ['set', []], colour: 'red' },
    ];
    expect(decodeTransactResult([select], everyType, [{ rows }])).toStrictEqual([
      {
        rows: [
          { _uuid: uuid(1), strings: ['a'], colour: undefined },
          { _uuid: uuid(2), strings: [], colour: 'red' },
        ],
      },
    ]);
  });

  test('no operations, no results', () => {
    expect(decodeTransactResult([], everyType, [])).toEqual([]);
  });
});

describe('failure', () => {
  const codes: readonly [error: string, code: string, retryable: boolean][] = [
    ['constraint violation', 'OVSDB_CONSTRAINT_VIOLATION', false],
    ['referential integrity violation', 'OVSDB_REFERENTIAL_INTEGRITY_VIOLATION', false],
    ['duplicate uuid', 'OVSDB_DUPLICATE_UUID', false],
    ['timed out', 'OVSDB_WAIT_TIMED_OUT', false],
    ['not owner', 'OVSDB_NOT_OWNER', false],
    ['aborted', 'OVSDB_ABORTED', false],
    ['domain error', 'OVSDB_DOMAIN_ERROR', false],
    ['range error', 'OVSDB_RANGE_ERROR', false],
    ['permission error', 'OVSDB_PERMISSION_ERROR', false],
    ['resources exhausted', 'OVSDB_RESOURCES_EXHAUSTED', true],
    ['I/O error', 'OVSDB_IO_ERROR', true],
    ['something new', 'OVSDB_OPERATION_FAILED', false],
    ['constructor', 'OVSDB_OPERATION_FAILED', false],
  ];
  test.each(codes)('%s is %s', (error, code, retryable) => {
    expect(failure([insert], [{ error }])).toMatchObject({ code, retryable, details: '' });
  });

  test('names the operation that failed; the rest was not executed', () => {
    const error = failure(
      [insert, remove, insert],
      [inserted, { error: 'timed out', details: 'test failed' }, null],
    );
    expect(error).toMatchObject({
      name: 'TransactionError',
      operationIndex: 1,
      operation: remove,
      details: 'test failed',
      message: 'delete Part (operation 2 of 3): timed out: test failed',
    });
  });

  test('one more element than operations is the commit', () => {
    const details = 'Transaction causes multiple rows …';
    const error = failure([insert, insert], [inserted, inserted, { error: 'constraint violation', details }]);
    expect(error).toMatchObject({
      code: 'OVSDB_CONSTRAINT_VIOLATION',
      operationIndex: undefined,
      operation: undefined,
      message: `commit of 2 operations: constraint violation: ${details}`,
    });
  });

  const misfits: readonly [what: string, operations: readonly Operation[], result: unknown][] = [
    ['no array', [insert], { uuid: uuid(1) }],
    ['too few results', [insert, insert], [inserted]],
    ['too many results', [insert], [inserted, inserted]],
    ['null without an error', [insert], [null]],
    ['no uuid', [insert], [{}]],
    ['no count', [remove], [{}]],
    ['no rows', [select], [{}]],
    ['a row that is none', [select], [{ rows: [5] }]],
  ];
  test.each(misfits)('%s does not fit the request', (_, operations, result) => {
    expect(() => decodeTransactResult(operations, everyType, result)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^OVSDB_MALFORMED_/), retryable: true }),
    );
  });
});
