// Rules of subnets with packets: every action in both directions, what passes whatever they say, and who has the last word.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { askByDhcp, whyNoDhcpClient } from '../../src/lab/dhcp-client.ts';
import type { Host } from '../../src/lab/host.ts';
import { lookUp } from '../../src/lab/look-up.ts';
import { between, longestLoss, startFlow } from '../support/lab-flow.ts';
import { exampleNetworks, pod, service } from '../support/lab-objects.ts';
import type { LabObject } from '../support/lab-objects.ts';
import { policiesInForce } from '../support/lab-policies.ts';
import { acl, putRules, ruledProject } from '../support/lab-subnet-acls.ts';
import { describeLab } from '../support/lab-world.ts';
import { runProgram } from '../support/program.ts';

const web = '10.0.10.10';
const client = '10.0.10.20';
const other = '10.0.10.30';
const objects = [
  exampleNetworks,
  ruledProject([]),
  pod('shop-a/web', { labels: { app: 'web' }, address: `${web},fd00:10::10` }),
  pod('shop-a/client', { labels: { app: 'client' }, address: `${client},fd00:10::20` }),
  pod('shop-a/other', { labels: { app: 'other' }, address: `${other},fd00:10::30` }),
  service('shop-a/inner', {
    ports: ['8080:80'],
    selector: { app: 'web' },
    spec: { type: 'ClusterIP', clusterIP: '10.101.0.10' },
  }),
];
const quick = { timeoutMs: 700 };
const toWeb = { protocol: 'tcp', ports: [{ port: 80 }, { port: 86 }], to: [`${web}/32`, 'fd00:10::10/128'] };
const fromClient = { from: [`${client}/32`, 'fd00:10::20/128'] };
const everything = (action: string) => [
  acl('no-in', 'ingress', action, { priority: 1 }),
  acl('no-out', 'egress', action, { priority: 1 }),
];
const policy = (spec: Readonly<Record<string, unknown>>): LabObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { namespace: 'shop-a', name: 'web' },
  spec: { podSelector: { matchLabels: { app: 'web' } }, ...spec },
});

describeLab('rules of a subnet', { objects }, (world) => {
  const hosts = async (): Promise<readonly [Host, Host, Host]> => [
    await world.pod('shop-a/web'),
    await world.pod('shop-a/client'),
    await world.pod('shop-a/other'),
  ];
  const expectOutcome = async (
    probe: () => Promise<{ readonly outcome: string }>,
    outcome: string,
  ): Promise<void> => {
    await expect.poll(async () => (await probe()).outcome).toBe(outcome);
  };
  const show = async (...flags: readonly string[]): Promise<unknown> => {
    const result = await runProgram([
      'show',
      '--acls',
      'shop-a-default',
      '-o',
      'json',
      '--nb',
      world.lab.ovn.nb,
      ...flags,
    ]);
    expect(result).toMatchObject({ code: 0 });
    return JSON.parse(result.stdout);
  };

  describe.each(['ingress', 'egress'] as const)('%s', (direction) => {
    test.each([
      ['drop', 'silent', 'silent'],
      ['reject', 'refused', 'refused'],
      ['allow', 'answered', 'answered'],
    ])('%s: TCP %s, UDP %s, of both families', async (action, tcp, udp) => {
      const [server, from, bystander] = await hosts();
      await using _tcp = await server.listen('tcp', 80);
      await using _udp = await server.listen('udp', 80);
      await using _tcp6 = await server.listen('tcp', 86, 6);
      const { to } = toWeb;
      await putRules(world, [
        acl('tcp', direction, action, { ...toWeb, ...fromClient }),
        acl('udp', direction, action, { ...toWeb, ...fromClient, protocol: 'udp' }),
        // What an allow is good for.
        ...(action === 'allow' ? [acl('rest', direction, 'drop', { priority: 1, to, ...fromClient })] : []),
      ]);
      await expectOutcome(() => from.tcp(`${web}:80`, quick), tcp);
      await expectOutcome(() => from.tcp('[fd00:10::10]:86', quick), tcp);
      await expectOutcome(() => from.udp(`${web}:80`, quick), udp);
      expect((await bystander.tcp(`${web}:80`)).outcome).toBe('answered');
      expect((await from.ping(web, { timeoutMs: 700 })).received).toBe(action === 'allow' ? 0 : 1);
    });
  });

  test('ports, ranges and ICMP', async () => {
    const [server, from] = await hosts();
    const ports = [79, 80, 81, 7999, 8000, 8050, 8100, 8101];
    await using listeners = new AsyncDisposableStack();
    for (const port of ports) listeners.use(await server.listen('tcp', port));
    await putRules(world, [
      acl('ports', 'ingress', 'drop', {
        protocol: 'tcp',
        ports: [{ port: 80 }, { port: 8000, endPort: 8100 }],
      }),
      acl('ping', 'ingress', 'drop', { protocol: 'icmp', from: [`${client}/32`, 'fd00:10::20/128'] }),
    ]);
    await expectOutcome(() => from.tcp(`${web}:80`, quick), 'silent');
    const open: number[] = [];
    for (const port of ports)
      if ((await from.tcp(`${web}:${port}`, quick)).outcome === 'answered') open.push(port);
    expect(open).toEqual([79, 81, 7999, 8101]);
    // Neighbours are found all the same, although their discovery is ICMPv6.
    await from.script('ip -6 neighbour flush dev eth0');
    expect((await from.ping('fd00:10::10', { timeoutMs: 700 })).received).toBe(0);
    expect(await from.neighbours()).toMatch(/fd00:10::10 .*lladdr/);
    expect((await from.ping(web, { timeoutMs: 700 })).received).toBe(0);
  });

  test('allow knows replies; allow-stateless does not, and needs a rule for each way', async () => {
    const [server, from] = await hosts();
    await using _ = await server.listen('udp', 80);
    const drops = everything('drop');
    const both = { protocol: 'udp', from: ['10.0.10.0/24'], to: ['10.0.10.0/24'] };
    const out = (action: string) => acl('out', 'egress', action, { ...both, ports: [{ port: 80 }] });
    const into = (action: string) => acl('in', 'ingress', action, { ...both, ports: [{ port: 80 }] });
    const probe = () => from.udp(`${web}:80`, quick);
    await putRules(world, [...drops, out('allow'), into('allow')]);
    await expectOutcome(probe, 'answered');
    await putRules(world, [...drops, out('allow-stateless'), into('allow-stateless')]);
    await expectOutcome(probe, 'silent');
    const back = [
      acl('back-out', 'egress', 'allow-stateless', { protocol: 'udp', to: [`${client}/32`] }),
      acl('back-in', 'ingress', 'allow-stateless', { protocol: 'udp', to: [`${client}/32`] }),
    ];
    await putRules(world, [...drops, out('allow-stateless'), into('allow-stateless'), ...back]);
    await expectOutcome(probe, 'answered');
  });

  test('out of a workload, a Service is what its backends are', async () => {
    const [server, from] = await hosts();
    await using _ = await server.listen('tcp', 80);
    const vip = () => from.tcp('10.101.0.10:8080', quick);
    await putRules(world, [
      acl('vip', 'egress', 'drop', { to: ['10.101.0.0/24'] }),
      acl('port', 'egress', 'drop', { protocol: 'tcp', ports: [{ port: 8080 }] }),
    ]);
    await expectOutcome(vip, 'answered');
    await putRules(world, [acl('backend', 'egress', 'drop', { ...toWeb, ...fromClient })]);
    await expectOutcome(vip, 'silent');
    // It reaches itself, whatever rules say.
    await putRules(world, everything('drop'));
    await expectOutcome(vip, 'silent');
    await expectOutcome(() => server.tcp('10.101.0.10:8080'), 'answered');
  });

  test('what is shut in both directions still has its address, names and neighbours', async () => {
    const [, from] = await hosts();
    await putRules(world, everything('drop'));
    await expect.poll(async () => (await from.ping(web, { timeoutMs: 500 })).received).toBe(0);
    await from.script('ip neighbour flush dev eth0');
    await from.ping(other, { timeoutMs: 500 });
    expect(await from.neighbours()).toMatch(/10\.0\.10\.30 .*lladdr 0a:58:0a:00:0a:1e/);
    await expect.poll(() => lookUp(from, '10.0.10.1', 'inner.shop-a.svc.cluster.local')).toBe('10.101.0.10');
    if (whyNoDhcpClient === undefined)
      await expect
        .poll(() => askByDhcp(from, world.lab.directory))
        .toMatchObject({ ip: client, router: '10.0.10.1' });
  });

  test('an allow is the last word against a NetworkPolicy, and so is a drop', async () => {
    const [server, from, bystander] = await hosts();
    await using _ = await server.listen('tcp', 80);
    const shut = policy({ policyTypes: ['Ingress'] });
    const open = policy({ ingress: [{}] });
    await world.put(shut);
    try {
      await putRules(world, [acl('client', 'ingress', 'allow', { ...toWeb, ...fromClient })]);
      await policiesInForce(world, [shut]);
      await expectOutcome(() => bystander.tcp(`${web}:80`, quick), 'silent');
      await expectOutcome(() => from.tcp(`${web}:80`, quick), 'answered');
      await world.put(open);
      await putRules(world, [acl('client', 'ingress', 'drop', { ...toWeb, ...fromClient })]);
      await expectOutcome(() => bystander.tcp(`${web}:80`, quick), 'answered');
      await expectOutcome(() => from.tcp(`${web}:80`, quick), 'silent');
    } finally {
      await world.remove(shut);
      await policiesInForce(world, []);
    }
  });

  test('of equal rules the strictest decides', async () => {
    const [server, from] = await hosts();
    await using _ = await server.listen('tcp', 80);
    const three = ['allow', 'reject', 'drop'].map((action) => acl(action, 'ingress', action));
    for (const [count, outcome] of [
      [3, 'silent'],
      [2, 'refused'],
      [1, 'answered'],
    ] as const) {
      await putRules(world, three.slice(0, count));
      await expectOutcome(() => from.tcp(`${web}:80`, quick), outcome);
    }
  });

  test('what is logged is counted by show, and trace names rule and object', async () => {
    const [server, from] = await hosts();
    await using _ = await server.listen('udp', 80);
    const log = join(world.lab.chassis[0]?.switch.directory ?? '', 'ovn-controller.log');
    await putRules(world, [
      acl('noted', 'ingress', 'reject', {
        protocol: 'tcp',
        ports: [{ port: 81 }],
        log: true,
        logSeverity: 'warning',
      }),
      acl('rare', 'ingress', 'allow', { protocol: 'udp', ports: [{ port: 80 }], log: true, logRate: 1 }),
      acl('quiet', 'ingress', 'drop', { protocol: 'tcp', ports: [{ port: 82 }] }),
    ]);
    for (const port of [81, 81, 82]) await from.tcp(`${web}:${port}`, quick);
    await expectOutcome(() => from.udp(`${web}:80`, quick), 'answered');
    const started = Date.now();
    const flow = startFlow(world, from, web, 80, 'flood');
    const lines = async () => {
      const { ingress } = (await show('--acl-log', log)) as {
        ingress: readonly {
          readonly name: string;
          readonly log: boolean;
          readonly logged?: { readonly lines: number };
        }[];
      };
      return Object.fromEntries(
        ingress.filter(({ log: isLogged }) => isLogged).map(({ name, logged }) => [name, logged?.lines ?? 0]),
      );
    };
    await expect.poll(lines).toMatchObject({ noted: 2 });
    await expect.poll(async () => ((await lines())['rare'] ?? 0) > 1).toBe(true);
    const record = await flow.end();
    const counted = await lines();
    expect(record.length).toBeGreaterThan(50);
    // A meter may begin with what it could have let pass before.
    expect(counted['rare']).toBeLessThanOrEqual((Date.now() - started) / 1000 + 3);
    expect(Object.keys(counted)).toEqual(['noted', 'rare']);
    const { nb, sb } = world.lab.ovn;
    const traced = await runProgram(['trace', '--nb', nb, '--sb', sb, 'shop-a/client', 'shop-a/web:81']);
    expect(traced.stdout).toMatch(/rule +noted: reject ingress tcp 81 +Project\/shop\/a/);
  });

  test('a flow that stays allowed goes on while rules change, and one that is dropped never gets through', async () => {
    const [server, good, bad] = await hosts();
    await using _ = await server.listen('udp', 9);
    const allow = (rest: object) => acl('friend', 'ingress', 'allow', { protocol: 'udp', ...rest });
    const rest = acl('rest', 'ingress', 'drop', { priority: 1 });
    const edits = [
      [allow({ from: [`${client}/32`] }), rest],
      [allow({ from: [`${client}/32`, '192.0.2.0/24'], ports: [{ port: 9 }] }), rest],
      [
        allow({ from: [`${client}/32`], priority: 900 }),
        rest,
        acl('more', 'ingress', 'allow', { protocol: 'tcp' }),
      ],
      [
        acl('bystander', 'ingress', 'reject', { from: [`${other}/32`], priority: 50 }),
        allow({ from: [`${client}/32`] }),
        rest,
      ],
      [
        acl('bystander', 'ingress', 'drop', { from: [`${other}/32`], priority: 50 }),
        allow({ ports: [{ port: 1, endPort: 10 }], from: ['10.0.10.16/29'] }),
        rest,
      ],
    ];
    await putRules(world, []);
    await expectOutcome(() => good.udp(`${web}:9`, quick), 'answered');
    const [goodFlow, badFlow] = [good, bad].map((host) => startFlow(world, host, web, 9, host.name));
    await putRules(world, edits[0] ?? []);
    await expectOutcome(() => bad.udp(`${web}:9`, quick), 'silent');
    const shutAt = Date.now();
    for (const edit of [...edits.slice(1), ...edits]) await putRules(world, edit);
    const openAt = Date.now();
    await putRules(world, []);
    await expectOutcome(() => bad.udp(`${web}:9`, quick), 'answered');
    const refused = between((await badFlow?.end()) ?? [], shutAt, openAt);
    expect(refused.answered).toBe(0);
    expect(refused.sent).toBeGreaterThan(50);
    expect(longestLoss((await goodFlow?.end()) ?? [])).toBeLessThan(10);
  });
});

const racks: LabObject = {
  apiVersion: 'ovn.kube-dc.com/v1alpha1',
  kind: 'Subnet',
  metadata: { name: 'racks' },
  spec: {
    underlay: { physicalNetwork: 'ext-cloud', vlan: 120 },
    cidr: '192.168.120.0/24',
    gateway: '192.168.120.254',
    excludeIps: ['192.168.120.1..192.168.120.99'],
    namespaces: ['bare'],
    acls: [
      acl('ssh', 'ingress', 'drop', { protocol: 'tcp', ports: [{ port: 22 }] }),
      acl('mail', 'ingress', 'reject', { protocol: 'tcp', ports: [{ port: 25 }] }),
      acl('web', 'egress', 'reject', { protocol: 'tcp', ports: [{ port: 80 }] }),
    ],
  },
};
const underlayObjects = [
  exampleNetworks,
  racks,
  pod('bare/press', { annotations: { 'network.kube-dc.com/subnet': 'racks' }, address: '192.168.120.100' }),
];

describeLab('rules of an underlay', { objects: underlayObjects }, (world) => {
  test('are for its workloads, against machines of the VLAN', async () => {
    const port = 'press.bare';
    await world.lab.ovn.nbctl('--timeout=30', 'wait-until', 'Logical_Switch_Port', port, `name=${port}`);
    const [mac = ''] = (await world.lab.ovn.nbctl('lsp-get-addresses', port)).trim().split(' ');
    const press = await world.lab.plug({
      port,
      mac,
      addresses: ['192.168.120.100/24'],
      gateways: [],
      mtuBytes: 1500,
    });
    const outside = { network: 'ext-cloud', vlan: 120, addresses: ['192.168.120.10/24'] };
    const machine = await world.lab.outside('machine', outside);
    await using listeners = new AsyncDisposableStack();
    for (const number of [22, 23, 25]) listeners.use(await press.listen('tcp', number));
    for (const number of [80, 81]) listeners.use(await machine.listen('tcp', number));
    const outcome = async (from: Host, to: string): Promise<string> => (await from.tcp(to, quick)).outcome;
    await expect.poll(() => outcome(machine, '192.168.120.100:23')).toBe('answered');
    expect(await outcome(machine, '192.168.120.100:22')).toBe('silent');
    expect(await outcome(machine, '192.168.120.100:25')).toBe('refused');
    expect(await outcome(press, '192.168.120.10:80')).toBe('refused');
    expect(await outcome(press, '192.168.120.10:81')).toBe('answered');
  });
});
