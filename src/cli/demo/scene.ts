// What every step of the demonstration is given.
import type { CommandContext } from '../command-context.ts';
import type { Narrator } from './narrator.ts';
import type { Stage } from './stage.ts';

export interface Scene extends Stage {
  readonly context: CommandContext;
  readonly narrator: Narrator;
}
