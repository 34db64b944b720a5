// The loop when the world is in the way: servers that go and come back, other writers, databases that are not fit.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Row } from '../../src/ovsdb/index.ts';
import type { ChangeSet } from '../../src/plan/change-set.ts';
import { openTarget } from '../../src/target/open-target.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { converge, follow, openEngine } from '../support/engine-world.ts';
import { decodeYaml } from '../support/model-world.ts';
import { changesBetween, spyOn } from '../support/northbound-spy.ts';
import { startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn, schemaFileOf } from '../support/ovn-programs.ts';
import { startOvsdbServer } from '../support/ovsdb-server.ts';
import { eip, fip, instance, launcher, networks, pod, project } from '../support/scenario.ts';

const version = '23.03';
const eventually = (holds: () => boolean) =>
  vi.waitFor(() => expect(holds()).toBe(true), { timeout: 20_000, interval: 5 });
const projects = (count: number): string =>
  networks +
  Array.from({ length: count }, (_, index) =>
    project.replace('name: demo', `name: p${index}`).replace('10.0.10', `10.1.${index}`),
  ).join('');

describe.skipIf(!hasOvn(version))('faults', () => {
  test('NB is restarted in the middle of a pass: everything is written, once', async () => {
    await using central = await startOvnCentral({ version, northd: false });
    await using reference = await startOvnCentral({ version, northd: false });
    const yaml = projects(150);
    const { engine, target } = await openEngine({ nb: central.nb });
    feedAll(engine.sink, yaml);
    let restarted: Promise<void> | undefined;
    const report = await engine.converge({
      onProgress: (done) => {
        if (done >= 20) restarted ??= central.restartNb();
      },
    });
    expect(restarted).toBeDefined();
    await restarted;
    await target.close();
    expect(report).toMatchObject({ changeSets: [], failures: [], problems: [] });
    await converge(yaml, { nb: reference.nb });
    await using spy = await spyOn(central.nb);
    await using wanted = await spyOn(reference.nb);
    const notEpoch = (row: string) => !row.includes('Copp');
    expect(changesBetween(await wanted.snapshot(), await spy.snapshot()).filter(notEpoch)).toEqual([]);
  });

  test('NB goes and comes back changed while following', async () => {
    await using central = await startOvnCentral({ version, northd: false });
    await using running = await follow([networks, project, pod('nginx-0')].join(''), { nb: central.nb });
    const spy = await spyOn(central.nb);
    await spy.until(() => spy.rows().some((row) => row.includes('shalb-demo-ext-cloud')));
    await eventually(() => running.engine.report().changeSets.length === 0);
    const wanted = await spy.snapshot();
    await central.stopNb();
    running.set([networks, project, pod('nginx-0'), pod('nginx-1')].join(''));
    await spy[Symbol.asyncDispose]();
    await central.restartNb();
    await central.nbctl('lr-nat-del', 'shalb-demo');
    await using after = await spyOn(central.nb);
    await after.until(() => after.rows().some((row) => row.includes('nginx-1.shalb-demo')));
    await after.until(
      () => changesBetween(wanted, after.rows()).filter((row) => row.startsWith('- NAT')).length === 0,
    );
    await running.stop();
    expect(running.engine.counters.failures).toBe(0);
  });

  test('NB that is away at the start is waited for, or given up', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ovn-test-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const away = { nb: `unix:${directory}/nb.sock`, owner: 'default', logger: silentLogger };
    await expect(openTarget({ ...away, connectTimeoutMs: 300 })).rejects.toMatchObject({
      code: 'OVSDB_UNREACHABLE',
    });
    await using central = await startOvnCentral({ version, northd: false });
    await central.stopNb();
    const opening = openTarget({ ...away, nb: central.nb, connectTimeoutMs: Infinity });
    await central.restartNb();
    await (await opening).close();
  });

  test('two passes at once with one owner make no twins', async () => {
    await using central = await startOvnCentral({ version, northd: false });
    await using spy = await spyOn(central.nb);
    const reports = await Promise.all([1, 2, 3].map(() => converge(projects(20), { nb: central.nb })));
    for (const report of reports)
      expect(report).toMatchObject({ changeSets: [], failures: [], problems: [] });
    await spy.snapshot();
    expect(spy.all('Logical_Router').length).toBe(20);
    expect(spy.all('NAT').length).toBe(20);
    expect(spy.all('Copp').length).toBe(1);
    const written = reports.reduce((sum, { summary }) => sum + summary.insert, 0);
    expect(written).toBe(spy.rows().filter((row) => !row.startsWith('Copp')).length);
  });

  test('a second follower takes over and the first one ends; a pass joins and ends nobody', async () => {
    await using central = await startOvnCentral({ version, northd: false });
    await using spy = await spyOn(central.nb);
    const yaml = [networks, project].join('');
    await using first = await follow(yaml, { nb: central.nb });
    await spy.until(() => spy.all('NAT').length === 1);
    await converge(yaml + eip('a'), { nb: central.nb });
    await using second = await follow(yaml, { nb: central.nb });
    expect(await first.ended).toMatchObject({ code: 'TARGET_FENCED' });
    await spy.transact({ op: 'update', table: 'Logical_Router', where: [], row: { enabled: false } });
    await spy.until(() => spy.named('Logical_Router', 'shalb-demo')['enabled'] === undefined);
    await second.stop();
  });

  test('a paused writer that was overtaken writes nothing when it wakes up', async () => {
    await using central = await startOvnCentral({ version, northd: false });
    await using spy = await spyOn(central.nb);
    const old = await openTarget({ nb: central.nb, owner: 'default', logger: silentLogger });
    await converge(networks, { nb: central.nb });
    await old.claimEpoch('take-over');
    await spy.snapshot();
    const router = spy.named('Logical_Switch', 'ext-cloud');
    const changes = changeName(router);
    // What the old one knows of the database is as old as it is: the guard must hold at the server.
    const late = old.commit(changes);
    await using running = await follow(networks, { nb: central.nb });
    expect((await late).kind).toBe('committed');
    await eventually(() => running.engine.counters.rounds > 0);
    await spy.until(() => spy.rows().some((row) => row.includes('"name":"ext-cloud"')));
    expect(await old.commit(changes)).toMatchObject({ kind: 'fenced', error: { code: 'TARGET_FENCED' } });
    expect(spy.named('Logical_Switch', 'ext-cloud')).toBeDefined();
    await old.close();
  });

  test('gateway chassis follow the Southbound database', async () => {
    await using central = await startOvnCentral({ version, northd: false });
    await using spy = await spyOn(central.nb);
    const add = (name: string, address: string) =>
      central.sbctl(
        ...`chassis-add ${name} geneve ${address} -- set Chassis ${name}`.split(' '),
        'other_config:ovn-cms-options=enable-chassis-as-gw',
        'other_config:ovn-bridge-mappings=phys:br-ex',
      );
    await using running = await follow([networks, project].join(''), { nb: central.nb, sb: central.sb });
    await eventually(() => running.engine.report().problems.some(({ code }) => code === 'NoGatewayChassis'));
    await add('chassis-a', '192.0.2.1');
    await spy.until(() => spy.all('HA_Chassis').length === 1);
    await add('chassis-b', '192.0.2.2');
    await spy.until(() => spy.all('HA_Chassis').length === 2);
    const preferred = () =>
      spy.all('HA_Chassis').toSorted((a, b) => Number(b['priority']) - Number(a['priority']))[0]?.[
        'chassis_name'
      ];
    expect(preferred()).toBe('chassis-a'); // a gateway is not moved because another one could do it as well
    await central.sbctl('chassis-del', 'chassis-a');
    await spy.until(() => spy.all('HA_Chassis').length === 1 && preferred() === 'chassis-b');
    await eventually(() => running.engine.report().problems.length === 0);
  });

  test('a chassis that comes later than the machine that moves to it is noticed at once', async () => {
    await using central = await startOvnCentral({ version });
    await central.compiled();
    await using spy = await spyOn(central.nb);
    const moving = instance('vm', '{nodeName: n1, migrationState: {sourceNode: n1, targetNode: n2}}');
    await central.sbctl('chassis-add', 'n1', 'geneve', '192.0.2.1');
    const yaml = [networks, project, launcher('aaaaa'), moving].join('');
    await using running = await follow(yaml, { nb: central.nb, sb: central.sb });
    const port = () =>
      spy.all('Logical_Switch_Port').find(({ name }) => name === 'virt-launcher-vm-aaaaa.shalb-demo');
    const options = (): string => JSON.stringify(port()?.['options']) ?? '';
    await spy.until(() => port() !== undefined);
    await eventually(() =>
      running.engine.report().problems.some(({ message }) => /for node n2/.test(message)),
    );
    expect(options()).not.toContain('requested-chassis');
    await central.sbctl('chassis-add', 'n2', 'geneve', '192.0.2.2');
    await spy.until(() => options().includes('"requested-chassis":"n1,n2"'), options);
    await central.sbctl('chassis-del', 'n2');
    await spy.until(() => !options().includes('requested-chassis'), options);
  });

  test('a floating IP moves to the node of its workload when the port is up', async () => {
    await using central = await startOvnCentral({ version });
    await using spy = await spyOn(central.nb);
    const yaml = [
      networks,
      project,
      pod('nginx-0', '{vm.kubevirt.io/name: vm}'),
      fip('vm', '{vmTarget: {vmName: vm, interfaceName: eth0}}'),
    ].join('');
    await using running = await follow(yaml, { nb: central.nb });
    const nat = (): Row | undefined => spy.all('NAT').find((row) => row['type'] === 'dnat_and_snat');
    await spy.until(() => nat() !== undefined);
    expect(nat()).toMatchObject({ external_mac: undefined, logical_port: undefined });
    await central.sbctl('chassis-add', 'chassis-1', 'geneve', '192.0.2.1');
    await central.compiled();
    await central.sbctl('lsp-bind', 'nginx-0.shalb-demo', 'chassis-1');
    await central.sbctl('set', 'Port_Binding', 'nginx-0.shalb-demo', 'up=true');
    await spy.until(() => nat()?.['logical_port'] === 'nginx-0.shalb-demo');
    await central.sbctl('lsp-unbind', 'nginx-0.shalb-demo');
    await spy.until(() => nat()?.['logical_port'] === undefined);
    expect(running.engine.counters.failures).toBe(0);
  });
});

describe.skipIf(!hasOvn(version))('databases that are not fit', () => {
  test('one that Kube-OVN writes is refused, unless that is meant', async () => {
    await using central = await startOvnCentral({ version, northd: false });
    await central.nbctl(
      'lr-add',
      'theirs',
      '--',
      'set',
      'logical_router',
      'theirs',
      'external_ids:vendor=kube-ovn',
    );
    const options = { nb: central.nb, owner: 'default', logger: silentLogger };
    await expect(openTarget(options)).rejects.toMatchObject({
      code: 'NB_SHARED',
      message: expect.stringContaining('Logical_Router theirs') as string,
    });
    await (await openTarget({ ...options, allowSharedNb: true })).close();
  });

  test('one that was never initialised is refused', async () => {
    await using server = await startOvsdbServer({ schemaFile: schemaFileOf(version, 'nb') });
    await expect(
      openTarget({ nb: server.remote, owner: 'default', logger: silentLogger }),
    ).rejects.toMatchObject({ code: 'NB_NOT_INITIALISED' });
  });

  test('a schema that is too old is refused; a column less is only a feature less', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ovn-test-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const file = join(directory, 'nb.ovsschema');
    copyFileSync(schemaFileOf(version, 'nb'), file);
    const schema = JSON.parse(readFileSync(file, 'utf8')) as {
      tables: Record<string, { columns: Record<string, unknown> }>;
    };
    delete schema.tables['ACL']?.columns['label'];
    delete schema.tables['Logical_Switch']?.columns['load_balancer_group'];
    writeFileSync(file, JSON.stringify(schema));
    await using server = await startOvsdbServer({ schemaFile: file });
    await using spy = await spyOn(server.remote);
    await spy.transact({ op: 'insert', table: 'NB_Global', row: {} });
    const report = await converge([networks, project].join(''), { nb: server.remote });
    const problems = [{ code: 'Unsupported', severity: 'warning' }];
    expect(report).toMatchObject({ changeSets: [], failures: [], problems });

    delete schema.tables['NAT']?.columns['external_ids'];
    writeFileSync(file, JSON.stringify(schema));
    await using older = await startOvsdbServer({ schemaFile: file });
    await expect(
      openTarget({ nb: older.remote, owner: 'default', logger: silentLogger }),
    ).rejects.toMatchObject({
      code: 'NB_SCHEMA_TOO_OLD',
      message: expect.stringContaining('NAT.external_ids') as string,
    });
  });

  test('a foreign row with the name of the epoch row is told, not touched', async () => {
    await using central = await startOvnCentral({ version, northd: false });
    await using spy = await spyOn(central.nb);
    await spy.transact({ op: 'insert', table: 'Copp', row: { name: 'ovn-projector-default' } });
    const report = await converge(networks, { nb: central.nb });
    expect(report.failures).toMatchObject([{ error: { code: 'TARGET_EPOCH_NAME' } }, {}]);
    expect(spy.all('Logical_Switch').length).toBe(0);
  });
});

function feedAll(sink: Awaited<ReturnType<typeof openEngine>>['engine']['sink'], yaml: string): void {
  sink.changed(decodeYaml(yaml).changes);
  sink.synced();
}

/** A change set as a loop of long ago would have made it. */
function changeName(row: Row): ChangeSet {
  const update = {
    table: 'Logical_Switch',
    uuid: row._uuid,
    id: '',
    source: '',
    before: row,
    columns: [{ kind: 'set', column: 'name', before: row['name'], after: 'stale' }],
  } as const;
  return { unit: 'network/ext-cloud', inserts: [], updates: [update], deletes: [], attach: [], detach: [] };
}
