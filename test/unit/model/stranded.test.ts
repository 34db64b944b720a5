// Objects in a network that nobody makes.
import { describe, expect, test } from 'vitest';
import { worldOf } from '../../support/model-world.ts';
import { eip, fip, networks, onDefaultGateway, pod, project, service } from '../../support/scenario.ts';

const vpc = (name: string): string =>
  `\napiVersion: ovn.kube-dc.com/v1alpha1\nkind: Vpc\nmetadata: {name: ${name}}\nspec: {externalNetworks: []}\n---`;
const subnet = (of: string): string =>
  `\napiVersion: ovn.kube-dc.com/v1alpha1\nkind: Subnet\nmetadata: {name: s}\nspec: {vpc: ${of}, cidr: 10.1.0.0/16}\n---`;
const exposed = [
  eip('e'),
  fip('f', '{ipAddress: 10.0.10.4}'),
  service('s', onDefaultGateway, 'selector: {app: nginx}, ports: [{port: 80}]'),
].join('');

const problemsOf = (text: string): string[] =>
  worldOf(networks + text).problems.map(
    ({ code, object, path, severity }) => `${severity ?? 'error'} ${code} ${object} ${path}`,
  );

describe('an object without a network is forgotten without a word:', () => {
  const inNoProject = [
    'error NotFound EIp/shalb-demo/e metadata.namespace',
    'error NotFound FIp/shalb-demo/f metadata.namespace',
    'warning NotFound Service/shalb-demo/s metadata.namespace',
  ];

  test('an EIp, a FIp and a Service of a namespace without a Project', () => {
    expect(problemsOf(exposed)).toEqual(inNoProject);
    expect(problemsOf(exposed + vpc('shalb-demo'))).toEqual(inNoProject);
  });

  test('a Subnet of a Vpc that is not there, or that is a Project', () => {
    const problem = 'error NotFound Subnet/s spec.vpc';
    expect(problemsOf(subnet('nowhere'))).toEqual([problem]);
    expect(problemsOf(project + subnet('shalb-demo'))).toEqual([problem]);
  });

  test('but not when there is one, nor a Pod or a ClusterIP Service of somebody else', () => {
    expect(problemsOf(project + exposed + vpc('v') + subnet('v'))).toEqual([]);
    const inside = service('s', '{}', 'ports: [{port: 80}]').replace('LoadBalancer', 'ClusterIP');
    expect(problemsOf(pod('p') + inside)).toEqual([]);
  });

  test('a rejected Project is told of, and not again for each object in it', () => {
    expect(problemsOf(project.replace('10.0.10.0/24', '10.0.10.7/24') + exposed)).toEqual([
      'error Invalid Project/shalb/demo spec.cidrBlock',
    ]);
  });
});
