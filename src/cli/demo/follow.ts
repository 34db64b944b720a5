// Following in the demonstration: `run` in the background, with its log in a person's words.
import { CodedError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { follow } from '../run.ts';
import type { Scene } from './scene.ts';

export interface Follower {
  /** Resolves when the database is as the manifests want it for the first time. @throws what it failed with */
  readonly inStep: Promise<void>;
  /** Ends it cleanly. @throws what it failed with */
  stop(): Promise<void>;
}

/** Starts `run` on the stage and shows its log, unless it is to be quiet. */
export function startFollowing(scene: Scene, { isQuiet = false } = {}): Follower {
  const stopping = new AbortController();
  const signal = AbortSignal.any([scene.context.signal, stopping.signal]);
  const { ovn, manifests, context } = scene;
  const flags = {
    file: [manifests],
    nb: ovn.nb,
    sb: ovn.sb,
    timeout: 10,
    allowSharedNb: false,
    color: false,
  };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const out = isQuiet ? (): void => {} : context.terminal.out;
  const logger = tellingLogger(out, (message) => {
    if (message === 'in step') resolve();
    // It goes on trying, but there is nothing to show.
    if (message.startsWith('not in step'))
      reject(new CodedError('DEMO_NOT_IN_STEP', 'not everything could be programmed', { retryable: false }));
  });
  const running = follow(flags, logger, signal);
  const inStep = Promise.race([promise, running]);
  inStep.catch(() => {}); // told by stop()
  return {
    inStep,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** Stays until the user ends it. */
export async function followUntilEnd(scene: Scene): Promise<void> {
  const { narrator, context, manifests, ovn } = scene;
  narrator.heading('Follow: change something and see');
  narrator.command(`ovn-projector run -f ${manifests}`);
  narrator.say(`Edit, add or remove a file in ${manifests},`);
  narrator.say(`or delete something of it by hand: ovn-nbctl --db=${ovn.nb} lr-nat-del shalb-demo`);
  narrator.say('Ctrl-C ends it and removes the folder.');
  const follower = startFollowing(scene);
  await new Promise<void>((resolve) => {
    if (context.signal.aborted) resolve();
    context.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await follower.stop();
}

/** One line per message: `   committed  unit=vpc/shalb-demo insert=1`. */
function tellingLogger(out: (text: string) => void, onMessage: (message: string) => void): Logger {
  const tell = (fields: object, message: string): void => {
    const details = Object.entries(fields)
      .filter(([, value]) => typeof value !== 'object')
      .map(([key, value]) => `${key}=${String(value)}`);
    out(`   | ${[message, ...details].join('  ')}\n`);
    onMessage(message);
  };
  return { debug: () => {}, info: tell, warn: tell, error: tell };
}
