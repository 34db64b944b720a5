// Allowlists of project isolation: addresses and ranges, in annotations of Projects and in the configuration.
import type { Range } from '../net/address.ts';
import { splitList } from '../net/family-list.ts';
import { parseRange } from '../net/range.ts';
import { annotation } from './annotations.ts';
import { annotationPath, fieldPath, finding, type Finding } from './finding.ts';
import type { ObjectMeta } from './metadata.ts';

interface Annotated {
  readonly metadata: Pick<ObjectMeta, 'annotations'>;
}

/** What a project may reach on external networks beside its own, in the order in which it is written. */
export const egressAllowlist = (project: Annotated): readonly Range[] =>
  rangesIn(project, annotation.egressAllowlist);

/** Who may come in from external networks, in the order in which it is written. */
export const ingressAllowlist = (project: Annotated): readonly Range[] =>
  rangesIn(project, annotation.ingressAllowlist);

/** Whether a Project asks that only those on an allowlist come in from external networks. */
export const isIngressIsolated = ({ metadata }: Annotated): boolean =>
  metadata.annotations[annotation.ingressIsolation] === 'true';

/** Reads entries that {@link checkAllowlist} has found nothing wrong with; leaves out others. */
export function parseAllowlist(entries: readonly string[]): Range[] {
  return entries.flatMap((text) => parseRange(text) ?? []);
}

/** Complains about each entry that is neither an address nor a range. */
export function checkAllowlist(path: string, entries: readonly string[]): Finding[] {
  return entries.flatMap((text, index) => checkEntry(fieldPath(path, index), text));
}

/** What is wrong with the annotations of isolation. */
export function checkIsolation({ metadata: { annotations } }: Annotated): Finding[] {
  const lists = [annotation.egressAllowlist, annotation.ingressAllowlist];
  const flag = annotations[annotation.ingressIsolation];
  const isFlag = flag === undefined || ['true', 'false', ''].includes(flag);
  return [
    ...lists.flatMap((key) =>
      entriesOf(annotations[key]).flatMap((text) => checkEntry(annotationPath(key), text)),
    ),
    ...(isFlag
      ? []
      : [
          finding(
            'Invalid',
            annotationPath(annotation.ingressIsolation),
            `${JSON.stringify(flag)} is neither "true" nor "false"`,
            'write "true"',
          ),
        ]),
  ];
}

function checkEntry(path: string, text: string): Finding[] {
  if (parseRange(text) !== undefined) return [];
  const message = `${JSON.stringify(text)} is neither an address nor a range of addresses`;
  const hint =
    'write 203.0.113.7, 203.0.113.0/24 (without host bits) or 203.0.113.7..203.0.113.9, with commas between';
  return [finding('Invalid', path, message, hint)];
}

const rangesIn = ({ metadata }: Annotated, key: string): Range[] =>
  parseAllowlist(entriesOf(metadata.annotations[key]));

/** The empty text is an empty list. */
const entriesOf = (text: string | undefined): string[] =>
  splitList(text ?? '').filter((entry) => entry !== '');
