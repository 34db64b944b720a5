// How the demonstration talks: headings, the command that is run, and the beginning of what it says.
import type { Terminal } from '../terminal.ts';

export interface Narrator {
  /** A numbered step. */
  heading(title: string): void;
  /** A sentence of explanation. */
  say(text: string): void;
  /** A command line as the user would type it. */
  command(line: string): void;
  /** Output of a command, indented; beyond `limit` lines it is only counted. */
  show(text: string, limit: number): void;
  /** One line with a mark for right or wrong; wrong counts as a failure. */
  result(isRight: boolean, text: string): void;
  /** A line of less weight. */
  note(text: string): void;
  /** Notes that something is not as it should be; the demonstration then ends with a failure. */
  fail(what: string): void;
  /** Everything that was noted, in order. */
  readonly failures: readonly string[];
}

/** `color`: whether escape sequences may be used. */
export function createNarrator(terminal: Terminal, color: boolean): Narrator {
  const paint = (code: number, text: string): string => (color ? `\u001B[${code}m${text}\u001B[0m` : text);
  const failures: string[] = [];
  let step = 0;
  return {
    failures,
    heading: (title) => {
      step += 1;
      terminal.out(`\n${paint(1, `${step}. ${title}`)}\n`);
    },
    say: (text) => terminal.out(`   ${text}`.trimEnd() + '\n'),
    command: (line) => terminal.out(`\n   ${paint(36, `$ ${line}`)}\n`),
    show: (text, limit) => {
      const lines = text.trimEnd().split('\n');
      const shown = lines.length > limit + 1 ? lines.slice(0, limit) : lines;
      for (const line of shown) terminal.out(`   ${line}`.trimEnd() + '\n');
      const hidden = lines.length - shown.length;
      if (hidden > 0) terminal.out(`   ${paint(2, `… and ${hidden} more lines`)}\n`);
    },
    result: (isRight, text) => {
      if (!isRight) failures.push(text.replaceAll(/ {2,}/g, ' '));
      terminal.out(`   ${isRight ? paint(32, '✓') : paint(31, '✗')} ${text.trimEnd()}\n`);
    },
    note: (text) => terminal.out(`     ${paint(2, text)}\n`),
    fail: (what) => {
      failures.push(what);
      terminal.err(`   ${paint(31, `NOT AS IT SHOULD BE: ${what}`)}\n`);
    },
  };
}

/** A terminal that only remembers. */
export interface Recorder extends Terminal {
  readonly output: () => string;
  readonly errors: () => string;
}

export function createRecorder(base: Terminal): Recorder {
  const [out, err]: [string[], string[]] = [[], []];
  return {
    ...base,
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    outIsTerminal: false,
    errIsTerminal: false,
    output: () => out.join(''),
    errors: () => err.join(''),
  };
}
