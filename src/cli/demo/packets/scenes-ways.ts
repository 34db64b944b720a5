// Ways out and ways in: SNAT, Services, floating IPs.
import type { Host } from '../../../lab/host.ts';
import { type Verdict, attempt } from './attempt.ts';
import { internetAddress } from './cast.ts';
import { madeBy } from './rows.ts';
import type { PacketScene } from './scene.ts';
import { answeredBy, arrival, nothing, refusedAtOnce } from './verdicts.ts';

export async function outScene(scene: PacketScene): Promise<void> {
  const { narrator, cast, eip } = scene;
  narrator.heading('Out: each project leaves under an address of its own');
  const target = `${internetAddress}:80`;
  const leaving: readonly (readonly [Host, string])[] = [
    [cast.web0, 'acme-shop'],
    [cast.twin, 'acme-twin'],
    [cast.teller, 'acme-bank'],
  ];
  for (const [from, project] of leaving) {
    const address = eip(`${project}/default-gw`);
    const judge = answeredBy(cast.internet, address);
    await attempt(scene, from, `tcp ${target}`, async () => judge(await from.tcp(target)));
  }
  await madeBy(scene, ['NAT', 'type=snat', `external_ip=${eip('acme-shop/default-gw')}`]);
}

export async function inScene(scene: PacketScene): Promise<void> {
  const { narrator, cast, eip } = scene;
  const { cloudHost, otherHost } = cast;
  narrator.heading('In: Services on the same address; the client’s address is preserved');
  const address = eip('acme-shop/default-gw');
  await attempt(scene, cloudHost, `tcp ${address}:80`, () => bothAnswer(cloudHost, `${address}:80`));
  const ssh = answeredBy(cast.debian, cloudHost.address);
  await attempt(scene, cloudHost, `tcp ${address}:2222`, async () => {
    const result = await cloudHost.tcp(`${address}:2222`);
    const { isRight, text } = ssh(result);
    if (result.outcome !== 'answered') return { isRight, text };
    return {
      isRight: isRight && result.localPort === 22,
      text: arrival(`${result.server}:${result.localPort}`, result.client),
    };
  });
  await attempt(scene, cloudHost, `tcp ${address}:81`, async () =>
    refusedAtOnce(await cloudHost.tcp(`${address}:81`)),
  );
  narrator.note(
    '     nobody is behind port 81 yet; port 82 is for 100.65.0.10 only (loadBalancerSourceRanges)',
  );
  await attempt(scene, cloudHost, `tcp ${address}:82`, () => someAnswer(cloudHost, `${address}:82`));
  await attempt(scene, otherHost, `tcp ${address}:82`, async () =>
    nothing(await otherHost.tcp(`${address}:82`, quick)),
  );
  await madeBy(
    scene,
    ['Load_Balancer', 'name=acme-shop-web-tcp'],
    ['ACL', 'external_ids:ovn-projector/source=Service/acme-shop/few'],
  );
}

export async function floatingScene(scene: PacketScene): Promise<void> {
  const { narrator, cast, eip } = scene;
  const { cloudHost, fedora, internet } = cast;
  narrator.heading('Floating IP: every port, both directions, translated on the workload’s own hypervisor');
  const address = eip('acme-shop/fip-fedora');
  const inside = answeredBy(fedora, cloudHost.address);
  await attempt(scene, cloudHost, `tcp ${address}:4321`, async () =>
    inside(await cloudHost.tcp(`${address}:4321`)),
  );
  const outside = answeredBy(internet, address);
  await attempt(scene, fedora, `tcp ${internetAddress}:80`, async () =>
    outside(await fedora.tcp(`${internetAddress}:80`)),
  );
  await madeBy(scene, [
    'NAT',
    'type=dnat_and_snat',
    `external_ip=${address}`,
    'logical_port=fedora.acme-shop',
  ]);
}

/** For what must not be answered: nobody waits longer than needed. */
export const quick = { timeoutMs: 700 } as const;

/** Right: some backend answered and saw the client. */
export async function someAnswer(from: Host, target: string): Promise<Verdict> {
  const result = await from.tcp(target);
  if (result.outcome !== 'answered') return { isRight: false, text: `${result.outcome}: ${result.reason}` };
  return { isRight: result.client === from.address, text: arrival(result.server, result.client) };
}

/** Right: within some attempts web-0 and web-1 have both answered, and seen the client each time. */
async function bothAnswer(from: Host, target: string): Promise<Verdict> {
  const names = new Set<string>();
  for (let count = 0; count < 30 && names.size < 2; count += 1) {
    const result = await from.tcp(target);
    if (result.outcome !== 'answered') return { isRight: false, text: `${result.outcome}: ${result.reason}` };
    if (result.client !== from.address) return { isRight: false, text: `sees ${result.client}` };
    names.add(result.server.replace(/\..*/, ''));
  }
  const text = arrival([...names].toSorted().join(' and '), from.address);
  return { isRight: names.size === 2, text };
}
