// Every mistake that people make: it is named with object, field and remedy, and everything else is programmed.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedOvn, startEmbeddedOvn } from '../../src/embedded/central.ts';
import { runProgram } from '../support/program.ts';
import { configuration, eip, externalNetwork, fip, network, project, service, vpc } from './manifests.ts';
import { scratchFolder } from './scratch.ts';

let ovn: EmbeddedOvn;
beforeAll(async () => {
  ovn = await startEmbeddedOvn();
  await ovn.nbctl('lr-add', 'shalb-foreign');
});
afterAll(() => ovn.stop());

const second = (cidr: string, more = ''): string =>
  project
    .replace('name: demo', 'name: second')
    .replace('cidrBlock: 10.0.10.0/24', `${more}cidrBlock: ${cidr}`);
const named = (text: string, from: string, to: string): string =>
  text.replace(`name: ${from}`, `name: ${to}`);
const secondService = named(service, 'nginx', 'second');

interface Case {
  readonly name: string;
  readonly text: string;
  readonly code: string;
  /** Substring of `object`. */
  readonly object: string;
  readonly path: string;
  /** What the hint must name. */
  readonly hint: RegExp;
}

const cases: readonly Case[] = [
  {
    name: 'unparsable YAML',
    text: 'kind: [\n',
    code: 'Unparsable',
    object: 'network.yaml',
    path: '',
    hint: /YAML/,
  },
  {
    name: 'an unknown field',
    text: second('10.0.12.0/24').replace('cidrBlock', 'cidrBlok'),
    code: 'UnknownField',
    object: 'Project/shalb/second',
    path: 'spec.cidrBlok',
    hint: /cidrBlock/,
  },
  {
    name: 'a range with host bits',
    text: second('10.0.12.7/24'),
    code: 'Invalid',
    object: 'Project/shalb/second',
    path: 'spec.cidrBlock',
    hint: /10\.0\.12\.0\/24/,
  },
  {
    name: 'a range that is none',
    text: second('banana'),
    code: 'Invalid',
    object: 'Project/shalb/second',
    path: 'spec.cidrBlock',
    hint: /10\.0\.10\.0\/24/,
  },
  {
    name: 'a range over an external one',
    text: second('100.65.8.0/24'),
    code: 'Overlap',
    object: 'Project/shalb/second',
    path: 'spec.cidrBlock',
    hint: /range/,
  },
  {
    name: 'a range over the management one',
    text: `${vpc.replaceAll('lab', 'ovn-cluster')}---\n${second('10.9.0.0/16')}`,
    code: 'Overlap',
    object: 'Project/shalb/second',
    path: 'spec.cidrBlock',
    hint: /range/,
  },
  {
    name: 'a gateway outside its range',
    text: second('10.0.12.0/24', 'gwLanIp: 10.0.13.1, '),
    code: 'OutOfRange',
    object: 'Project/shalb/second',
    path: 'spec.gwLanIp',
    hint: /10\.0\.12\.1/,
  },
  {
    name: 'two networks on one VLAN',
    text: named(externalNetwork, 'ext-cloud', 'ext-other').replaceAll('100.65.', '100.66.'),
    code: 'Conflict',
    object: 'ExternalNetwork/ext-other',
    path: 'spec.vlan',
    hint: /VLAN/,
  },
  {
    name: 'an address asked for twice',
    text: ['a', 'b']
      .map((name) => named(eip, 'ssh-arti', name).replace('{}', '{ ipAddress: 100.65.0.77 }'))
      .join('---\n'),
    code: 'Conflict',
    object: 'EIp/shalb-demo/b',
    path: 'spec.ipAddress',
    hint: /another/,
  },
  {
    name: 'a FIp on an EIp that is shared',
    text: named(fip, 'fedora-arti', 'other').replace('ssh-arti', 'default-gw').replace('.171', '.172'),
    code: 'Conflict',
    object: 'FIp/shalb-demo/other',
    path: 'spec.eip',
    hint: /EIp/,
  },
  {
    name: 'a FIp on an EIp that is not there',
    text: named(fip, 'fedora-arti', 'other').replace('ssh-arti', 'nope'),
    code: 'NotFound',
    object: 'FIp/shalb-demo/other',
    path: 'spec.eip',
    hint: /create/,
  },
  {
    name: 'two Services on one address and port',
    text: secondService,
    code: 'Conflict',
    object: 'Service/shalb-demo/second',
    path: 'spec.ports[0].port',
    hint: /port/,
  },
  {
    name: 'a Service on an EIp that is not there',
    text: secondService.replace('bind-on-default-gw-eip: "true"', 'bind-on-eip: nope'),
    code: 'NotFound',
    object: 'Service/shalb-demo/second',
    path: 'metadata.annotations[service.nlb.kube-dc.com/bind-on-eip]',
    hint: /create/,
  },
  {
    name: 'two projects with one backing namespace',
    text: [
      project.replace('demo, namespace: shalb', 'b, namespace: shalb-a'),
      named(project, 'demo', 'a-b'),
    ].join('---\n'),
    code: 'Conflict',
    object: 'Project/shalb/a-b',
    path: 'metadata.name',
    hint: /rename/,
  },
  {
    name: 'a foreign row with our name',
    text: named(project, 'demo', 'foreign'),
    code: 'Conflict',
    object: 'Project/shalb/foreign',
    path: '',
    hint: /ovn-nbctl|rename/,
  },
];

interface Answer {
  readonly problems: readonly {
    readonly code: string;
    readonly object: string;
    readonly path: string;
    readonly hint: string;
  }[];
}

async function apply(text: string) {
  const folder = scratchFolder({ 'network.yaml': `${network}---\n${text}` });
  const config = join(scratchFolder({ 'config.yaml': configuration }), 'config.yaml');
  const args = [
    'apply',
    '-f',
    folder,
    '--nb',
    ovn.nb,
    '--config',
    config,
    '-o',
    'json',
    '--allow-mass-delete',
  ];
  return runProgram(args);
}

test.each(cases)('$name', async ({ text, code, object, path, hint }) => {
  const { code: exitCode, stdout, stderr } = await apply(text);
  const { problems } = JSON.parse(stdout) as Answer;
  expect(problems).toHaveLength(1);
  const [problem] = problems;
  expect(problem).toMatchObject({ code, path });
  expect(problem?.object).toContain(object);
  expect(problem?.hint).toMatch(hint);
  expect(stderr).toContain(object);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(exitCode).toBe(3);
  const routers = await ovn.nbctl('lr-list');
  expect(routers).toContain('(shalb-demo)');
  expect(routers).toContain('(shalb-foreign)');
  const foreign = await ovn.nbctl(
    '--bare',
    '--columns=external_ids',
    'list',
    'Logical_Router',
    'shalb-foreign',
  );
  expect(foreign.trim()).toBe('');
});

test('an unknown kind is named, and not fatal', async () => {
  const { code, stdout, stderr } = await apply(
    'apiVersion: example.org/v1\nkind: Widget\nmetadata: { name: x }\n',
  );
  expect(stderr).toMatch(/Widget.*example\.org\/v1/);
  expect((JSON.parse(stdout) as Answer).problems[0]).toMatchObject({ code: 'UnknownKind' });
  expect(code).toBe(0);
});

test('an exhausted pool gives what it has, and names who got nothing', async () => {
  const many = Array.from({ length: 8 }, (_, index) => named(eip, 'ssh-arti', `e${index}`)).join('---\n');
  const small = `${network.replace('100.65.0.0/16', '100.65.0.0/29')}---\n${many}`;
  const config = join(scratchFolder({ 'config.yaml': configuration }), 'config.yaml');
  const folder = scratchFolder({ 'network.yaml': small });
  const { code, stderr } = await runProgram(['apply', '-f', folder, '--nb', ovn.nb, '--config', config]);
  expect(code).toBe(3);
  expect(stderr.match(/^EIp\/shalb-demo\/e\d: .*no free address.*\(.+\)$/gm)).toHaveLength(5);
});
