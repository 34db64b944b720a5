// Border of the room: the network that is meant in, the rows of its unit out.
import type { Problem } from '../base/problem.ts';
import type { CompileContext } from './compile-context.ts';
import type { UnitModel } from '../model/network-model.ts';
import type { DesiredRow, DesiredUnit } from '../plan/desired.ts';
import { createUnitContext } from './unit-context.ts';
import type { UnitContext } from './unit-context.ts';
import { externalNetworkRows } from './external-network.ts';
import { underlayRows } from './underlay.ts';
import { vpcRows } from './vpc.ts';

/** The rows of a unit, and what the server cannot express of it. */
export interface CompiledUnit extends DesiredUnit {
  readonly problems: readonly Problem[];
}

/**
 * Compiles one unit whole. Pure: the same model gives the same rows, and their order does not depend on the order
 * inside the model. Every reference is to a row of this unit or to the switch of an external network.
 */
export function compileUnit(model: UnitModel, context: CompileContext): CompiledUnit {
  const unit = createUnitContext(model.unit, context);
  const rows = rowsOf(model, unit);
  return { unit: model.unit, rows, problems: unsupportedProblems(unit) };
}

function rowsOf(model: UnitModel, unit: UnitContext): readonly DesiredRow[] {
  switch (model.kind) {
    case 'network':
      return externalNetworkRows(model, unit);
    case 'underlay':
      return underlayRows(model, unit);
    case 'vpc':
      return vpcRows(model, unit);
    default:
      return model satisfies never;
  }
}

/** A column that the server's schema lacks is a feature that is off: the rest of the row is written all the same. */
function unsupportedProblems({ row, capabilities }: UnitContext): Problem[] {
  return row.unsupported().map(({ row: { source, table }, column }) => ({
    severity: 'warning',
    code: 'Unsupported',
    object: source,
    path: '',
    message: `the server's schema ${capabilities.schema.version} has no column ${table}.${column}, so what it is for is off`,
    hint: 'upgrade OVN to have it',
  }));
}
