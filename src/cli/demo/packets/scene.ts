// What every scene with packets is given.
import type { Lab } from '../../../lab/lab.ts';
import type { CommandContext } from '../../command-context.ts';
import type { Narrator } from '../narrator.ts';
import type { Cast } from './cast.ts';

export interface PacketScene {
  readonly context: CommandContext;
  readonly narrator: Narrator;
  readonly lab: Lab;
  readonly cast: Cast;
  /** Scratch copy of the manifests; `run` follows it. */
  readonly manifests: string;
  /** Address of the EIp `namespace/name`. */
  readonly eip: (path: string) => string;
  /** Whether replies are steered by connection; else by the backend's port (OVN before 24.03). */
  readonly marksReplies: boolean;
}
