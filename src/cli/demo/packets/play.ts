// The demonstration with packets: its scenes in order, and the time after them.
import type { CommandContext } from '../../command-context.ts';
import type { Narrator } from '../narrator.ts';
import { failoverScene } from './scene-failover.ts';
import type { PacketScene } from './scene.ts';
import { apartScene, insideScene } from './scenes-inside.ts';
import { secondNetworkScene } from './scene-second-network.ts';
import { wallScene } from './scene-walls.ts';
import { floatingScene, inScene, outScene } from './scenes-ways.ts';
import { setPacketStage } from './stage.ts';

const scenes = [
  outScene,
  inScene,
  floatingScene,
  insideScene,
  apartScene,
  secondNetworkScene,
  wallScene,
  failoverScene,
];

/** Plays every scene, then stays until the user ends it, unless `once`. Ctrl-C ends it in between. */
export async function playPackets(context: CommandContext, narrator: Narrator, once: boolean): Promise<void> {
  const startedAt = performance.now();
  const { signal } = context;
  await using stage = await setPacketStage(context, narrator);
  for (const play of scenes) {
    if (signal.aborted) return;
    await play(stage.scene);
  }
  if (signal.aborted) return;
  narrator.say('');
  const took = `${Math.round((performance.now() - startedAt) / 1000)} s`;
  for (const failure of narrator.failures) narrator.say(`not as it should be: ${failure}`);
  if (narrator.failures.length === 0) narrator.say(`Every packet went the way it should, in ${took}.`);
  if (!once) await stay(stage.scene);
}

async function stay({ narrator, context, lab, cast, manifests }: PacketScene): Promise<void> {
  narrator.heading('The lab is yours until Ctrl-C');
  narrator.say(`Edit, add or remove a file in ${manifests}: \`run\` follows. Look, and send:`);
  narrator.command(`export OVN_NB_DB=${lab.ovn.nb} OVN_SB_DB=${lab.ovn.sb}`);
  for (const host of [cast.web0, cast.cloudHost])
    narrator.command(`nsenter --net=/proc/${host.namespace.pid}/ns/net ping 203.0.113.1   # as ${host.name}`);
  await new Promise<void>((resolve) => {
    if (context.signal.aborted) resolve();
    context.signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
