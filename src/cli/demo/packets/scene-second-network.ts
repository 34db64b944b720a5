// One workload on two external networks: every reply leaves by the network on which its connection came in.
import type { Host } from '../../../lab/host.ts';
import { attempt } from './attempt.ts';
import { internetAddress } from './cast.ts';
import { type RowQuery, madeBy } from './rows.ts';
import type { PacketScene } from './scene.ts';
import { answeredBy } from './verdicts.ts';

export async function secondNetworkScene(scene: PacketScene): Promise<void> {
  const { narrator, cast, eip, marksReplies } = scene;
  const { both, cloudHost, publicHost, internet } = cast;
  narrator.heading('Two networks: one workload behind a cloud Service, a public Service and a public FIP');
  const reach = async (from: Host, target: string): Promise<void> => {
    const judge = answeredBy(both, from.address);
    await attempt(scene, from, `tcp ${target}`, async () => judge(await from.tcp(target)));
  };
  const floating = eip('acme-shop/fip-both');
  await reach(cloudHost, `${eip('acme-shop/default-gw')}:8080`);
  if (marksReplies) {
    await reach(publicHost, `${eip('acme-shop/slb-both-public')}:80`);
    await reach(publicHost, `${floating}:80`);
  } else {
    narrator.note(
      '     this OVN tells replies apart by port: Service both-public got a Conflict (see `plan`)',
    );
    await reach(publicHost, `${floating}:4321`);
  }
  const judge = answeredBy(internet, floating);
  await attempt(scene, both, `tcp ${internetAddress}:80`, async () =>
    judge(await both.tcp(`${internetAddress}:80`)),
  );
  const marks: RowQuery = ['QoS', 'external_ids:ovn-projector/unit=vpc/acme-shop'];
  await madeBy(
    scene,
    ['Logical_Router', 'name=acme-shop.ext-public'],
    ['Logical_Router_Policy', 'action=reroute', 'external_ids:ovn-projector/unit=vpc/acme-shop'],
    ...(marksReplies ? [marks] : []),
  );
}
