// An EIp that is removed while it is in use, with a real database as the only memory.
import { describe, expect, test } from 'vitest';
import { converge } from '../support/engine-world.ts';
import { startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn } from '../support/ovn-programs.ts';
import { eip, fip, networks, onEip, pod, project, service } from '../support/scenario.ts';

const base = networks + project + pod('nginx-0');
const users =
  service('web', onEip('shared'), 'selector: {app: nginx}, ports: [{port: 80}]') +
  fip('f', '{ipAddress: 10.0.10.2, eip: single}');
const eips = eip('shared', '{externalNetworkType: public}') + eip('single', '{externalNetworkType: public}');

const vpc = `
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Vpc
metadata: {name: v}
spec: {externalNetworks: [{name: ext-cloud}, {name: ext-public}]}
---`;

test.skipIf(!hasOvn('23.03'))('a second apply leaves what stands on a second network as it is', async () => {
  await using central = await startOvnCentral({ version: '23.03', northd: false });
  const options = { nb: central.nb };
  const made = [
    '',
    fip('own', '{ipAddress: 10.0.10.9, externalNetworkType: public}'),
    service(
      'pub',
      '{network.kube-dc.com/external-network-type: public}',
      'selector: {app: nginx}, ports: [{port: 80}]',
    ),
  ];
  for (const text of [...made, made.join('') + vpc]) {
    const first = await converge(base + eips + users + text, options);
    const second = await converge(base + eips + users + text, options);
    expect(second.summary).toEqual({ insert: 0, update: 0, delete: 0, transactions: 0 });
    expect(second.addresses).toEqual(first.addresses);
  }
});

describe.skipIf(!hasOvn('23.03'))('an EIp that is removed under its users', () => {
  test('keeps its rows as they are, and is released when they go', async () => {
    await using central = await startOvnCentral({ version: '23.03', northd: false });
    const options = { nb: central.nb };
    const before = await converge(base + eips + users, options);
    expect(before.addresses).toMatchObject({
      'EIp/shalb-demo/shared': '168.119.17.50',
      'EIp/shalb-demo/single': '168.119.17.51',
    });
    const without = await converge(base + users, options);
    expect(without.summary).toMatchObject({ insert: 0, update: 0, delete: 0 });
    expect(without.problems.map(({ code, object }) => `${code} ${object}`)).toEqual(
      expect.arrayContaining(['NotFound FIp/shalb-demo/f', 'NotFound Service/shalb-demo/web']),
    );
    expect(without.addresses).toEqual(before.addresses);
    // Others who come meanwhile get other addresses.
    const other = await converge(base + users + eip('late', '{externalNetworkType: public}'), options);
    expect(other.addresses).toMatchObject({
      ...before.addresses,
      'EIp/shalb-demo/late': '168.119.17.52',
    });
    const released = await converge(base, options);
    expect(Object.keys(released.addresses)).toEqual(['EIp/shalb-demo/default-gw']);
    expect(await central.nbctl('lr-list')).not.toContain('ext-public');
  });
});

describe.skipIf(!hasOvn('23.03'))('the router to a second network', () => {
  const first = eip('a', '{externalNetworkType: public}');
  const second = eip('b', '{externalNetworkType: public}');
  const user = service('web', onEip('a'), 'selector: {app: nginx}, ports: [{port: 80}]');

  test('keeps its address and MAC while its EIp is removed under its users, and when it comes back', async () => {
    await using central = await startOvnCentral({ version: '23.03', northd: false });
    const options = { nb: central.nb };
    const port = () =>
      central.nbctl(
        '--bare',
        '--columns=mac,networks',
        'list',
        'Logical_Router_Port',
        'shalb-demo.ext-public-ext-public',
      );
    await converge(base + first + second + user, options);
    const before = await port();
    expect(before).toContain('168.119.17.50');
    // Each of these is a daemon that has just been started.
    for (const text of [second, first + second, second]) {
      await converge(base + text + user, options);
      expect(await port()).toBe(before);
    }
    await converge(base + second, options);
    const after = await port();
    expect(after).toContain('168.119.17.51');
    const again = await converge(base + first + second + user, options);
    expect(again.addresses).toMatchObject({ 'EIp/shalb-demo/b': '168.119.17.51' });
    expect(await port()).toBe(after);
  });
});

describe.skipIf(!hasOvn('23.03'))('a Service and a FIp that are rejected', () => {
  const broken =
    service('web', onEip('shared'), 'selector: {app: nginx}, ports: [{port: 99999}]') +
    fip('f', '{ipAddress: nonsense, eip: single}');

  test('keep the EIps that their rows are on: others get neither these nor their ports', async () => {
    await using central = await startOvnCentral({ version: '23.03', northd: false });
    const options = { nb: central.nb };
    const before = await converge(base + eips + users, options);
    const others =
      service('next', onEip('shared'), 'selector: {app: nginx}, ports: [{port: 80}]') +
      fip('g', '{ipAddress: 10.0.10.9, eip: shared}') +
      fip('h', '{ipAddress: 10.0.10.8, eip: single}');
    const after = await converge(base + eips + broken + others, options);
    expect(after.summary).toMatchObject({ insert: 0, update: 0, delete: 0 });
    expect(after.addresses).toEqual(before.addresses);
    expect(after.problems.map(({ code, object }) => `${code} ${object}`).toSorted()).toEqual([
      'Conflict FIp/shalb-demo/g',
      'Conflict FIp/shalb-demo/h',
      'Conflict Service/shalb-demo/next',
      'Invalid FIp/shalb-demo/f',
      'Invalid Service/shalb-demo/web',
    ]);
  });

  test('keep EIps that are removed meanwhile: nobody else is given the addresses', async () => {
    await using central = await startOvnCentral({ version: '23.03', northd: false });
    const options = { nb: central.nb };
    const before = await converge(base + eips + users, options);
    const late = eip('late', '{externalNetworkType: public}');
    const after = await converge(base + broken, options);
    expect(after.summary).toMatchObject({ insert: 0, update: 0, delete: 0 });
    expect(after.addresses).toEqual(before.addresses);
    const other = await converge(base + broken + late, options);
    expect(other.addresses).toEqual({ ...before.addresses, 'EIp/shalb-demo/late': '168.119.17.52' });
    const released = await converge(base, options);
    expect(Object.keys(released.addresses)).toEqual(['EIp/shalb-demo/default-gw']);
  });
});
