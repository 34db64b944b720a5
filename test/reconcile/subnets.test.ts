// Workloads that come to another subnet, and Subnets that get a mistake, with a real database.
import { describe, expect, test } from 'vitest';
import { converge } from '../support/engine-world.ts';
import { changesBetween, spyOn } from '../support/northbound-spy.ts';
import { startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn } from '../support/ovn-programs.ts';
import { networks, project } from '../support/scenario.ts';

const vpc =
  '\napiVersion: ovn.kube-dc.com/v1alpha1\nkind: Vpc\nmetadata: {name: v}\nspec: {externalNetworks: [{name: ext-cloud}]}\n---';
const subnet = (name: string, spec: string): string =>
  `\napiVersion: ovn.kube-dc.com/v1alpha1\nkind: Subnet\nmetadata: {name: ${name}}\nspec: {${spec}}\n---`;
const pod = (path: string, on = ''): string => {
  const [namespace, name] = path.split('/');
  return `\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: ${namespace}, annotations: {network.kube-dc.com/subnet: "${on}"}}\nspec: {}\n---`;
};
const a = subnet('a', 'vpc: v, cidr: 10.1.0.0/24, namespaces: [n]');
const b = subnet('b', 'vpc: v, cidr: 10.2.0.0/24');
const racks = subnet(
  'racks',
  'underlay: {physicalNetwork: phys, vlan: 120}, cidr: 192.168.120.0/24, gateway: 192.168.120.1, namespaces: [shalb-demo]',
);
const base = networks + project + vpc + a + b + racks;
const nothing = { insert: 0, update: 0, delete: 0, transactions: 0 };

describe.skipIf(!hasOvn('23.03'))('a Subnet', () => {
  test.each([
    ['of the same Vpc', 'n/p', '', 'b', '10.1.0.2', '10.2.0.2'],
    ['that is an underlay', 'shalb-demo/p', '', 'racks', '10.0.10.2', '192.168.120.2'],
    ['of a project, from an underlay', 'shalb-demo/p', 'racks', '', '192.168.120.2', '10.0.10.2'],
  ])('%s: a pod moves there', async (_, path, from, to, before, after) => {
    await using central = await startOvnCentral({ version: '23.03', northd: false });
    const options = { nb: central.nb };
    const [namespace, name] = path.split('/');
    const port = `${name}.${namespace}`;
    const addresses = (): Promise<string> => central.nbctl('lsp-get-addresses', port);
    await converge(base + pod(path, from), options);
    expect(await addresses()).toContain(before);
    const moved = await converge(base + pod(path, to), options);
    expect([moved.problems, moved.failures, moved.changeSets]).toEqual([[], [], []]);
    expect(await addresses()).toContain(after);
    const home = to === '' ? 'shalb-demo-default' : to;
    expect(await central.nbctl('lsp-list', home)).toContain(port);
    expect((await converge(base + pod(path, to), options)).summary).toEqual(nothing);
    const gone = await converge(base, options);
    expect(gone.summary).toMatchObject({ delete: 1 });
    expect(await central.nbctl('lsp-list', home)).not.toContain(port);
  });

  test('that gets a mistake takes none of its workloads down', async () => {
    await using central = await startOvnCentral({ version: '23.03', northd: false });
    await using spy = await spyOn(central.nb);
    const options = { nb: central.nb };
    const workloads = pod('n/p') + pod('shalb-demo/q', 'racks');
    await converge(base + workloads, options);
    const before = await spy.snapshot();
    const mistakes = base.replace('10.1.0.0/24', '10.1.0.7/24').replace('vlan: 120', 'vlan: 5000');
    const report = await converge(mistakes + workloads, options);
    expect(report.blocked).toEqual(['underlay/racks', 'vpc/v']);
    expect(changesBetween(before, await spy.snapshot())).toEqual([]);
    expect((await converge(base + workloads, options)).summary).toEqual(nothing);
  });
});
