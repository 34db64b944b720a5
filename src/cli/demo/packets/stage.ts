// The stage of the demonstration with packets: the lab, `run` on a scratch copy of examples/packets, and the cast.
import { cp } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CodedError } from '../../../base/errors.ts';
import { type Lab, startLab } from '../../../lab/lab.ts';
import type { CommandContext } from '../../command-context.ts';
import { type Follower, startFollowing } from '../follow.ts';
import { type Narrator, createRecorder } from '../narrator.ts';
import type { NetworkView } from '../../show/network-view.ts';
import { assembleCast } from './cast.ts';
import type { PacketScene } from './scene.ts';

const example = fileURLToPath(new URL('../../../../examples/packets/', import.meta.url));

export interface PacketStage extends AsyncDisposable {
  readonly scene: PacketScene;
  readonly follower: Follower;
}

/** Starts all of it, telling what. @throws LAB_…, EMBEDDED_… and DEMO_EXAMPLE_MISSING */
export async function setPacketStage(context: CommandContext, narrator: Narrator): Promise<PacketStage> {
  if (!existsSync(example))
    throw new CodedError('DEMO_EXAMPLE_MISSING', `the example ${example} is not there`, { retryable: false });
  const lab = await startLab({ chassis: 3, gateways: [1, 2] });
  let follower: Follower | undefined;
  const clear = async (): Promise<void> => {
    await follower?.stop().catch(() => {}); // told by inStep
    await lab.stop();
  };
  try {
    const manifests = join(lab.directory, 'networks');
    await cp(example, manifests, { recursive: true });
    introduce(narrator, await ovnVersion(lab));
    narrator.command(`ovn-projector run -f ${manifests}`);
    follower = startFollowing({ ovn: lab.ovn, manifests, context, narrator }, { isQuiet: true });
    await follower.inStep;
    context.signal.throwIfAborted();
    const cast = await assembleCast(lab);
    narrator.say(
      `in step, ${lab.hosts.size} hosts plugged in, ${lab.chassis.length} hypervisors have carried it out`,
    );
    const scene = { context, narrator, lab, cast, manifests, ...(await readNorthbound(lab, context)) };
    return { scene, follower, [Symbol.asyncDispose]: clear };
  } catch (error) {
    await clear();
    throw error;
  }
}

async function ovnVersion({ ovn }: Lab): Promise<string> {
  return /\d+\.\d+\.\d+/.exec(await ovn.nbctl('--version'))?.[0] ?? '';
}

function introduce(narrator: Narrator, version: string): void {
  narrator.say(`A lab of its own: OVN ${version}, three hypervisors, workloads, and a world around them.`);
  narrator.say('');
  for (const line of picture) narrator.say(line);
}

const picture = [
  'internet 203.0.113.1',
  '   ├── VLAN 4013 ext-cloud   100.65.0.0/16     cloud-host, other-host',
  '   ├── VLAN 4011 ext-public  168.119.17.48/28  public-host',
  '   │',
  'chassis-1 ════ chassis-2 ════ chassis-3        each with ovn-controller; 1 and 2 host gateways',
  '   │                             │',
  '   acme-shop 10.0.10.0/24        acme-shop 10.0.10.0/24  web-0, debian, fedora, both',
  '   web-1                         acme-twin 10.0.10.0/24  web-0, guest',
  '                                 acme-bank 10.0.20.0/24  teller',
  '',
  'Each line below: who sends, what, and where to → who answers, and which source address it sees.',
  '`rows` made it so: that is what to give `ovn-nbctl find`.',
];

/** What `show` says: addresses of EIps, and what this OVN can do. */
async function readNorthbound(
  lab: Lab,
  context: CommandContext,
): Promise<Pick<PacketScene, 'eip' | 'marksReplies'>> {
  const show = async (...flags: readonly string[]): Promise<string> => {
    const recorder = createRecorder(context.terminal);
    await context.run(['show', '--nb', lab.ovn.nb, '-o', 'json', ...flags], recorder);
    return recorder.output();
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own output, a contract
  const { vpcs } = JSON.parse(await show()) as Pick<NetworkView, 'vpcs'>;
  const held = new Map(vpcs.flatMap(({ eips }) => eips.map(({ holder, address }) => [holder, address])));
  const eip = (path: string): string => {
    const address = held.get(`EIp/${path}`);
    if (address === undefined)
      throw new CodedError('DEMO_NO_ADDRESS', `EIp/${path} has no address`, { retryable: false });
    return address;
  };
  const qos = await lab.ovn.nbctl('--bare', '--columns=action', 'list', 'QoS');
  return { eip, marksReplies: qos.includes('mark') };
}
