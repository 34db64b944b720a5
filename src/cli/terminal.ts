// The world that a command talks to: streams, environment, and whether a person is watching.
import type { Readable, Writable } from 'node:stream';

/** What a command may use of the process. Results go to `out`, everything about them to `err`. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** The whole of stdin as text. */
  readonly readInput: () => Promise<string>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether a person sees stdout, and stderr. */
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
}

interface Streams {
  readonly stdin: Readable;
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The terminal of a process. A reader that goes away early (`| head`) ends output without an error. */
export function processTerminal(streams: Streams): Terminal {
  const { stdin, stdout, stderr, env } = streams;
  let readerGone = false;
  stdout.on('error', () => {
    readerGone = true;
  });
  stderr.on('error', () => {});
  return {
    out: (text) => {
      if (!readerGone) stdout.write(text);
    },
    err: (text) => {
      stderr.write(text);
    },
    readInput: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks).toString('utf8');
    },
    environment: env,
    outIsTerminal: stdout.isTTY === true,
    errIsTerminal: stderr.isTTY === true,
  };
}

/** Whether stdout takes colours: a terminal, and nobody said no (https://no-color.org). */
export function useColor(terminal: Terminal, flags: { readonly color: boolean }): boolean {
  return terminal.outIsTerminal && flags.color && (terminal.environment['NO_COLOR'] ?? '') === '';
}
