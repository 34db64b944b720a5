// Defaults of the configuration, and what is said about a wrong one.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../../src/config/load-config.ts';
import { defaultConfig, parseConfig } from '../../../src/config/parse-config.ts';

describe('parseConfig', () => {
  test('nothing is the default', () => {
    expect(parseConfig(undefined, 'c')).toEqual({ ok: true, config: defaultConfig() });
    expect(defaultConfig()).toEqual({
      owner: 'default',
      projectRange: { cidr: '10.0.0.0/8', prefixLength: 24, exclude: ['10.100.0.0/16', '10.101.0.0/16'] },
      defaultEgressNetworkType: 'cloud',
      reservedRanges: [],
      sharedHost: false,
      managementVpc: 'ovn-cluster',
      isolation: {
        egress: { enabled: true, allowlist: [] },
        ingress: { enabled: false, allowlist: [] },
      },
      gatewayChassis: [],
      mtu: 1400,
      dhcp: { leaseSeconds: 3600 },
      dns: { domain: 'cluster.local', servers: [], responder: true },
      deletionBrake: { fraction: 0.5, minimum: 50 },
      routerLimitPerNetwork: 200,
    });
  });

  test('what is given is taken, beside it the defaults', () => {
    const raw = {
      projectRange: { prefixLength: 22 },
      defaultFIpNetworkType: 'public',
      gatewayChassis: ['c1'],
    };
    expect(parseConfig(raw, 'c')).toMatchObject({
      ok: true,
      config: {
        projectRange: { cidr: '10.0.0.0/8', prefixLength: 22 },
        defaultFIpNetworkType: 'public',
        gatewayChassis: ['c1'],
      },
    });
  });

  test.each([
    [[], '', 'no object'],
    [{ ownr: 'a' }, 'ownr', 'did you mean owner?'],
    [{ owner: 'a b' }, 'owner', 'cannot mark rows'],
    [{ projectRange: { cidr: '10.0.0.1/8' } }, 'projectRange.cidr', 'did you mean 10.0.0.0/8?'],
    [
      { projectRange: { cidr: '10.0.0.0/16', prefixLength: 12 } },
      'projectRange.prefixLength',
      'does not fit into 10.0.0.0/16',
    ],
    [{ projectRange: { prefixLength: 30 } }, 'projectRange.prefixLength', '30 is larger than 29'],
    [{ isolation: { egress: { allowlist: ['x'] } } }, 'isolation.egress.allowlist[0]', '"x" is neither'],
    [{ projectRange: { exclude: ['x'] } }, 'projectRange.exclude[0]', 'CIDR notation'],
    [{ reservedRanges: [{ cidr: '10.0.0.0/8' }] }, 'reservedRanges[0].name', 'is missing'],
    [{ reservedRanges: [{ name: 'nodes', cidr: '10.0.0.5' }] }, 'reservedRanges[0].cidr', 'CIDR notation'],
    [{ defaultEgressNetworkType: 'privat' }, 'defaultEgressNetworkType', 'cloud, public'],
    [{ defaultEIpNetworkType: 'Cloud!' }, 'defaultEIpNetworkType', 'not a type of network'],
    [{ managementVpc: 'A' }, 'managementVpc', 'not the name of a Vpc'],
    [{ gatewayChassis: 'c1' }, 'gatewayChassis', 'expected a list'],
    [{ mtu: 100 }, 'mtu', '100 is smaller than 576'],
    [{ dns: { domain: 'Cluster.local' } }, 'dns.domain', 'not a domain'],
    [{ dns: { servers: ['192.0.2.1', 'resolver'] } }, 'dns.servers[1]', 'not an IP address'],
    [{ dhcp: { leaseSeconds: 1 } }, 'dhcp.leaseSeconds', '1 is smaller than 60'],
    [{ deletionBrake: { fraction: 2 } }, 'deletionBrake.fraction', '2 is larger than 1'],
    [{ routerLimitPerNetwork: 0 }, 'routerLimitPerNetwork', 'smaller than 1'],
  ])('%j', (raw, path, part) => {
    const parsed = parseConfig(raw, 'config.yaml');
    const problems = parsed.ok ? [] : parsed.problems;
    expect(problems).toMatchObject([{ object: 'config.yaml', path }]);
    expect(`${problems[0]?.message} ${problems[0]?.hint}`).toContain(part);
  });
});

describe('loadConfig', () => {
  const write = (text: string): string => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'config.yaml'), text);
    return join(folder, 'config.yaml');
  };

  test.each([
    ['nothing', '', 'default'],
    ['only comments', '# owner: a\n', 'default'],
    ['a field', 'owner: a\n', 'a'],
  ])('%s', async (_name, text, owner) => {
    await expect(loadConfig(write(text))).resolves.toMatchObject({ owner });
  });

  test('without a file: the defaults', async () => {
    await expect(loadConfig()).resolves.toEqual(defaultConfig());
  });

  test.each([
    ['unparsable', 'owner: "a\n', 'Unparsable', /config\.yaml:2:1: Missing closing "quote/],
    ['several mistakes', 'owner: 5\nmtuu: 1\n', 'UnknownField', /mtuu.*\n.*owner.*put it in quotes/s],
  ])('%s', async (_name, text, code, message) => {
    await expect(loadConfig(write(text))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(message) as unknown,
      problems: expect.arrayContaining([expect.objectContaining({ code })]) as unknown,
    });
  });

  test('a file that is not there', async () => {
    await expect(loadConfig('/nonexistent.yaml')).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE' });
  });
});
