// The steps of the demonstration, each with its own check.
import { setTimeout as delay } from 'node:timers/promises';
import { startFollowing } from './follow.ts';
import { createRecorder } from './narrator.ts';
import type { Scene } from './scene.ts';

/** Project of the example that the later steps look at. */
const project = 'shalb-demo';

/** Plays every step in order; what goes wrong is noted with the narrator. Ends early when the user says so. */
export async function playScenes(scene: Scene): Promise<void> {
  const { narrator, ovn, manifests, context } = scene;
  narrator.say(`An OVN of its own runs in ${ovn.directory}. To look around from another terminal:`);
  narrator.command(`export OVN_NB_DB=${ovn.nb} OVN_SB_DB=${ovn.sb}`);
  narrator.say(`The manifests of examples/architecture are in ${manifests}.`);
  for (const play of [planScene, applyScene, nothingScene, driftScene, showScene]) {
    if (context.signal.aborted) return;
    await play(scene);
  }
}

/** Runs a command line of ours, shows it with the beginning of its output, and checks its exit code. */
async function perform(
  scene: Scene,
  args: readonly string[],
  expected: number,
  limit: number,
): Promise<void> {
  const { narrator, context, ovn } = scene;
  const recorder = createRecorder(context.terminal);
  narrator.command(['ovn-projector', ...args].join(' '));
  const command = args[0] === 'show' ? ['--nb', ovn.nb] : ['--nb', ovn.nb, '--sb', ovn.sb];
  const code = await context.run([...args, ...command], recorder);
  if (recorder.errors() !== '') narrator.show(recorder.errors(), limit);
  narrator.show(recorder.output(), limit);
  if (code !== expected) narrator.fail(`${args[0] ?? ''} ended with ${code}, expected ${expected}`);
}

async function planScene(scene: Scene): Promise<void> {
  scene.narrator.heading('Plan: what would change, object by object');
  await perform(scene, ['plan', '-f', scene.manifests], 2, 24);
}

async function applyScene(scene: Scene): Promise<void> {
  scene.narrator.heading('Apply: one transaction per project');
  await perform(scene, ['apply', '-f', scene.manifests], 0, 24);
}

async function nothingScene(scene: Scene): Promise<void> {
  scene.narrator.heading('Apply again: nothing to write');
  await perform(scene, ['apply', '-f', scene.manifests], 0, 24);
  const recorder = createRecorder(scene.context.terminal);
  const remotes = ['--nb', scene.ovn.nb, '--sb', scene.ovn.sb];
  const code = await scene.context.run(['plan', '-f', scene.manifests, ...remotes], recorder);
  if (code !== 0) scene.narrator.fail('the second apply left something to do');
}

async function driftScene(scene: Scene): Promise<void> {
  const { narrator, ovn } = scene;
  narrator.heading('Drift: a row is deleted by hand while `run` is on');
  narrator.command(`ovn-projector run -f ${scene.manifests}`);
  const follower = startFollowing(scene);
  try {
    await follower.inStep;
    const before = await nbctl(scene, ['lr-nat-list', project]);
    await nbctl(scene, ['lr-nat-del', project]);
    const deletedAt = performance.now();
    const back = await until(async () => (await ovn.nbctl('lr-nat-list', project)) === before, 5000);
    if (back)
      narrator.say(
        `back after ${Math.round(performance.now() - deletedAt)} ms (ovn-nbctl's own start included)`,
      );
    else narrator.fail('the deleted row did not return within 5 s');
    await nbctl(scene, ['lr-nat-list', project]);
  } finally {
    await follower.stop();
  }
}

async function showScene(scene: Scene): Promise<void> {
  const { narrator, ovn } = scene;
  narrator.heading('Show: the networks that are there now');
  await perform(scene, ['show'], 0, 60);
  await nbctl(scene, ['show', project]);
  await nbctl(scene, ['lr-nat-list', project]);
  await nbctl(scene, ['lr-lb-list', project]);
  await nbctl(scene, ['lr-route-list', project]);
  const complaints = (await ovn.northdLog()).split('\n').filter((line) => /\|(WARN|ERR|EMER)\|/.test(line));
  if (complaints.length > 0) narrator.fail(`ovn-northd complains:\n${complaints.join('\n')}`);
  else narrator.say('ovn-northd has compiled all of it without a warning.');
}

/** Runs ovn-nbctl, shows the command and its output, and returns the output. */
async function nbctl({ narrator, ovn }: Scene, args: readonly string[]): Promise<string> {
  narrator.command(['ovn-nbctl', ...args].join(' '));
  const text = await ovn.nbctl(...args);
  if (text !== '') narrator.show(text, 40);
  return text;
}

async function until(holds: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const giveUpAt = performance.now() + timeoutMs;
  while (performance.now() < giveUpAt) {
    if (await holds()) return true;
    await delay(5);
  }
  return false;
}
