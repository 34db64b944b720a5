// A kind that nobody can see: what may depend on it stays as it is in a real database, everything else goes on.
import { describe, expect, test } from 'vitest';
import type { MissingKinds } from '../../src/api/missing-kinds.ts';
import { converge, follow } from '../support/engine-world.ts';
import { changesBetween, spyOn } from '../support/northbound-spy.ts';
import { startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn } from '../support/ovn-programs.ts';
import { eip, fip, networks, onDefaultGateway, onEip, pod, project, service } from '../support/scenario.ts';

const slice = `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: bare-x, namespace: shalb-demo, labels: {kubernetes.io/service-name: bare}}
addressType: IPv4
endpoints: [{addresses: [10.0.10.77], conditions: {ready: true}}]
ports: [{name: http, port: 8080, protocol: TCP}]
---`;
const fips = fip('f', '{ipAddress: 10.0.10.2, eip: a}');
const others = [
  networks,
  project,
  pod('nginx-0'),
  eip('a', '{externalNetworkType: public}'),
  eip('b', '{externalNetworkType: public}'),
  service('web', onEip('b'), 'selector: {app: nginx}, ports: [{port: 80}]'),
  service('bare', onDefaultGateway, 'ports: [{name: http, port: 80, targetPort: 8080}]'),
].join('');
const another = `
apiVersion: ovn.kube-dc.com/v1alpha1
kind: ExternalNetwork
metadata: {name: ext-new}
spec: {type: cloud, cidr: 100.66.0.0/16, gateway: 100.66.0.1, vlan: 4014, physicalNetwork: phys}
---`;
const missingOf = (kind: 'FIp' | 'EndpointSlice' | 'Project'): MissingKinds => new Map([[kind, 'hidden']]);
const wait = { timeout: 10_000, interval: 5 };

describe.skipIf(!hasOvn('23.03'))('while a kind cannot be seen', () => {
  test.each([
    ['FIp', others + slice, fips],
    ['EndpointSlice', others + fips, slice],
  ] as const)(
    '%s: no row of a project changes, networks go on, and all does when it comes',
    async (...row) => {
      const [kind, seen, unseen] = row;
      await using central = await startOvnCentral({ version: '23.03', northd: false });
      await using spy = await spyOn(central.nb);
      const options = { nb: central.nb };
      await converge(seen + unseen, options);
      const before = await spy.snapshot();
      // A backend that is gone meanwhile, an address that is asked for, a new network.
      const now = seen.replace(pod('nginx-0'), '') + eip('late', '{externalNetworkType: public}') + another;
      await using running = await follow(now, { ...options, incomplete: true, missing: missingOf(kind) });
      await expect.poll(() => running.engine.isInStep, wait).toBe(true);
      expect(running.engine.report().blocked).toEqual(['vpc/shalb-demo']);
      const changes = changesBetween(before, await spy.snapshot()).filter((text) => !text.includes('epoch'));
      expect(changes.filter((text) => !text.includes('ext-new'))).toEqual([]);
      expect(changes.join()).toContain('"name":"localnet.ext-new"');

      running.set(now + unseen, false, new Map());
      await expect.poll(() => running.engine.report().addresses, wait).toHaveProperty('EIp/shalb-demo/late');
      await expect.poll(() => spy.rows().join(), wait).not.toContain('nginx-0');
      const fresh = await converge(now + unseen, options);
      expect(fresh.summary).toEqual({ insert: 0, update: 0, delete: 0, transactions: 0 });
    },
  );

  test('too much is not deleted at once when it can be seen again and there is none', async () => {
    await using central = await startOvnCentral({ version: '23.03', northd: false });
    const options = { nb: central.nb, config: { deletionBrake: { fraction: 0.5, minimum: 5 } } };
    await converge(networks + project, options);
    await using running = await follow(networks, {
      ...options,
      incomplete: true,
      missing: missingOf('Project'),
    });
    await expect.poll(() => running.engine.isInStep, wait).toBe(true);
    running.set(networks, false, new Map());
    await expect.poll(() => running.engine.report().massDelete?.names, wait).toContain('Project/shalb/demo');
    expect(await central.nbctl('lr-list')).toContain('shalb-demo');
  });
});
