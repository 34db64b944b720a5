// One pass over a real NB with ovn-northd: what it writes, that it writes it once, and that it takes all of it back.
import { describe, expect, test } from 'vitest';
import { InvariantError } from '../../src/base/errors.ts';
import { compileUnit } from '../../src/compiler/compile-unit.ts';
import type { Report } from '../../src/controller/report.ts';
import type { Pipeline } from '../../src/controller/unit-planner.ts';
import { modelUnit } from '../../src/model/model-unit.ts';
import { startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn, ovnVersions } from '../support/ovn-programs.ts';
import { converge, onePass } from '../support/engine-world.ts';
import { changesBetween, spyOn } from '../support/northbound-spy.ts';
import { eip, networks, onDefaultGateway, pod, project, service } from '../support/scenario.ts';

const web = service(
  'web',
  onDefaultGateway,
  'selector: {app: nginx}, ports: [{port: 80, targetPort: web}], loadBalancerSourceRanges: [192.0.2.0/24]',
);
const second = project.replace('name: demo', 'name: two').replace('10.0.10', '10.0.20');
const all = [networks, project, second, pod('nginx-0'), pod('nginx-1'), eip('ssh-arti'), web].join('');
const nothing = { insert: 0, update: 0, delete: 0, transactions: 0 };

const rejections = ({ problems }: Report) => problems.filter(({ severity }) => severity !== 'warning');

describe.each(ovnVersions)('on OVN %s', (version) => {
  describe.skipIf(!hasOvn(version))('converge', () => {
    test('writes a unit per transaction, northd has nothing to say, and the second pass writes nothing', async () => {
      await using central = await startOvnCentral({ version });
      const planned = await onePass('plan', all, { nb: central.nb });
      expect(await central.nbctl('lr-list')).toBe('');
      const first = await converge(all, { nb: central.nb });
      expect(first).toMatchObject({ changeSets: [], blocked: [], heldDeletes: [], failures: [] });
      expect(rejections(first)).toEqual([]);
      expect(first.summary).toEqual(planned.summary);
      expect(first.summary).toMatchObject({ update: 0, delete: 0, transactions: 4 });
      expect(first.addresses).toEqual({
        'EIp/shalb-demo/default-gw': '100.65.0.101',
        'EIp/shalb-demo/ssh-arti': '100.65.0.103',
        'EIp/shalb-two/default-gw': '100.65.0.102',
      });
      await central.compiled();
      const again = await converge(all, { nb: central.nb });
      expect(again.summary).toEqual(nothing);
      expect(again.addresses).toEqual(first.addresses);
      expect((await onePass('plan', all, { nb: central.nb })).changeSets).toEqual([]);
      expect(await central.northdWarnings()).toEqual([]);
    });

    test('an object that goes takes its rows and nothing else; when all went, NB is as empty as it was', async () => {
      await using central = await startOvnCentral({ version });
      await using spy = await spyOn(central.nb);
      await spy.transact(
        { op: 'insert', table: 'Logical_Switch', row: { name: 'foreign' } },
        { op: 'insert', table: 'Address_Set', row: { name: 'foreign' } },
      );
      const empty = await spy.snapshot();
      await converge([networks, project].join(''), { nb: central.nb });
      const onlyDemo = await spy.snapshot();
      await converge(all, { nb: central.nb });
      const removed = await converge([networks, project].join(''), { nb: central.nb });
      expect(removed.summary).toMatchObject({ insert: 0 });
      expect(changesBetween(onlyDemo, await spy.snapshot())).toEqual([]);
      expect((await converge('', { nb: central.nb })).failures).toEqual([]);
      expect(changesBetween(empty, await spy.snapshot())).toEqual([]);
      await central.compiled();
      expect(await central.northdWarnings()).toEqual([]);
    });
  });
});

describe.skipIf(!hasOvn('23.03'))('converge', () => {
  test('an address that was held comes back to its holder, and to nobody else', async () => {
    await using central = await startOvnCentral({ version: '23.03', northd: false });
    const options = { nb: central.nb };
    const before = await converge([networks, project, eip('a'), eip('b')].join(''), options);
    const held = before.addresses['EIp/shalb-demo/b'];
    await converge([networks, project, eip('b')].join(''), options);
    const after = await converge([networks, project, eip('a'), eip('b'), eip('c')].join(''), options);
    expect(after.addresses['EIp/shalb-demo/b']).toBe(held);
    expect(new Set(Object.values(after.addresses)).size).toBe(Object.keys(after.addresses).length);
  });

  test('an address that one object gives up is given to the one that asked for it, in one pass', async () => {
    await using central = await startOvnCentral({ version: '23.03', northd: false });
    const options = { nb: central.nb };
    const wish = '{ipAddress: 100.65.0.200}';
    await converge([networks, project, second, eip('a', wish)].join(''), options);
    const other = eip('b', wish).replace('namespace: shalb-demo', 'namespace: shalb-two');
    const report = await converge([networks, project, second, other].join(''), options);
    expect(report.addresses).toMatchObject({ 'EIp/shalb-two/b': '100.65.0.200' });
    expect(report.addresses).not.toHaveProperty('EIp/shalb-demo/a');
    expect(rejections(report)).toEqual([]);
  });

  test('what rejected objects made stays as it is, and everything else goes on', async () => {
    await using central = await startOvnCentral({ version: '23.03', northd: false });
    await using spy = await spyOn(central.nb);
    const options = { nb: central.nb };
    const base = [networks, project, pod('nginx-0'), eip('ssh-arti'), web].join('');
    await converge(base, options);
    const before = await spy.snapshot();
    const broken = [networks, project, pod('nginx-0'), eip('ssh-arti', '{ipAddress: 7}')].join('');
    const report = await converge(broken + web.replace('type: LoadBalancer', 'type: LoadBalancr'), options);
    expect(rejections(report).map(({ object }) => object)).toEqual([
      'EIp/shalb-demo/ssh-arti',
      'Service/shalb-demo/web',
    ]);
    expect(changesBetween(before, await spy.snapshot())).toEqual([]);
    expect(report.summary).toEqual(nothing);
    expect(report.heldDeletes.map(({ reason }) => reason)).toContain('rejected-object');
  });

  test('a unit with a problem at its root stays as it is, and keeps its addresses', async () => {
    await using central = await startOvnCentral({ version: '23.03', northd: false });
    await using spy = await spyOn(central.nb);
    const options = { nb: central.nb };
    const one = await converge([networks, project, eip('a')].join(''), options);
    const before = await spy.snapshot();
    const overlapping = project.replace('10.0.10.0/24', '100.65.4.0/24');
    const report = await converge([networks, overlapping, second].join(''), options);
    expect(report.blocked).toEqual(['vpc/shalb-demo']);
    expect(rejections(report)).toMatchObject([{ object: 'Project/shalb/demo', path: 'spec.cidrBlock' }]);
    const gone = changesBetween(before, await spy.snapshot()).filter((row) => row.startsWith('-'));
    expect(gone).toEqual([expect.stringContaining('"name":"ext-cloud"')]); // the switch got a port
    expect(Object.values(one.addresses)).not.toContain(report.addresses['EIp/shalb-two/default-gw']);
  });

  test('while some input cannot be read nothing is deleted, and no address is given away', async () => {
    await using central = await startOvnCentral({ version: '23.03', northd: false });
    await using spy = await spyOn(central.nb);
    const options = { nb: central.nb };
    await converge([networks, project, second, pod('nginx-0'), eip('a')].join(''), options);
    const before = await spy.snapshot();
    const report = await converge([networks, project].join(''), { ...options, incomplete: true });
    expect(report.summary).toEqual(nothing);
    expect(changesBetween(before, await spy.snapshot())).toEqual([]);
    expect(new Set(report.heldDeletes.map(({ reason }) => reason))).toEqual(new Set(['unreadable-input']));
    const more = await converge([networks, project, eip('new')].join(''), { ...options, incomplete: true });
    expect(more.addresses['EIp/shalb-demo/new']).toBe('100.65.0.104');
  });

  test('a network that goes waits for the networks that hang in it', async () => {
    await using central = await startOvnCentral({ version: '23.03', northd: false });
    const options = { nb: central.nb };
    await converge([networks, project].join(''), options);
    const used = await converge(project, options);
    expect(used.blocked.length + used.problems.length).toBeGreaterThan(0);
    expect(await central.nbctl('show', 'ext-cloud')).toContain('ext-cloud-shalb-demo');
    expect(await central.nbctl('ls-list')).not.toContain('ext-public');
    expect(used.heldDeletes).toMatchObject([
      { unit: 'network/ext-cloud', table: 'ACL', reason: 'in-use' },
      { unit: 'network/ext-cloud', table: 'ACL', reason: 'in-use' },
      { unit: 'network/ext-cloud', table: 'Address_Set', reason: 'in-use' },
      { unit: 'network/ext-cloud', table: 'Logical_Switch', reason: 'in-use' },
      { unit: 'network/ext-cloud', table: 'Logical_Switch_Port', reason: 'in-use' },
    ]);
    await converge('', options);
    expect(await central.nbctl('ls-list')).toBe('');
  });

  test('a foreign port in a switch of ours keeps the switch', async () => {
    await using central = await startOvnCentral({ version: '23.03', northd: false });
    await converge(networks, { nb: central.nb });
    await central.nbctl('lsp-add', 'ext-cloud', 'someones');
    const report = await converge('', { nb: central.nb });
    expect(report.problems).toMatchObject([{ code: 'Conflict', object: 'ExternalNetwork/ext-cloud' }]);
    expect(report.problems[0]?.message).toContain('Logical_Switch_Port "someones"');
    expect(await central.nbctl('ls-list')).toContain('(ext-cloud)');
    await central.nbctl('lsp-del', 'someones');
    expect((await converge('', { nb: central.nb })).problems).toEqual([]);
    expect(await central.nbctl('ls-list')).toBe('');
  });

  test('a plan that deletes most of what is there is refused whole, unless it is meant', async () => {
    await using central = await startOvnCentral({ version: '23.03', northd: false });
    await using spy = await spyOn(central.nb);
    const pods = Array.from({ length: 60 }, (_, index) => pod(`nginx-${index}`));
    const options = { nb: central.nb };
    await converge([networks, project, ...pods].join(''), options);
    const before = await spy.snapshot();
    const refused = await converge([networks, project, second].join(''), options);
    expect(refused.massDelete).toMatchObject({ deletes: 60 });
    expect(refused.massDelete?.names).toContain('Pod/shalb-demo/nginx-7');
    expect(refused.summary).toEqual(nothing);
    expect(changesBetween(before, await spy.snapshot())).toEqual([]);
    expect((await onePass('plan', [networks, project].join(''), options)).massDelete).toBeDefined();
    const meant = await converge([networks, project].join(''), { ...options, allowMassDelete: true });
    expect(meant.massDelete).toBeUndefined();
    expect(meant.summary).toMatchObject({ delete: 60 });
  });

  test.each(['modelUnit', 'compileUnit'] as const)(
    'a bug in %s fails its unit and no other',
    async (room) => {
      await using central = await startOvnCentral({ version: '23.03', northd: false });
      await using spy = await spyOn(central.nb);
      const base = [networks, project, second].join('');
      await converge(base, { nb: central.nb });
      const before = await spy.snapshot();
      const pipeline: Pipeline = {
        modelUnit: (unit, context) => {
          if (room === 'modelUnit' && unit === 'vpc/shalb-demo') throw new InvariantError('bug');
          return modelUnit(unit, context);
        },
        compileUnit: (model, context) => {
          if (room === 'compileUnit' && model.unit === 'vpc/shalb-demo') throw new InvariantError('bug');
          return compileUnit(model, context);
        },
      };
      const other = eip('a').replace('namespace: shalb-demo', 'namespace: shalb-two');
      for (const brake of [1000, 0]) {
        const deletionBrake = { fraction: 0.5, minimum: brake };
        const options = { nb: central.nb, pipeline, config: { deletionBrake } };
        const report = await converge([base, other, pod('nginx-0')].join(''), options);
        expect(report.failures).toMatchObject([{ unit: 'vpc/shalb-demo', error: { message: 'bug' } }]);
        expect(report.addresses['EIp/shalb-two/a']).toBe('100.65.0.103');
      }
      const changed = changesBetween(before, await spy.snapshot());
      expect(changed.filter((row) => !row.includes('vpc/shalb-two'))).toEqual([]);
      expect(changed.length).toBeGreaterThan(0);
    },
  );

  test('two instances with two owners share one database', async () => {
    await using central = await startOvnCentral({ version: '23.03', northd: false });
    await using spy = await spyOn(central.nb);
    const other = networks.replaceAll('ext-', 'lab-').replaceAll('phys', 'other');
    await converge(networks, { nb: central.nb, config: { owner: 'one' } });
    const one = await spy.snapshot();
    await converge(other, { nb: central.nb, config: { owner: 'two' } });
    expect((await converge(networks, { nb: central.nb, config: { owner: 'one' } })).summary).toEqual(nothing);
    await converge('', { nb: central.nb, config: { owner: 'two' } });
    expect(changesBetween(one, await spy.snapshot())).toEqual([]);
  });
});
