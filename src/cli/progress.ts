// One line on a terminal that tells how far long work has come.
import type { Terminal } from './terminal.ts';

export interface Progress {
  readonly update: (done: number, total: number) => void;
  /** Takes the line away. */
  readonly clear: () => void;
}

/** Silent when nobody watches stderr, and for work that is over within half a second. */
export function createProgress(terminal: Terminal, now: () => number = () => performance.now()): Progress {
  const startedMs = now();
  let drawnMs = startedMs + 400;
  let visible = false;
  return {
    update: (done, total) => {
      if (!terminal.errIsTerminal || now() < drawnMs + 100) return;
      drawnMs = now();
      visible = true;
      terminal.err(`\r\u001B[K${done} of ${total} networks committed`);
    },
    clear: () => {
      if (visible) terminal.err('\r\u001B[K');
      visible = false;
    },
  };
}
