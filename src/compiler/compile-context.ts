// What a compilation depends on beside the model.
import type { Capabilities } from '../northbound/capabilities.ts';

/** What the compiler needs to know beside the model. */
export interface CompileContext {
  /** The instance that owns the rows; part of every row's identity. */
  readonly owner: string;
  readonly capabilities: Capabilities;
}
