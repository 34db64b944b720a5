// Problems of manifests, with the file and line that a person has to open.
import type { Problem } from '../../base/problem.ts';
import type { PlacedDocument } from './parse-manifest.ts';

/** Where something stands. `line` counts from 1. */
export interface Place {
  readonly shown: string;
  readonly line: number;
}

/** The same problem with its place at the end of the hint: `did you mean 10.0.10.0/24? (examples/a.yaml:6)`. */
export function inPlace(problem: Problem, { shown, line }: Place): Problem {
  const hint = `${problem.hint} (${shown}:${line})`.trimStart();
  return { ...problem, object: problem.object === '' ? shown : problem.object, hint };
}

/** Everything that is wrong with one file alone. */
export function fileProblems(shown: string, documents: readonly PlacedDocument[]): Problem[] {
  return documents.flatMap(({ line, document }) => [
    ...document.syntaxErrors.map((error): Problem => {
      const place = `${shown}:${line + error.line}:${error.column}`;
      return {
        code: 'Unparsable',
        object: shown,
        path: '',
        message: `${place}: ${error.message}`,
        hint: 'correct the YAML; until then nothing is deleted, because objects may be missing',
      };
    }),
    ...document.problems.map((each) => inPlace(each.problem, { shown, line: line + each.line })),
  ]);
}

/** One object in several places; the first one counts. */
export function duplicateProblem(key: string, places: readonly Place[]): Problem {
  const [first = '', ...others] = places.map(({ shown, line }) => `${shown}:${line}`);
  return {
    code: 'Duplicate',
    object: key,
    path: '',
    message: `it stands in ${[first, ...others].join(' and in ')}`,
    hint: `the one in ${first} is used; remove ${others.length > 1 ? 'the others' : 'the other'}`,
  };
}

/** A file or folder that is there but cannot be read, or that should be there and is not. */
export function unreadableProblem(shown: string, reason: string): Problem {
  return {
    code: 'Unreadable',
    object: shown,
    path: '',
    message: `${shown}: ${reason}`,
    hint: 'make it readable, or leave it out; until then nothing is deleted, because objects may be missing',
  };
}
