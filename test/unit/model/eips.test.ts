// EIPs: who uses each of them, which are made and released by themselves, and what happens when one goes under its user.
import { describe, expect, test } from 'vitest';
import { formatAddress } from '../../../src/net/address.ts';
import { formatAddressList } from '../../../src/net/family-list.ts';
import { worldOf } from '../../support/model-world.ts';
import type { WorldOptions } from '../../support/model-world.ts';
import { eip, fip, networks, onDefaultGateway, onEip, project, service } from '../../support/scenario.ts';

const base = networks + project;
const ports = 'ports: [{port: 80}]';
const key = (name: string): string => `EIp/shalb-demo/${name}`;

/** `name ownership owners`, with a `*` for one that goes when nobody uses it. */
function outcomes(text: string, options: WorldOptions = {}): string[] {
  return (worldOf(base + text, options).results.get('vpc/shalb-demo')?.eips ?? []).map((outcome) => {
    const owners = outcome.owners.map(({ type, ownerRef }) => `${type}/${ownerRef}`).join(',');
    const name = outcome.key.slice(key('').length) + (outcome.deleteReleased ? '*' : '');
    return `${name} ${outcome.ownershipType} ${owners}`.trim();
  });
}

describe('an EIP', () => {
  test('that the project leaves by is shared by its SNAT', () => {
    expect(outcomes('')).toEqual(['default-gw Shared Snat/shalb-demo']);
    expect(outcomes(service('web', onDefaultGateway, ports))).toEqual([
      'default-gw Shared ServiceLb/web,Snat/shalb-demo',
    ]);
  });

  test('is released until somebody uses it, shared by Services, and exclusively a FIp’s', () => {
    const text =
      eip('idle') +
      eip('lb') +
      eip('one') +
      service('a', onEip('lb'), ports) +
      service('b', onEip('lb'), 'ports: [{port: 81}]') +
      fip('f', '{ipAddress: 10.0.10.9, eip: one}');
    expect(outcomes(text)).toEqual([
      'default-gw Shared Snat/shalb-demo',
      'idle Released',
      'lb Shared ServiceLb/a,ServiceLb/b',
      'one Exclusive FIp/f',
    ]);
  });

  test('is not owned by who was refused it', () => {
    const text =
      eip('one') + fip('f', '{ipAddress: 10.0.10.9, eip: one}') + service('z', onEip('one'), ports);
    expect(outcomes(text)).toContain('one Exclusive FIp/f');
  });

  test('that nobody wrote goes with who it was made for', () => {
    const text = service('web', '{}', ports) + fip('f', '{ipAddress: 10.0.10.9}');
    expect(outcomes(text)).toEqual([
      'default-gw Shared Snat/shalb-demo',
      'fip-f* Exclusive FIp/f',
      'slb-web* Shared ServiceLb/web',
    ]);
    expect(outcomes('', { recorded: { [key('slb-web')]: '100.65.0.105' } })).toHaveLength(1);
  });

  test('that was made for one Service can be named by an older one', () => {
    const text = service('a', onEip('slb-b'), ports) + service('b', '{}', 'ports: [{port: 81}]');
    expect(outcomes(text)).toContain('slb-b* Shared ServiceLb/a,ServiceLb/b');
  });

  test('says its network, its address and its name in OVN', () => {
    const world = worldOf(base + eip('p', '{externalNetworkType: public}'));
    expect(
      world.results
        .get('vpc/shalb-demo')
        ?.eips.map(({ network, ipAddresses, ovnEIpRef }) => [
          network,
          formatAddressList(ipAddresses),
          ovnEIpRef,
        ]),
    ).toEqual([
      ['ExternalNetwork/ext-cloud', '100.65.0.101', 'shalb-demo-ext-cloud'],
      ['ExternalNetwork/ext-public', '168.119.17.50', 'shalb-demo-p'],
    ]);
  });

  test('that cannot be had is released, and has no address', () => {
    const world = worldOf(base + eip('x', '{externalNetworkType: nowhere}'));
    expect(world.results.get('vpc/shalb-demo')?.eips).toContainEqual(
      expect.objectContaining({ key: key('x'), ipAddresses: [], ownershipType: 'Released' }),
    );
  });
});

describe('an EIp that is removed', () => {
  const recorded = { [key('p')]: '168.119.17.55' };

  test('stays while a Service names it, with everything that it is for', () => {
    const world = worldOf(base + service('web', onEip('p'), ports), { recorded });
    expect(world.problems).toMatchObject([
      {
        code: 'NotFound',
        object: 'Service/shalb-demo/web',
        path: expect.stringContaining('bind-on-eip') as string,
      },
    ]);
    expect(world.problems[0]?.message).toBe(
      'EIp p was removed while it is in use here: 168.119.17.55 stays until that ends',
    );
    const vpc = world.vpc('shalb-demo');
    expect(vpc.ledger).toContainEqual({ holder: key('p'), kind: 'eip', value: '168.119.17.55' });
    expect(vpc.edges[0]?.loadBalancers.map(({ source }) => source)).toEqual(['Service/shalb-demo/web']);
    expect(outcomes(service('web', onEip('p'), ports), { recorded })).toContain('p* Shared ServiceLb/web');
  });

  test('stays a FIp’s alone', () => {
    const text = fip('f', '{ipAddress: 10.0.10.9, eip: p}');
    const world = worldOf(base + text, { recorded });
    const [edge] = world.vpc('shalb-demo').edges;
    expect(edge?.floatingIps.map(({ external }) => formatAddress(external))).toEqual(['168.119.17.55']);
    expect(edge?.gateway.ranges.map(({ address }) => formatAddress(address)).join()).toBe('168.119.17.50');
    expect(outcomes(text, { recorded })).toContain('p* Exclusive FIp/f');
  });

  test('is released when nobody names it', () => {
    const world = worldOf(base, { recorded });
    expect(world.problems).toEqual([]);
    expect(world.vpc('shalb-demo').ledger.map(({ holder }) => holder)).toEqual([key('default-gw')]);
  });

  test('was never there when nothing is recorded of it', () => {
    const world = worldOf(base + service('web', onEip('p'), ports));
    expect(world.problems).toMatchObject([{ code: 'NotFound', message: 'there is no EIp p' }]);
    expect(world.vpc('shalb-demo').loadBalancers).toEqual([]);
  });

  test('that had adopted the router’s own address leaves it there', () => {
    const text = service('web', onEip('mine'), ports);
    const world = worldOf(base + text, { recorded: { [key('mine')]: '100.65.0.101' } });
    expect(world.problems).toHaveLength(1);
    expect(world.vpc('shalb-demo').loadBalancers).toHaveLength(1);
  });
});

describe('a rejected object', () => {
  const rejected = [
    eip('lb'),
    eip('one'),
    service('web', onEip('lb'), 'ports: [{port: 99999}]'),
    fip('f', '{ipAddress: nonsense, eip: one}'),
  ].join('');
  const recorded = { [key('lb')]: '100.65.0.105', [key('one')]: '168.119.17.55' };
  const uses = () => [
    { source: 'Service/shalb-demo/web', address: '100.65.0.105', protocol: 'tcp', port: 80 },
    { source: 'Service/shalb-demo/web', address: '10.101.0.1', protocol: 'tcp', port: 80 },
    { source: 'FIp/shalb-demo/f', address: '100.65.0.106' },
  ];
  const options = {
    recorded: { ...recorded, [key('one')]: '100.65.0.106' },
    observations: { uses },
  };

  test('owns the written EIp that its rows are on, although nobody can read which it names', () => {
    expect(outcomes(rejected)).toContain('lb Released');
    expect(outcomes(rejected, options)).toEqual([
      'default-gw Shared Snat/shalb-demo',
      'lb Shared ServiceLb/web',
      'one Exclusive FIp/f',
    ]);
  });

  test('keeps one that is removed meanwhile', () => {
    const held = () => [
      {
        source: 'Service/shalb-demo/web',
        address: '100.65.0.105',
        protocol: 'tcp',
        port: 80,
        holder: key('lb'),
      },
      { source: 'FIp/shalb-demo/f', address: '100.65.0.106', holder: key('one') },
    ];
    const alone = rejected.replace(eip('lb'), '').replace(eip('one'), '');
    const kept = { ...options, observations: { uses: held } };
    expect(outcomes(alone, kept)).toEqual([
      'default-gw Shared Snat/shalb-demo',
      'lb* Shared ServiceLb/web',
      'one* Exclusive FIp/f',
    ]);
    const another = service('next', onEip('lb'), 'ports: [{port: 81}]');
    expect(worldOf(base + alone + another, kept).problems).toContainEqual(
      expect.objectContaining({ code: 'NotFound', object: 'Service/shalb-demo/next' }),
    );
  });

  test('shares it, or not, as before', () => {
    const others =
      service('next', onEip('lb'), 'ports: [{port: 80}, {port: 81, name: b}]') +
      service('late', onEip('one'), ports) +
      fip('g', '{ipAddress: 10.0.10.9, eip: lb}') +
      fip('h', '{ipAddress: 10.0.10.8, eip: one}');
    const world = worldOf(base + rejected + others, options);
    expect(outcomes(rejected + others, options)).toContain('lb Shared ServiceLb/next,ServiceLb/web');
    expect(outcomes(rejected + others, options)).toContain('one Exclusive FIp/f');
    const conflicts = world.problems.filter(({ code }) => code === 'Conflict');
    expect(conflicts.map(({ object, message }) => `${object}: ${message}`)).toEqual([
      'FIp/shalb-demo/g: EIp/shalb-demo/lb is shared, it is in use by Service/shalb-demo/web',
      'FIp/shalb-demo/h: EIp one is held exclusively by FIp/shalb-demo/f, which is rejected and keeps it',
      'Service/shalb-demo/late: EIp one is held exclusively by FIp/shalb-demo/f, which is rejected and keeps it',
      'Service/shalb-demo/next: tcp port 80 of EIp/shalb-demo/lb (100.65.0.105) is already Service/shalb-demo/web',
    ]);
    const [balancer] = world.vpc('shalb-demo').loadBalancers;
    expect(balancer?.vips.map(({ port }) => port)).toEqual([81]);
    expect(world.vpc('shalb-demo').floatingIps).toEqual([]);
  });

  test('keeps the ports of its ClusterIP', () => {
    const inside = service('next', '{}', 'ports: [{port: 80}, {port: 81, name: b}]')
      .replace('LoadBalancer', 'ClusterIP')
      .replace('ports:', 'clusterIP: 10.101.0.1, ports:');
    const world = worldOf(base + rejected + inside, options);
    expect(world.vpc('shalb-demo').clusterIps?.flatMap(({ vips }) => vips.map(({ port }) => port))).toEqual([
      81,
    ]);
  });

  test('still owns what it had made', () => {
    const recorded = { [key('slb-web')]: '100.65.0.105', [key('fip-f')]: '168.119.17.55' };
    const text = service('web', '{}', 'ports: [{port: 99999}]') + fip('f', '{ipAddress: nonsense}');
    expect(outcomes(text, { recorded })).toEqual([
      'default-gw Shared Snat/shalb-demo',
      'fip-f* Exclusive FIp/f',
      'slb-web* Shared ServiceLb/web',
    ]);
    const [edge] = worldOf(base + text, { recorded }).vpc('shalb-demo').edges;
    expect(edge?.gateway.ranges.map(({ address }) => formatAddress(address)).join()).not.toBe(
      '168.119.17.55',
    );
  });
});

describe('an EIP that was made', () => {
  const annotated = (type: string) => `{network.kube-dc.com/external-network-type: ${type}}`;
  const recorded = { [key('slb-web')]: '168.119.17.55', [key('fip-f')]: '168.119.17.56' };

  test('stays where it is when another type is asked for, and says so', () => {
    const world = worldOf(base + service('web', annotated('cloud'), ports), { recorded });
    expect(world.problems).toMatchObject([
      {
        code: 'Immutable',
        object: 'Service/shalb-demo/web',
        path: 'metadata.annotations[network.kube-dc.com/external-network-type]',
        message:
          'EIp slb-web is on a network of type public, and cannot be changed to cloud while it is held',
      },
    ]);
    const [edge] = world.vpc('shalb-demo').edges;
    expect(edge?.loadBalancers[0]?.vips.map(({ address }) => formatAddress(address))).toEqual([
      '168.119.17.55',
    ]);
    const fips = worldOf(base + fip('f', '{ipAddress: 10.0.10.9, externalNetworkType: cloud}'), { recorded });
    expect(fips.problems).toMatchObject([{ code: 'Immutable', path: 'spec.externalNetworkType' }]);
  });

  test('is not moved by another default', () => {
    const config = { defaultServiceNetworkType: 'cloud' };
    const world = worldOf(base + service('web', '{}', ports), { recorded, config });
    expect(world.problems).toEqual([]);
    expect(world.vpc('shalb-demo').edges).toHaveLength(1);
  });

  test('goes with its Service whether or not an object of ours is written for it; one of a person stays', () => {
    const ours = eip('slb-web').replace(
      'namespace: shalb-demo',
      'namespace: shalb-demo, labels: {kube-dc.com/managed-by: ovn-projector}',
    );
    const web = service('web', '{}', ports);
    expect(outcomes(ours + web)[1]).toBe('slb-web* Shared ServiceLb/web');
    expect(outcomes(web)[1]).toBe('slb-web* Shared ServiceLb/web');
    expect(outcomes(eip('slb-web') + web)[1]).toBe('slb-web Shared ServiceLb/web');
  });
});
