// Fields that a kind does not have.
import { finding, type Finding } from './finding.ts';
import { nearestWord } from './nearest-word.ts';

/** Says that there is no such field, and which of the known ones was most likely meant. */
export function unknownField(path: string, field: string, known: readonly string[]): Finding {
  const nearest = nearestWord(field, known);
  const hint =
    nearest === undefined ? `remove it; there are: ${known.join(', ')}` : `did you mean ${nearest}?`;
  return finding('UnknownField', path, `there is no field ${path}`, hint);
}
