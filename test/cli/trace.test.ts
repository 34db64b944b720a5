// `trace` and `show --capabilities` as a user runs them, on a real OVN of both versions.
import { chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OvnCentral, startOvnCentral } from '../support/ovn-central.ts';
import { type OvnVersion, hasOvn, ovnProgram, ovnVersions } from '../support/ovn-programs.ts';
import { type ProgramResult, runProgram } from '../support/program.ts';
import { scratchFolder } from './scratch.ts';

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

interface World {
  readonly ovn: () => OvnCentral;
  readonly run: (...args: string[]) => Promise<ProgramResult>;
}

/** An OVN of its own for the tests around, with what the manifests mean in it. */
function world(version: OvnVersion, manifests: string): World {
  let ovn: OvnCentral;
  const run = (...args: string[]): Promise<ProgramResult> =>
    runProgram([...args, '--nb', ovn.nb], { env: { PATH: programPath(version), OVN_SB_DB: ovn.sb } });
  beforeAll(async () => {
    ovn = await startOvnCentral({ version });
    await ovn.sbctl('chassis-add', 'gw-1', 'geneve', '192.0.2.1');
    const config = ['ovn-cms-options=enable-chassis-as-gw', 'ovn-bridge-mappings=ext-cloud:br-ext'];
    await ovn.sbctl('set', 'Chassis', 'gw-1', ...config.map((text) => `other_config:${text}`));
    await run('apply', '-f', path(manifests));
    await ovn.compiled();
  });
  afterAll(() => ovn.stop());
  return { ovn: () => ovn, run };
}

/** The version's own programs before the system's. */
const programPath = (version: OvnVersion): string =>
  `${dirname(ovnProgram(version, 'ovn-trace'))}:${process.env['PATH'] ?? ''}`;

describe.each(ovnVersions)('on OVN %s', (version) => {
  describe.skipIf(!hasOvn(version))('the architecture', () => {
    const { ovn, run } = world(version, 'examples/architecture');
    const trace = (...args: string[]): Promise<ProgramResult> => run('trace', ...args);

    test.each<[string, string[], number, RegExp]>([
      [
        'pod → internet: SNAT, over a gateway that nobody has asked for yet',
        ['shalb-demo/nginx-0', '8.8.8.8:53', '--udp'],
        0,
        /^SNAT +10\.0\.10\.\d+ → 100\.65\.0\.103 +Project\/shalb\/demo\nnetwork +ext-cloud .*\nverdict +delivered: leaves through ext-cloud \(VLAN 4013 on ext-cloud\) as 100\.65\.0\.103$/m,
      ],
      [
        'pod of a public project → internet',
        ['project-b/customer', '8.8.8.8'],
        0,
        /^verdict +delivered: leaves through ext-public /m,
      ],
      [
        'outside → VIP of a load balancer',
        ['100.65.0.103:2222', '--from-outside', 'ext-cloud'],
        0,
        /^load balancer +100\.65\.0\.103:2222 → 10\.0\.10\.\d+:22 +Service\/shalb-demo\/vm-ssh\n(.*\n)*verdict +delivered: reaches virt-launcher-debian\.shalb-demo/m,
      ],
      [
        'outside → floating IP',
        ['100.65.0.104:22', '--from-outside', 'ext-cloud'],
        0,
        /^floating IP +100\.65\.0\.104 → 10\.0\.10\.171 +FIp\/shalb-demo\/fedora-arti$/m,
      ],
      [
        'pod → own VIP, by the name of the Service: one of two backends',
        ['shalb-demo/virt-launcher-debian', 'Service/shalb-demo/nginx-service-lb'],
        0,
        /^load balancer +100\.65\.0\.103:80 → (10\.0\.10\.\d+):80 \(one of 2\) .*\n(.*\n)*verdict +delivered: reaches nginx-[01]\.shalb-demo/m,
      ],
      [
        'pod → own floating IP',
        ['shalb-demo/nginx-0', '100.65.0.104:22'],
        0,
        /^verdict +delivered: reaches virt-launcher-fedora-arti\.shalb-demo/m,
      ],
      [
        'pod → pod of another project: it leaves, and does not get there',
        ['shalb-demo/nginx-0', 'project-b/customer:80'],
        2,
        /^verdict +astray: leaves through ext-cloud .* never reaches customer\.project-b$/m,
      ],
      [
        'pod → address of the own subnet that nobody has',
        ['shalb-demo/nginx-0', '10.0.10.99:80'],
        2,
        /^verdict +dropped: nobody on switch shalb-demo-default has 10\.0\.10\.99/m,
      ],
      [
        'outside → private address, by way of the router of the project',
        ['10.0.10.171:22', '--from-outside', 'ext-cloud', '--via', '100.65.0.103'],
        2,
        /^verdict +dropped: rule of ExternalNetwork\/ext-cloud: drop /m,
      ],
      [
        'a workload that lies about its address',
        ['shalb-demo/nginx-0', '8.8.8.8', '--source', '10.0.10.99'],
        2,
        /^verdict +dropped: port_security: nginx-0\.shalb-demo may send from .* only, not from .* 10\.0\.10\.99 /m,
      ],
      [
        'a workload that lies about its MAC',
        ['shalb-demo/nginx-0', '8.8.8.8', '--source-mac', '0a:58:0a:00:0a:99'],
        2,
        /^verdict +dropped: port_security: /m,
      ],
      [
        'a workload that is not there',
        ['shalb-demo/nope', '8.8.8.8'],
        1,
        /^verdict +unknown: there is no port nope\.shalb-demo in NB/m,
      ],
    ])('%s', async (_, args, code, text) => {
      const result = await trace(...args);
      expect(result).toMatchObject({ stderr: '', code });
      expect(result.stdout).toMatch(text);
    });

    test('-o json has packet, path and verdict; -v what ovn-trace printed', async () => {
      const args = ['shalb-demo/nginx-0', '8.8.8.8:80', '-o', 'json', '-v'];
      const { code, stdout } = await trace(...args);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        packet: { inport: 'nginx-0.shalb-demo', protocol: 'tcp', port: 80 },
        microflow: expect.stringMatching(/^inport == "nginx-0\.shalb-demo" && .* && tcp\.dst == 80$/),
        path: expect.arrayContaining([
          { what: 'route', text: '0.0.0.0/0 via 100.65.0.1', source: 'Project/shalb/demo' },
        ]),
        verdict: { kind: 'delivered' },
        raw: expect.stringMatching(/^ *\d+\. lr_out_snat/m),
      });
    });

    test('Southbound is left as it was', async () => {
      await trace('shalb-demo/nginx-0', '8.8.8.8');
      expect(await ovn().sbctl('--bare', '--columns=ip', 'list', 'MAC_Binding')).toBe('');
    });

    test('without the programs for a copy the verdict is open, and says what is awaited', async () => {
      const program = ovnProgram(version, 'ovn-trace');
      const folder = scratchFolder({ 'ovn-trace': `#!/bin/sh\nPATH=/usr/bin:/bin exec ${program} "$@"\n` });
      chmodSync(join(folder, 'ovn-trace'), 0o755);
      const args = ['trace', 'shalb-demo/nginx-0', '8.8.8.8', '--nb', ovn().nb, '--sb', ovn().sb];
      const { code, stdout } = await runProgram(args, { env: { PATH: folder } });
      expect(stdout).toMatch(/^verdict +unknown: OVN does not know the MAC of next hop 100\.65\.0\.1 on/m);
      expect(code).toBe(1);
    });

    test('without ovn-trace it says what to install', async () => {
      const args = ['trace', 'shalb-demo/nginx-0', '8.8.8.8', '--nb', ovn().nb, '--sb', ovn().sb];
      const { code, stderr } = await runProgram(args, { env: { PATH: scratchFolder() } });
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error: not installed: ovn-trace; .*apt-get install ovn-common/);
    });
  });

  describe.skipIf(!hasOvn(version))('two networks', () => {
    const { run } = world(version, 'test/golden/cases/second-network.yaml');
    const trace = (...args: string[]): Promise<ProgramResult> => run('trace', ...args);

    test.each<[string, string[], RegExp]>([
      [
        'target of a public FIP → internet: by the edge, as the FIP',
        ['shalb-demo/web', '8.8.8.8:80'],
        /^policy +reroute to 10\.0\.10\.254 .*\n(.*\n)*router +shalb-demo\.ext-public .*\n(.*\n)*floating IP +10\.0\.10\.2 → 168\.119\.17\.\d+ +FIp\/shalb-demo\/web\nnetwork +ext-public /m,
      ],
      [
        'outside → public FIP',
        ['168.119.17.50:80', '--from-outside', 'ext-public'],
        /^router +shalb-demo\.ext-public .*\nfloating IP .*\n(.*\n)*verdict +delivered: reaches web\.shalb-demo/m,
      ],
      [
        'outside → cloud VIP',
        ['Service/shalb-demo/cloud', '--from-outside', 'ext-cloud'],
        /^load balancer +100\.65\.0\.101:80 → 10\.0\.10\.2:80 +Service\/shalb-demo\/cloud$/m,
      ],
    ])('%s', async (_, args, text) => {
      const result = await trace(...args);
      expect(result).toMatchObject({ stderr: '', code: 0 });
      expect(result.stdout).toMatch(text);
    });

    test('show --capabilities', async () => {
      const text = await run('show', '--capabilities');
      expect(text).toMatchObject({ code: 0, stderr: '' });
      expect(text.stdout).toMatch(new RegExp(`^schema 7\\.\\d+\\.0, ovn-northd ${version}\\n`));
      expect(text.stdout.match(/^no /gm) ?? []).toHaveLength(version === '23.03' ? 8 : 0);
      const json = await run('show', '--capabilities', '-o', 'json');
      expect(JSON.parse(json.stdout)).toMatchObject({ northd: version, features: expect.any(Array) });
    });
  });

  describe.skipIf(!hasOvn(version))('an underlay', () => {
    const { run } = world(version, 'examples/underlay');

    test.each<[string, string[], number, RegExp]>([
      [
        'a workload → anybody else: it is a host on the VLAN',
        ['storage/ceph-gateway', '8.8.8.8:53', '--udp'],
        0,
        /^underlay +racks +Subnet\/racks\nverdict +delivered: leaves through racks \(VLAN 120 on ext-cloud\) as 192\.168\.120\.120$/m,
      ],
      [
        'a host on the VLAN → the workload',
        ['192.168.120.120:22', '--from-outside', 'racks'],
        0,
        /^verdict +delivered: reaches ceph-gateway\.storage, from /m,
      ],
      [
        'a workload that lies about its address',
        ['storage/ceph-gateway', '8.8.8.8', '--source', '192.168.120.77'],
        2,
        /^verdict +dropped: port_security: ceph-gateway\.storage may send from .* only, not from .* 192\.168\.120\.77 /m,
      ],
    ])('%s', async (_, args, code, text) => {
      const result = await run('trace', ...args);
      expect(result).toMatchObject({ stderr: '', code });
      expect(result.stdout).toMatch(text);
    });
  });

  describe.skipIf(!hasOvn(version))('both families', () => {
    const { run } = world(version, 'test/golden/cases/dual-stack.yaml');

    test.each<[string, string[], number, RegExp]>([
      [
        'target of a public FIP → internet by IPv6: by the edge, as the FIP',
        ['shalb-demo/web', '[2001:db8:203::1]:53', '--udp'],
        0,
        /^policy +reroute to fd00:10::ffff:ffff:ffff:ffff .*\n(.*\n)*floating IP +fd00:10::2 → 2001:db8:168::2 +FIp\/shalb-demo\/web\n(.*\n)*verdict +delivered: leaves through ext-public .* as 2001:db8:168::2$/m,
      ],
      [
        'outside → floating IP',
        ['2001:db8:168::2', '--from-outside', 'ext-public'],
        0,
        /^floating IP +2001:db8:168::2 → fd00:10::2 .*\n(.*\n)*verdict +delivered: reaches web\.shalb-demo/m,
      ],
      [
        'outside → VIP whose Service names no IPv6 source',
        ['[2001:db8:65::101]:80', '--from-outside', 'ext-cloud'],
        2,
        /^verdict +dropped: rule of Service\/shalb-demo\/cloud: drop /m,
      ],
      [
        'outside → private address, by way of the router of the project',
        ['[fd00:10::2]:80', '--from-outside', 'ext-cloud', '--via', '2001:db8:65::101'],
        2,
        /^verdict +dropped: rule of ExternalNetwork\/ext-cloud: drop /m,
      ],
      [
        'a workload that lies about its address',
        ['shalb-demo/web', '2001:db8:203::1', '--source', 'fd00:10::99'],
        2,
        /^verdict +dropped: port_security: web\.shalb-demo may send from .* fd00:10::2 only/m,
      ],
      [
        'pod of both families → pod of IPv6 alone: by the family that both have',
        ['shalb-demo/web', 'shalb-six/web'],
        2,
        /^verdict +dropped: fd00:10::2 is the address of web\.shalb-demo itself/m,
      ],
      [
        'pod of IPv6 alone → Service of another project, which is on no list of its own',
        ['shalb-six/web', 'Service/shalb-demo/cloud'],
        2,
        /^packet +tcp \[fd00:10::2\]:40000 → \[2001:db8:65::101\]:80, .*\n(.*\n)*verdict +dropped: rule of Project\/shalb\/six: drop: what others expose on ext-cloud/m,
      ],
    ])('%s', async (_, args, code, text) => {
      const result = await run('trace', ...args);
      expect(result).toMatchObject({ stderr: '', code });
      expect(result.stdout).toMatch(text);
    });
  });
});

describe('arguments', () => {
  test.each<[string[], RegExp]>([
    [['a/b'], /a target is missing/],
    [['a/b', 'nonsense'], /nonsense is no target/],
    [['nonsense', '8.8.8.8'], /nonsense is no workload: write NAMESPACE\/POD/],
    [['a/b', '8.8.8.8', '--from-outside', 'net'], /there is one argument/],
    [['a/b', '8.8.8.8', '--via', '10.0.0.1'], /--via goes with --from-outside only/],
    [['a/b', '8.8.8.8', '--source', 'x'], /must be an IP address/],
    [['a/b', '8.8.8.8', '--source-mac', 'x'], /must be a MAC/],
  ])('%j', async (args, message) => {
    const { code, stderr, stdout } = await runProgram(['trace', ...args, '--nb', 'unix:/nonexistent']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
  });
});
