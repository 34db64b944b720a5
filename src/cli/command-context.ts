// What every command is given.
import type { Terminal } from './terminal.ts';

export interface CommandContext {
  readonly terminal: Terminal;
  /** Aborted when the user wants the program to end. */
  readonly signal: AbortSignal;
  /** Says the exit code that the program will end with; 0 when never called. */
  readonly exit: (code: number) => void;
  /** Runs another command line (`['plan', '-f', …]`) as if it had been typed; resolves with its exit code. */
  readonly run: (args: readonly string[], terminal: Terminal) => Promise<number>;
}
