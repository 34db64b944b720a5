// What must not arrive, each beside something that does.
import { attempt } from './attempt.ts';
import { madeBy } from './rows.ts';
import type { PacketScene } from './scene.ts';
import { quick } from './scenes-ways.ts';
import { answeredBy, pinged, unseen } from './verdicts.ts';

export async function wallScene(scene: PacketScene): Promise<void> {
  const { narrator, cast, eip } = scene;
  const { otherHost, web0, debian, door } = cast;
  narrator.heading('Walls: what is dropped');
  const router = eip('acme-shop/default-gw');
  const inside = `${web0.address}:53`;
  await attempt(scene, otherHost, `ping ${router}`, async () => pinged(await otherHost.ping(router)));
  narrator.note(`     other-host now routes 10.0.10.0/24 at the project’s router, ${router}`);
  await otherHost.script('ip route replace 10.0.10.0/24 via "$1"', router);
  await attempt(scene, otherHost, `udp ${inside}`, () => unseen(door, () => otherHost.udp(inside, quick)));
  await otherHost.script('ip route del 10.0.10.0/24');
  const honest = answeredBy(web0, debian.address);
  await attempt(scene, debian, `udp ${inside}`, async () => honest(await debian.udp(inside)));
  narrator.note('     debian now sends as 10.0.10.66, which is not its own');
  await debian.script('ip address add 10.0.10.66/32 dev eth0');
  const lie = { ...quick, localAddress: '10.0.10.66' };
  await attempt(scene, debian, `udp ${inside}`, () => unseen(door, () => debian.udp(inside, lie)));
  await debian.script('ip address del 10.0.10.66/32 dev eth0');
  await madeBy(
    scene,
    ['ACL', 'external_ids:ovn-projector/id=network/ext-cloud/wall/ip4'],
    ['Logical_Switch_Port', 'name=debian.acme-shop', 'port_security!=[]'],
  );
}
