// Isolation of projects as rows: what is forbidden, what is not, and what a change of addresses changes.
import { describe, expect, test } from 'vitest';
import type { WorldOptions } from '../../support/model-world.ts';
import { worldOf } from '../../support/model-world.ts';
import { defaultConfig } from '../../../src/config/parse-config.ts';

const network = (name: string, cidr: string, gateway: string, excludeIps: readonly string[] = []): string => `
---
apiVersion: ovn.kube-dc.com/v1alpha1
kind: ExternalNetwork
metadata: { name: ${name} }
spec: { type: ${name}, cidr: "${cidr}", gateway: "${gateway}", vlan: ${name.length}, physicalNetwork: ext, excludeIps: [${excludeIps.join(', ')}] }
`;
const project = (annotations: Readonly<Record<string, string>> = {}): string => `
---
apiVersion: kube-dc.com/v1
kind: Project
metadata: { namespace: acme, name: one, annotations: ${JSON.stringify(annotations)} }
spec: { cidrBlock: 10.0.10.0/24, egressNetworkType: cloud }
`;
const management = `
---
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Vpc
metadata: { name: ovn-cluster }
spec: { externalNetworks: [{ name: cloud }] }
`;
const eip = `
---
apiVersion: kube-dc.com/v1
kind: EIp
metadata: { namespace: acme-one, name: more }
`;
const cloud = network('cloud', '192.0.2.0/28', '192.0.2.1', ['192.0.2.8..192.0.2.15']);
const isolation = (ingress: boolean, egress = true, allowlist: readonly string[] = []) => ({
  isolation: { egress: { enabled: egress, allowlist }, ingress: { enabled: ingress, allowlist } },
});

const plain = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? `${value}` : '?';

/** Rules on the project's switch and address sets, the latter by what they are for. */
function rowsOf(text: string, options: WorldOptions = {}) {
  const { rows, problems } = worldOf(text, options);
  const sets = rows.filter(({ table }) => table === 'Address_Set');
  const names = new Map(sets.map(({ id, columns }) => [columns['name'], id]));
  const acls = rows.filter(({ table, id }) => table === 'ACL' && id.startsWith('acme-one-default/isolation'));
  return {
    problems,
    rules: acls.map(({ columns: { direction, action, match, priority } }) => {
      const readable = plain(match).replaceAll(/\$(\w+)/g, (_, name: string) => `$${names.get(name) ?? '?'}`);
      return `${plain(direction)} ${plain(priority)} ${plain(action)}: ${readable}`;
    }),
    set: (id: string) => sets.find((row) => row.id === id)?.columns['addresses'],
    ids: sets.map(({ id }) => id),
  };
}

describe('isolation', () => {
  test('a project reaches its own, not what else the networks give to projects', () => {
    const { rules, set } = rowsOf(cloud + network('public', '198.51.100.0/29', '198.51.100.1') + project());
    expect(rules).toEqual([
      'from-lport 28000 drop: ip4.dst == $pool/cloud/ip4',
      'from-lport 28001 allow-related: ip4.dst == $eips/acme-one',
      'from-lport 28000 drop: ip4.dst == $pool/public/ip4',
      'from-lport 28001 allow-stateless: inport == "acme-one-default-acme-one"',
      'from-lport 0 allow-related: ip',
    ]);
    expect(set('pool/cloud/ip4')).toEqual(['192.0.2.2/31', '192.0.2.4/30']);
    expect(set('pool/public/ip4')).toEqual(['198.51.100.2/31', '198.51.100.4/31', '198.51.100.6/32']);
  });

  test('an EIp more is one more address in a set', () => {
    const [before, after] = [rowsOf(cloud + project()), rowsOf(cloud + project() + eip)];
    expect(after.rules).toEqual(before.rules);
    expect(after.set('pool/cloud/ip4')).toEqual(before.set('pool/cloud/ip4'));
    expect([before.set('eips/acme-one'), after.set('eips/acme-one')]).toEqual([
      ['192.0.2.2'],
      ['192.0.2.2', '192.0.2.3'],
    ]);
  });

  test('what is allowed is in one set: for all, for the project, and its resolvers', () => {
    const { rules, set } = rowsOf(
      cloud + project({ 'network.kube-dc.com/egress-allowlist': '192.0.2.6, 198.51.100.0/24' }),
      {
        config: {
          ...isolation(false, true, ['192.0.2.4..192.0.2.5']),
          dns: { ...defaultConfig().dns, servers: ['192.0.2.7'] },
        },
      },
    );
    expect(rules).toContain('from-lport 28001 allow-related: ip4.dst == $isolation/acme-one/allowed/ip4');
    expect(set('isolation/acme-one/allowed/ip4')).toEqual(['192.0.2.4/30', '198.51.100.0/24']);
  });

  test('in comes who is no neighbour, the gateway, the management VPC, the project itself and who is allowed', () => {
    const { rules, set } = rowsOf(
      management + cloud + project({ 'network.kube-dc.com/ingress-allowlist': '192.0.2.8/29' }),
      {
        config: isolation(true, false),
      },
    );
    expect(rules).toEqual([
      'to-lport 28000 drop: ip4.src == $isolation/acme-one/callers/ip4',
      'from-lport 28001 allow-stateless: inport == "acme-one-default-acme-one"',
      'from-lport 0 allow-related: ip',
    ]);
    // .1 is the gateway, .2 the management VPC's, .3 the project's.
    expect(set('isolation/acme-one/callers/ip4')).toEqual(['192.0.2.0/32', '192.0.2.4/30']);
  });

  test('a project can close its own door', () => {
    const { rules } = rowsOf(cloud + project({ 'network.kube-dc.com/ingress-isolation': 'true' }));
    expect(rules.filter((rule) => rule.startsWith('to-lport'))).toHaveLength(1);
  });

  test('switched off, every rule is gone; a Vpc has none', () => {
    expect(rowsOf(management + cloud + project(), { config: isolation(false, false) })).toMatchObject({
      rules: [],
      ids: ['pool/cloud/ip4', 'eips/acme-one', 'eips/ovn-cluster'],
    });
    expect(worldOf(management + cloud).rows.filter(({ id }) => id.includes('isolation'))).toEqual([]);
  });

  test('families that the project lacks are not spoken of', () => {
    const both = network('cloud', '192.0.2.0/28,2001:db8::/64', '192.0.2.1,2001:db8::1');
    expect(
      rowsOf(both + project(), { config: isolation(true) }).rules.filter((rule) => rule.includes('ip6')),
    ).toEqual([]);
    const dual = project().replace('10.0.10.0/24', '"10.0.10.0/24,fd00:10::/64"');
    expect(
      rowsOf(both + dual, { config: isolation(true) }).rules.filter((rule) => rule.includes('ip6')),
    ).toEqual([
      'to-lport 28000 drop: ip6.src == $isolation/acme-one/callers/ip6',
      'from-lport 28000 drop: ip6.dst == $pool/cloud/ip6',
      'from-lport 28001 allow-related: ip6.dst == $eips6/acme-one',
    ]);
  });

  test.each([
    ['egress-allowlist', '192.0.2.1/24', 'neither an address nor a range'],
    ['ingress-allowlist', '192.0.2.1,,tcp', '"tcp" is neither'],
    ['ingress-isolation', 'yes', '"yes" is neither "true" nor "false"'],
  ])('%s: %s is refused', (name, value, message) => {
    const { problems } = rowsOf(cloud + project({ [`network.kube-dc.com/${name}`]: value }));
    expect(problems).toMatchObject([
      {
        code: 'Invalid',
        object: 'Project/acme/one',
        path: `metadata.annotations[network.kube-dc.com/${name}]`,
        message: expect.stringContaining(message),
      },
    ]);
  });
});
