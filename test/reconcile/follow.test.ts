// The loop that stays: drift is repaired, foreign rows are left alone, and conflicts resolve by themselves.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { InvariantError } from '../../src/base/errors.ts';
import { compileUnit } from '../../src/compiler/compile-unit.ts';
import { modelUnit } from '../../src/model/model-unit.ts';
import type { Operation, Row } from '../../src/ovsdb/index.ts';
import { converge, follow } from '../support/engine-world.ts';
import type { RunningEngine } from '../support/engine-world.ts';
import { changesBetween, spyOn } from '../support/northbound-spy.ts';
import type { NorthboundSpy } from '../support/northbound-spy.ts';
import { startOvnCentral } from '../support/ovn-central.ts';
import type { OvnCentral } from '../support/ovn-central.ts';
import { hasOvn, ovnVersions } from '../support/ovn-programs.ts';
import { eip, fip, networks, onDefaultGateway, pod, project, service } from '../support/scenario.ts';

const web = service(
  'web',
  onDefaultGateway,
  'selector: {app: nginx}, ports: [{port: 80, targetPort: web}, {port: 53, protocol: UDP}], loadBalancerSourceRanges: [192.0.2.0/24]',
);
const everything = [
  networks,
  project,
  pod('nginx-0', '{app: nginx, vm.kubevirt.io/name: vm}'),
  pod('nginx-1'),
  eip('ssh-arti'),
  fip('vm', '{vmTarget: {vmName: vm, interfaceName: eth0}, eip: ssh-arti}'),
  web,
].join('');

/** For what no change of the database announces. */
const eventually = (holds: () => boolean) =>
  vi.waitFor(() => expect(holds()).toBe(true), { timeout: 10_000, interval: 5 });
const where = (row: Row) => [['_uuid', '==', row._uuid]] as const;

describe.each(ovnVersions)('on OVN %s', (version) => {
  describe.skipIf(!hasOvn(version))('what it says of itself', () => {
    test('it is in step when nothing failed, and not before what failed is mended', async () => {
      await using central = await startOvnCentral({ version, northd: false });
      let isBroken = (_unit: string): boolean => true;
      const pipeline = {
        compileUnit,
        modelUnit: (...input: Parameters<typeof modelUnit>) => {
          if (isBroken(input[0])) throw new InvariantError('bug');
          return modelUnit(...input);
        },
      };
      const messages: string[] = [];
      const note = (_: object, message: string): void => void messages.push(message);
      const logger = { debug: () => {}, info: note, warn: note, error: note };
      await using running = await follow(everything, { nb: central.nb, pipeline, logger });
      await eventually(() => messages.some((message) => message.startsWith('not in step')));
      expect(messages).not.toContain('in step');
      expect(running.engine.isInStep).toBe(false);
      isBroken = (unit) => unit.startsWith('network/');
      running.set(`${everything}${eip('another')}`);
      await eventually(() => running.engine.counters.transactions > 0);
      expect(messages).not.toContain('in step');
      isBroken = () => false;
      running.set(everything.replace('physicalNetwork: phys,', 'physicalNetwork: phys, mtu: 1300,'));
      await eventually(() => messages.includes('in step'));
      expect(messages.filter((message) => message === 'in step')).toHaveLength(1);
      expect(running.engine.isInStep).toBe(true);
    });
  });

  describe.skipIf(!hasOvn(version))('drift', () => {
    let central: OvnCentral;
    let spy: NorthboundSpy;
    let running: RunningEngine;
    let wanted: readonly string[];
    beforeAll(async () => {
      central = await startOvnCentral({ version });
      spy = await spyOn(central.nb);
      running = await follow(everything, { nb: central.nb });
      await spy.until(() => spy.rows().some((row) => row.includes('dnat_and_snat')));
      await spy.until(() => spy.rows().some((row) => row.startsWith('Address_Set')));
      wanted = await spy.snapshot();
    });
    afterAll(async () => {
      await running[Symbol.asyncDispose]();
      await spy[Symbol.asyncDispose]();
      await central.stop();
    });

    const isRepaired = () => changesBetween(wanted, spy.rows()).length === 0;
    /** Breaks something and waits until it is whole again. */
    const expectRepair = async (...operations: readonly Operation[]): Promise<void> => {
      expect(isRepaired()).toBe(true);
      const before = running.engine.counters.transactions;
      await spy.transact(...operations);
      await spy.until(isRepaired, () => changesBetween(wanted, spy.rows()));
      await eventually(() => running.engine.counters.transactions > before);
    };
    const parentOf = (row: Row) => {
      const [parent] = spy.replica.referrers(row._uuid);
      if (parent === undefined) throw new Error('nothing refers to the row');
      return parent;
    };
    const detach = (row: Row): Operation => {
      const { table, uuid, column } = parentOf(row);
      return {
        op: 'mutate',
        table,
        where: [['_uuid', '==', uuid]],
        mutations: [[column, 'delete', [row._uuid]]],
      };
    };

    test.each(['Logical_Router', 'Logical_Switch', 'Load_Balancer', 'Address_Set'])(
      'every deleted %s is back',
      async (table) => {
        for (const row of spy.all(table)) await expectRepair({ op: 'delete', table, where: where(row) });
      },
    );

    test.each(['ACL', 'Logical_Router_Port', 'Logical_Router_Static_Route', 'Logical_Switch_Port', 'NAT'])(
      'every %s that is taken out of its parent is back',
      async (table) => {
        for (const row of spy.all(table)) await expectRepair(detach(row));
      },
    );

    test('a gateway chassis that is taken out of its group is back; who took over stays first', async () => {
      const first = spy.all('HA_Chassis').find((row) => row['priority'] === 100);
      const order = () =>
        spy
          .all('HA_Chassis')
          .toSorted((a, b) => Number(b['priority']) - Number(a['priority']))
          .map((row) => row['chassis_name']);
      const before = order();
      await spy.transact(detach(first!));
      await spy.until(() => order().length === before.length);
      expect(order()).toEqual(before.toReversed());
      wanted = await spy.snapshot();
    });

    test('all rows at once', async () => {
      const tables = ['Logical_Router', 'Logical_Switch', 'Load_Balancer', 'Address_Set'];
      await expectRepair(...tables.map((table) => ({ op: 'delete', table, where: [] }) as const));
    });

    test.each([
      ['Logical_Router', 'shalb-demo', { name: 'renamed' }],
      ['Logical_Router', 'shalb-demo', { enabled: false }],
      ['Logical_Router_Port', 'shalb-demo-ext-cloud', { networks: ['100.65.7.7/16'] }],
      ['Logical_Router_Port', 'shalb-demo-ext-cloud', { ha_chassis_group: undefined }],
      ['Logical_Switch_Port', 'nginx-0.shalb-demo', { addresses: ['unknown'], port_security: [] }],
      ['Logical_Switch_Port', 'localnet.ext-cloud', { tag: 7 }],
      ['Load_Balancer', 'shalb-demo-web-tcp', { vips: {} }],
      ['Load_Balancer', 'shalb-demo-web-tcp', { protocol: 'sctp' }],
    ])('a column of %s %s that is changed: %o', async (table, name, row) => {
      await expectRepair({ op: 'update', table, where: where(spy.named(table, name)), row });
    });

    test.each([
      ['Logical_Router', 'shalb-demo', 'options', 'mac_binding_age_threshold'],
      ['Logical_Switch_Port', 'ext-cloud-shalb-demo', 'options', 'router-port'],
      ['Load_Balancer', 'shalb-demo-web-tcp', 'options', 'reject'],
    ])('a key of %s %s %s that is changed, and one that is removed', async (table, name, column, key) => {
      const target = { table, where: where(spy.named(table, name)) };
      const remove = [column, 'delete', [key]] as const;
      await expectRepair({
        op: 'mutate',
        ...target,
        mutations: [remove, [column, 'insert', { [key]: 'x' }]],
      });
      await expectRepair({ op: 'mutate', ...target, mutations: [remove] });
    });

    test('a reference that is taken out', async () => {
      for (const table of ['Logical_Router', 'Logical_Switch']) {
        for (const row of spy.replica.rows(table).values()) {
          const references = row['load_balancer'] as readonly string[];
          if (references.length === 0) continue;
          const mutations = [['load_balancer', 'delete', references.slice(0, 1)]] as const;
          await expectRepair({ op: 'mutate', table, where: where(row), mutations });
        }
      }
    });

    test.each(['ovn-projector/owner', 'ovn-projector/unit', 'ovn-projector/source'])(
      'the mark %s that is taken off',
      async (key) => {
        for (const table of ['Logical_Router', 'NAT', 'Load_Balancer']) {
          for (const row of spy.all(table)) {
            const mutations = [['external_ids', 'delete', [key]]] as const;
            await expectRepair({ op: 'mutate', table, where: where(row), mutations });
          }
        }
      },
    );

    test('a mark that is changed to another unit', async () => {
      const row = spy.named('Logical_Switch_Port', 'nginx-1.shalb-demo');
      for (const unit of ['vpc/nobody', 'network/ext-cloud', 'nonsense']) {
        const mutations = [
          ['external_ids', 'delete', ['ovn-projector/unit']],
          ['external_ids', 'insert', { 'ovn-projector/unit': unit }],
        ] as const;
        await expectRepair({ op: 'mutate', table: 'Logical_Switch_Port', where: where(row), mutations });
      }
    });

    test('a child that is moved to another parent of ours', async () => {
      const row = spy.named('Logical_Switch_Port', 'nginx-1.shalb-demo');
      await expectRepair(detach(row), {
        op: 'mutate',
        table: 'Logical_Switch',
        where: where(spy.named('Logical_Switch', 'ext-public')),
        mutations: [['ports', 'insert', [row._uuid]]],
      });
    });

    test('a child that a foreign row takes', async () => {
      await spy.transact({ op: 'insert', table: 'Logical_Switch', row: { name: 'foreign' } });
      const foreign = spy.named('Logical_Switch', 'foreign');
      wanted = await spy.snapshot();
      const row = spy.named('Logical_Switch_Port', 'nginx-1.shalb-demo');
      await expectRepair(detach(row), {
        op: 'mutate',
        table: 'Logical_Switch',
        where: where(foreign),
        mutations: [['ports', 'insert', [row._uuid]]],
      });
      await spy.transact({ op: 'delete', table: 'Logical_Switch', where: where(foreign) });
      wanted = wanted.filter((text) => !text.includes('"foreign"'));
    });

    test('what others add to our rows stays', async () => {
      const router = spy.named('Logical_Router', 'shalb-demo');
      await spy.transact(
        {
          op: 'mutate',
          table: 'Logical_Router',
          where: where(router),
          mutations: [
            ['options', 'insert', { 'their-option': '1' }],
            ['external_ids', 'insert', { 'their-mark': '1' }],
          ],
        },
        {
          op: 'insert',
          table: 'Load_Balancer',
          uuid: '00000000-0000-4000-8000-000000000001',
          row: { name: 'theirs' },
        },
        {
          op: 'mutate',
          table: 'Logical_Router',
          where: where(router),
          mutations: [['load_balancer', 'insert', ['00000000-0000-4000-8000-000000000001']]],
        },
      );
      wanted = await spy.snapshot();
      await expectRepair({
        op: 'update',
        table: 'Logical_Router',
        where: where(router),
        row: { enabled: false },
      });
      expect(spy.named('Logical_Router', 'shalb-demo')).toMatchObject({
        options: { 'their-option': '1' },
        external_ids: { 'their-mark': '1' },
      });
    });

    test('the epoch row that is deleted, renamed or robbed of its epoch', async () => {
      const epoch = () => spy.all('Copp')[0]!;
      const withoutEpoch = (rows: readonly string[]) => rows.filter((row) => !row.startsWith('Copp'));
      const break_ = async (operation: Operation): Promise<void> => {
        const router = spy.named('Logical_Router', 'shalb-demo');
        await spy.transact(operation, {
          op: 'update',
          table: 'Logical_Router',
          where: where(router),
          row: { enabled: false },
        });
        await spy.until(
          () =>
            spy.all('Copp').length === 1 && withoutEpoch(spy.rows()).join() === withoutEpoch(wanted).join(),
        );
        expect(epoch()['name']).toBe('ovn-projector-default');
      };
      await break_({ op: 'delete', table: 'Copp', where: [] });
      await break_({ op: 'update', table: 'Copp', where: [], row: { name: 'renamed' } });
      await break_({ op: 'update', table: 'Copp', where: [], row: { external_ids: {} } });
    });

    test('after all that nothing is left to do, and nothing ever failed', async () => {
      await eventually(() => running.engine.report().changeSets.length === 0);
      expect(running.engine.report()).toMatchObject({ failures: [], heldDeletes: [], problems: [] });
      expect(running.engine.counters.failures).toBe(0);
    });
  });
});

describe.skipIf(!hasOvn('23.03'))('following', () => {
  test('a foreign row that has our name is a conflict, which resolves when the row goes', async () => {
    await using central = await startOvnCentral({ version: '23.03', northd: false });
    await using spy = await spyOn(central.nb);
    await central.nbctl('ls-add', 'theirs', '--', 'lsp-add', 'theirs', 'nginx-0.shalb-demo');
    await central.nbctl('lr-add', 'shalb-two');
    const foreign = await spy.snapshot();
    const two = project.replace('name: demo', 'name: two').replace('10.0.10', '10.0.20');
    await using running = await follow([networks, project, two, pod('nginx-0'), pod('nginx-1')].join(''), {
      nb: central.nb,
    });
    await eventually(() => running.engine.report().problems.length >= 2);
    await spy.snapshot();
    const port = spy.named('Logical_Switch_Port', 'nginx-0.shalb-demo');
    expect(running.engine.report().problems).toMatchObject([
      { code: 'Conflict', object: 'Pod/shalb-demo/nginx-0' },
      { code: 'Conflict', object: 'Project/shalb/two' },
    ]);
    expect(running.engine.report().problems[0]?.message).toContain(`Logical_Switch_Port with name`);
    expect(running.engine.report().problems[0]?.message).toContain(port._uuid);
    await spy.until(() => spy.rows().some((row) => row.includes('nginx-1.shalb-demo')));
    expect(changesBetween(foreign, await spy.snapshot()).filter((row) => row.startsWith('-'))).toEqual([]);

    await central.nbctl('lsp-del', 'nginx-0.shalb-demo', '--', 'lr-del', 'shalb-two');
    await eventually(() => running.engine.report().problems.length === 0);
    await spy.until(() => spy.rows().some((row) => row.includes('shalb-two-ext-cloud')));
    expect(spy.named('Logical_Switch_Port', 'nginx-0.shalb-demo')['addresses']).not.toEqual([]);
  });

  test('objects come, change and go', async () => {
    await using central = await startOvnCentral({ version: '23.03', northd: false });
    await using spy = await spyOn(central.nb);
    const empty = await spy.snapshot();
    await using running = await follow('', { nb: central.nb });
    running.set(project);
    await eventually(() => running.engine.report().problems.length > 0);
    running.set([networks, project].join(''));
    await spy.until(() => spy.rows().some((row) => row.includes('shalb-demo-ext-cloud')));
    const base = await spy.snapshot();
    running.set(everything);
    await spy.until(() => spy.rows().some((row) => row.includes('dnat_and_snat')));
    running.set(everything.replace('port: 80', 'port: 8080'));
    await spy.until(() => spy.rows().some((row) => row.includes('100.65.0.101:8080')));
    running.set([networks, project].join(''));
    await spy.until(() => changesBetween(base, spy.rows()).length === 0);
    running.set('');
    await spy.until(() => changesBetween(empty, spy.rows()).length === 0);
    running.set(networks);
    await spy.until(() => spy.all('Logical_Switch').length === 2);
    await running.stop();
    expect(running.engine.counters.failures).toBe(0);
  });

  test('a released address rests, then goes to the next one', async () => {
    await using central = await startOvnCentral({ version: '23.03', northd: false });
    const small = networks.replace(
      '[100.65.0.2..100.65.0.100]',
      '[100.65.0.2..100.65.0.100, 100.65.0.104..100.65.255.254]',
    );
    const base = [small, project].join('');
    await using running = await follow(base + eip('a') + eip('b'), { nb: central.nb });
    const addresses = () => running.engine.report().addresses;
    await eventually(() => Object.keys(addresses()).length === 3);
    expect(addresses()['EIp/shalb-demo/a']).toBe('100.65.0.102');
    running.set(base + eip('a') + eip('b') + eip('c'));
    await eventually(() => running.engine.report().problems.some(({ code }) => code === 'Exhausted'));
    running.set(base + eip('b') + eip('c'));
    await eventually(() => addresses()['EIp/shalb-demo/c'] === '100.65.0.102');
    expect(running.engine.report().problems).toEqual([]);
    expect(addresses()['EIp/shalb-demo/b']).toBe('100.65.0.103');
  });

  test('an external network that is moved to other addresses moves nobody who still fits', async () => {
    await using central = await startOvnCentral({ version: '23.03', northd: false });
    await using running = await follow([networks, project, eip('a')].join(''), { nb: central.nb });
    await eventually(() => Object.keys(running.engine.report().addresses).length === 2);
    const before = running.engine.report().addresses;
    running.set([networks.replace('100.65.0.100]', '100.65.0.99]'), project, eip('a'), eip('b')].join(''));
    await eventually(() => Object.keys(running.engine.report().addresses).length === 3);
    expect(running.engine.report().addresses).toEqual({ ...before, 'EIp/shalb-demo/b': '100.65.0.100' });
  });

  test('many objects gone at once are held; one by one they may go', async () => {
    await using central = await startOvnCentral({ version: '23.03', northd: false });
    await using spy = await spyOn(central.nb);
    const names = Array.from({ length: 60 }, (_, index) => `nginx-${index}`);
    const all = [networks, project, ...names.map((name) => pod(name))].join('');
    await using running = await follow(all, { nb: central.nb });
    const ports = () => spy.all('Logical_Switch_Port').length;
    await spy.until(() => ports() === 64);
    // Our own replica may still be behind, and rows that it does not have cannot be held.
    await eventually(() => running.engine.isInStep);
    running.set([networks, project, eip('a')].join(''));
    await eventually(() => running.engine.report().massDelete?.deletes === 60);
    await spy.until(() => spy.rows().some((row) => row.includes('eip:EIp/shalb-demo/a')));
    expect(ports()).toBe(64);
    running.set(all);
    await eventually(() => running.engine.report().massDelete === undefined);
    running.removeOneByOne(...names.map((name) => `Pod/shalb-demo/${name}`));
    await spy.until(() => ports() === 4);
  });

  test('what is gone when it starts is held as well, and everything else goes on', async () => {
    await using central = await startOvnCentral({ version: '23.03', northd: false });
    await using spy = await spyOn(central.nb);
    const pods = Array.from({ length: 60 }, (_, index) => pod(`nginx-${index}`));
    await converge([networks, project, ...pods].join(''), { nb: central.nb });
    await using running = await follow([networks, project, eip('a')].join(''), { nb: central.nb });
    await spy.until(() => spy.rows().some((row) => row.includes('eip:EIp/shalb-demo/a')));
    expect(spy.all('Logical_Switch_Port').length).toBe(64);
    expect(running.engine.report().massDelete).toMatchObject({ deletes: 60 });
    expect(running.engine.report().heldDeletes).toHaveLength(60);
  });

  test('unreadable input holds deletes until it can be read', async () => {
    await using central = await startOvnCentral({ version: '23.03', northd: false });
    await using spy = await spyOn(central.nb);
    const base = [networks, project].join('');
    await using running = await follow(base + pod('nginx-0') + pod('nginx-1'), { nb: central.nb });
    await spy.until(() => spy.all('Logical_Switch_Port').length === 6);
    running.set(base + pod('nginx-0'), true);
    running.removeOneByOne('Pod/shalb-demo/nginx-1');
    await eventually(() => running.engine.report().heldDeletes.length > 0);
    expect(spy.all('Logical_Switch_Port').length).toBe(6);
    running.engine.sink.incomplete(false);
    await spy.until(() => spy.all('Logical_Switch_Port').length === 5);
  });
});
