// A gateway that is cut off, and what goes on all the same.
import { setTimeout as delay } from 'node:timers/promises';
import { activeGateway } from '../../../lab/active-gateway.ts';
import { watchSilence } from '../../../lab/silence.ts';
import { internetAddress } from './cast.ts';
import { madeBy } from './rows.ts';
import type { PacketScene } from './scene.ts';

const way = 'acme-shop-ext-cloud';
const waitMs = 20_000;

export async function failoverScene(scene: PacketScene): Promise<void> {
  const { narrator, cast, eip, lab, context } = scene;
  narrator.heading('Gateway: the hypervisor that hosts the way out loses all its cables');
  const before = await activeGateway(lab, way);
  const gateway = lab.chassis.find(({ number }) => number === before);
  if (gateway === undefined) return narrator.fail(`no hypervisor hosts ${way}`);
  narrator.say(`${gateway.name} hosts ${way}: cut off now`);
  const floating = watchSilence(cast.cloudHost, `${eip('acme-shop/fip-fedora')}:53`);
  const cutAt = performance.now();
  await gateway.cutOff();
  const answers = async (): Promise<boolean> =>
    (await cast.web0.udp(`${internetAddress}:53`, { timeoutMs: 100 })).outcome === 'answered';
  const isBack = await until(answers, context.signal);
  const outageMs = Math.round(performance.now() - cutAt);
  const silenceMs = Math.round(await floating.end());
  if (context.signal.aborted) return;
  const after = await activeGateway(lab, way);
  narrator.result(isBack, `SNAT and Services      back after ${seconds(outageMs)}, on chassis-${after}`);
  narrator.result(
    silenceMs < 1000,
    `floating IP of fedora  longest silence ${silenceMs} ms: it does not go there`,
  );
  await gateway.rejoin();
  const isHome = await until(async () => (await activeGateway(lab, way)) === before, context.signal);
  if (context.signal.aborted) return;
  narrator.result(isHome, `${gateway.name} is plugged in again and takes over`);
  await madeBy(scene, ['HA_Chassis_Group', `name=${way}`]);
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

async function until(holds: () => Promise<boolean>, signal: AbortSignal): Promise<boolean> {
  const giveUpAt = performance.now() + waitMs;
  while (performance.now() < giveUpAt && !signal.aborted) {
    if (await holds()) return true;
    await delay(20);
  }
  return false;
}
