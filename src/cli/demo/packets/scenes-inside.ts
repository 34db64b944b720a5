// Inside a project and between projects.
import { askByDhcp, whyNoDhcpClient } from '../../../lab/dhcp-client.ts';
import { lookUp } from '../../../lab/look-up.ts';
import { attempt } from './attempt.ts';
import { madeBy } from './rows.ts';
import type { PacketScene } from './scene.ts';
import { quick, someAnswer } from './scenes-ways.ts';
import { answeredBy, nothing, unseen } from './verdicts.ts';

const clusterIp = '10.101.0.10';
/** Who a workload that reaches itself through a load balancer seems to be: OVN's hairpin address. */
const hairpin = '169.254.169.5';

export async function insideScene(scene: PacketScene): Promise<void> {
  const { narrator, cast, eip } = scene;
  const { debian, both } = cast;
  narrator.heading('Inside: the project’s own addresses work from within, and ClusterIPs by name');
  const address = eip('acme-shop/default-gw');
  await attempt(scene, both, `tcp ${address}:80`, () => someAnswer(both, `${address}:80`));
  const itself = answeredBy(debian, hairpin);
  await attempt(scene, debian, `tcp ${address}:2222`, async () =>
    itself(await debian.tcp(`${address}:2222`)),
  );
  narrator.note('     debian is its own backend there');
  const name = 'inside.acme-shop.svc.cluster.local';
  await attempt(scene, debian, 'dns inside.acme-shop…', async () => {
    const found = await lookUp(debian, '10.0.10.1', name);
    return { isRight: found === clusterIp, text: `→ ${found}` };
  });
  await attempt(scene, debian, `tcp ${clusterIp}:80`, () => someAnswer(debian, `${clusterIp}:80`));
  await dhcp(scene);
  await madeBy(
    scene,
    ['Load_Balancer', 'name=acme-shop-inside-clusterip-tcp'],
    ['DNS', `records:${name}=${clusterIp}`],
    ['DHCP_Options', 'cidr=10.0.10.0/24', 'external_ids:ovn-projector/unit=vpc/acme-shop'],
  );
}

async function dhcp(scene: PacketScene): Promise<void> {
  const { narrator, cast, lab } = scene;
  if (whyNoDhcpClient !== undefined) return narrator.note(`     DHCP is not shown: ${whyNoDhcpClient}`);
  const { debian } = cast;
  await attempt(scene, debian, 'dhcp discover', async () => {
    const lease = await askByDhcp(debian, lab.directory);
    const isRight = lease?.['ip'] === debian.address && lease['router'] === '10.0.10.1';
    const text = lease && `→ ${lease['ip']}/${lease['mask']} via ${lease['router']}, MTU ${lease['mtu']}`;
    return { isRight, text: text ?? 'no lease' };
  });
}

/** Two projects with the same range and the same address. */
export async function apartScene(scene: PacketScene): Promise<void> {
  const { narrator, cast, eip } = scene;
  const { debian, guest, teller, web0, twin } = cast;
  const shared = web0.address;
  narrator.heading('Projects: equal ranges never meet, and others are reached by an EIP that is allowed');
  const target = `${shared}:7000`;
  for (const [from, server] of [
    [debian, web0],
    [guest, twin],
  ] as const) {
    const judge = answeredBy(server, from.address);
    await attempt(scene, from, `tcp ${target}`, async () => judge(await from.tcp(target)));
  }
  const own = eip('acme-bank/default-gw');
  const front = `${eip('acme-shop/default-gw')}:2222`;
  const judge = answeredBy(debian, own);
  await attempt(scene, teller, `tcp ${front}`, async () => judge(await teller.tcp(front)));
  narrator.note('     100.65.0.101 is on the egress-allowlist of acme/bank; what else others expose is not');
  const other = `${eip('acme-shop/fip-fedora')}:4321`;
  await attempt(scene, teller, `tcp ${other}`, async () => nothing(await teller.tcp(other, quick)));
  const hidden = `${shared}:53`;
  await attempt(scene, teller, `udp ${hidden}`, () => unseen(cast.door, () => teller.udp(hidden, quick)));
  await madeBy(
    scene,
    ['Logical_Router', 'name=acme-shop'],
    ['Logical_Router', 'name=acme-twin'],
    ['ACL', 'external_ids:ovn-projector/id=acme-bank-default/isolation/ext-cloud/ip4'],
  );
}
