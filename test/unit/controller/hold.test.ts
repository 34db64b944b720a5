// What is taken out of a change set so that rows and records stay.
import { describe, expect, test } from 'vitest';
import { holdAll, holdSources } from '../../../src/controller/hold.ts';
import { ledgerKey } from '../../../src/northbound/ledger.ts';
import type { ChangeSet, ColumnChange, RowDelete } from '../../../src/plan/change-set.ts';

const rowDelete = (table: string, uuid: string, source: string): RowDelete => ({
  table,
  uuid,
  id: uuid,
  source,
  before: { _uuid: uuid },
});
const update = (table: string, columns: readonly ColumnChange[]): ChangeSet['updates'][number] => ({
  table,
  uuid: 'u',
  id: 'u',
  source: 'Project/shalb/demo',
  before: { _uuid: 'u' },
  columns,
});
const changes = (parts: Partial<ChangeSet>): ChangeSet => ({
  unit: 'vpc/shalb-demo',
  inserts: [],
  updates: [],
  deletes: [],
  attach: [],
  detach: [],
  ...parts,
});

describe('holdSources', () => {
  const nat = rowDelete('NAT', 'n', 'FIp/shalb-demo/vm');
  const port = rowDelete('Logical_Switch_Port', 'p', 'Pod/shalb-demo/a');

  test('keeps the rows of the sources, where they hang, and says why', () => {
    const detach = [nat, port].map(({ uuid, source }) => ({
      parent: { table: 'Logical_Router', uuid: 'r', column: 'nat' },
      child: uuid,
      source,
    }));
    const held = holdSources(changes({ deletes: [nat, port], detach }), new Set(['FIp/shalb-demo/vm']));
    expect(held.changes.deletes).toEqual([port]);
    expect(held.changes.detach.map(({ child }) => child)).toEqual(['p']);
    expect(held.held).toEqual([
      {
        unit: 'vpc/shalb-demo',
        table: 'NAT',
        uuid: 'n',
        id: 'n',
        source: 'FIp/shalb-demo/vm',
        reason: 'rejected-object',
      },
    ]);
  });

  test('changes nothing when no source is concerned', () => {
    const all = changes({ deletes: [nat, port] });
    expect(holdSources(all, new Set(['FIp/other/vm']))).toEqual({ changes: all, held: [] });
  });
});

describe('holdAll', () => {
  const externalIds = (put: Record<string, string>, gone: readonly string[]): ColumnChange => ({
    kind: 'map-delta',
    column: 'external_ids',
    put,
    delete: gone,
    before: {},
  });
  const line = ledgerKey('eip', 'EIp/shalb-demo/a');

  test.each<[string, ColumnChange, ColumnChange | undefined]>([
    ['a line of the ledger stays', externalIds({}, [line]), undefined],
    [
      'new lines are written',
      externalIds({ [line]: '192.0.2.1' }, [line]),
      externalIds({ [line]: '192.0.2.1' }, []),
    ],
    ['other keys go', externalIds({}, [line, 'ovn-projector/old']), externalIds({}, ['ovn-projector/old'])],
    [
      'addresses stay',
      { kind: 'set-delta', column: 'addresses', insert: ['192.0.2.2'], delete: ['192.0.2.1'] },
      { kind: 'set-delta', column: 'addresses', insert: ['192.0.2.2'], delete: [] },
    ],
    [
      'addresses stay when the set is written whole',
      { kind: 'set', column: 'addresses', before: ['192.0.2.1'], after: ['192.0.2.2'] },
      { kind: 'set-delta', column: 'addresses', insert: ['192.0.2.2'], delete: [] },
    ],
    [
      'an emptied set is left alone',
      { kind: 'set', column: 'addresses', before: ['192.0.2.1'], after: [] },
      undefined,
    ],
  ])('%s', (_name, change, expected) => {
    const held = holdAll(changes({ updates: [update('Address_Set', [change])] }), 'unreadable-input');
    expect(held.changes.updates.flatMap(({ columns }) => columns)).toEqual(
      expected === undefined ? [] : [expected],
    );
  });

  test('keeps every row; other tables are updated as they are', () => {
    const other = update('Logical_Router', [externalIds({}, [line])]);
    const held = holdAll(changes({ deletes: [rowDelete('NAT', 'n', '')], updates: [other] }), 'mass-delete');
    expect(held.changes).toMatchObject({ deletes: [], updates: [other] });
    expect(held.held).toMatchObject([{ uuid: 'n', reason: 'mass-delete' }]);
  });
});
