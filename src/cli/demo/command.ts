// `ovn-projector demo`: everything on an OVN of its own, step by step.
import { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { useColor } from '../terminal.ts';
import { type Narrator, createNarrator } from './narrator.ts';
import { playPackets } from './packets/play.ts';
import { setStage } from './stage.ts';
import type { Scene } from './scene.ts';
import { playScenes } from './scenes.ts';
import { followUntilEnd } from './follow.ts';

const examples = `
Starts ovsdb-server (NB and SB) and ovn-northd in a temporary folder, on unix sockets, without root, and plays
examples/architecture on them: plan, apply, apply again, drift and its repair, show. Then it stays and follows a
scratch copy of the manifests until Ctrl-C. Nothing outside of the temporary folder is touched.

With --packets three hypervisors (Open vSwitch, ovn-controller), workloads and hosts outside are added, as network
namespaces without a name, and every path through examples/packets is walked by real packets: who sends what where,
what arrived and from which address, and which rows made it so. It needs root, and leaves nothing behind.

Examples:
  $ ovn-projector demo
  $ ovn-projector demo --once      end after the last step; exit code 1 if anything was not as it should be
  # ovn-projector demo --packets --once
`;

interface DemoFlags {
  readonly once: boolean;
  readonly packets: boolean;
  readonly color: boolean;
}

export function demoCommand(context: CommandContext): Command {
  return new Command('demo')
    .description('show it all on an OVN of its own in a temporary folder')
    .option('--once', 'end after the last step instead of following', false)
    .option(
      '--packets',
      'send real packets through examples/packets on hypervisors of its own; needs root',
      false,
    )
    .addHelpText('after', examples)
    .action(async (flags: DemoFlags) => {
      const narrator = createNarrator(context.terminal, useColor(context.terminal, flags));
      const play = flags.packets ? playPackets : playRows;
      await play(context, narrator, flags.once);
      if (narrator.failures.length > 0) context.exit(1);
    });
}

/** Plays every step on an OVN without hypervisors, then stays until the user ends it, unless `once`. */
async function playRows(context: CommandContext, narrator: Narrator, once: boolean): Promise<void> {
  const stage = await setStage();
  try {
    const scene: Scene = { ...stage, context, narrator };
    await playScenes(scene);
    if (!once && !context.signal.aborted) await followUntilEnd(scene);
  } finally {
    await stage.ovn.stop();
  }
}
