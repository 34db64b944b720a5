// From what is known of an object to its three verdicts, so that none of them changes without a reason.
import type { Problem } from '../base/problem.ts';
import type { CurrentConditions, Verdict, Verdicts } from './condition.ts';
import { isOwnFault, problemsText } from './problem-text.ts';

export interface Progress {
  /** Of this object, warnings left out, own faults first. */
  readonly problems: readonly Problem[];
  /** `written`: all of the unit is in the database. `waiting`: it is about to be. `kept`: nothing of it is touched now. */
  readonly state: 'written' | 'waiting' | 'kept';
  /** Why the object's rows could not be written; undefined: they were, or are about to be. */
  readonly failure: string | undefined;
  /** What the unit waits for while it is kept as it is. */
  readonly reason: string;
  readonly isRealised: boolean;
  readonly current: CurrentConditions;
  readonly generation: number | undefined;
  /** Nothing else in the status changes: what was true of it is true still. */
  readonly isUnchanged: boolean;
}

/**
 * A verdict that is true for this generation stays so until something is known to be wrong: every change in a VPC is
 * on its way for a moment, and its other objects are none the less programmed for that.
 */
export function verdictsOf(progress: Progress): Verdicts {
  const programmed = programmedVerdict(progress);
  return {
    Accepted: acceptedVerdict(progress),
    Programmed: programmed,
    Ready: readyVerdict(programmed, progress),
  };
}

function acceptedVerdict({ problems }: Progress): Verdict {
  const faults = problems.filter(isOwnFault);
  return faultVerdict(faults) ?? yes('Accepted', 'it can be carried out');
}

function programmedVerdict(progress: Progress): Verdict {
  const { problems, failure, state, reason } = progress;
  const fault = faultVerdict(problems);
  if (fault !== undefined) return fault;
  if (failure !== undefined) return no('Failed', failure);
  if (state === 'written') return yes('Programmed', 'it is in the Northbound database');
  if (stays('Programmed', progress)) return yes('Programmed', 'it is in the Northbound database');
  return no('Pending', reason);
}

function readyVerdict(programmed: Verdict, progress: Progress): Verdict {
  if (programmed.status !== 'True') return programmed;
  const isReady = (progress.state === 'written' && progress.isRealised) || stays('Ready', progress);
  return isReady
    ? yes('Ready', 'every hypervisor has it')
    : no('Realising', 'not every hypervisor has it yet');
}

function stays(type: 'Programmed' | 'Ready', { current, generation, isUnchanged }: Progress): boolean {
  const before = current[type];
  return isUnchanged && before?.status === 'True' && before.observedGeneration === generation;
}

function faultVerdict(problems: readonly Problem[]): Verdict | undefined {
  const [first] = problems;
  return first && no(first.code, problemsText(problems));
}

const yes = (reason: string, message: string): Verdict => ({ status: 'True', reason, message });
const no = (reason: string, message: string): Verdict => ({ status: 'False', reason, message });
