// What the program says before it does anything: help, version, kinds, and words about wrong arguments.
import { parseAllDocuments } from 'yaml';
import { describe, expect, test } from 'vitest';
import { runProgram } from '../support/program.ts';
import { network } from './manifests.ts';
import { scratchFolder } from './scratch.ts';

const commands = ['plan', 'apply', 'run', 'show', 'crd', 'demo', 'version'];

describe('help', () => {
  test('names every command and teaches the first steps', async () => {
    const { code, stdout, stderr } = await runProgram(['--help']);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
    expect(stdout).toContain('$ ovn-projector apply -f networks/');
    expect(stdout).toContain('unix:/path, tcp:host:port, ssl:host:port');
  });

  test.each(commands)('%s explains itself within 100 columns', async (command) => {
    const { code, stdout } = await runProgram([command, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: ovn-projector ${command}`);
    expect(stdout.split('\n').filter((line) => line.length > 120)).toEqual([]);
  });

  test('without arguments it is shown, as an error', async () => {
    const { code, stdout, stderr } = await runProgram([]);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('Usage: ovn-projector');
  });
});

test('version', async () => {
  const { code, stdout } = await runProgram(['version']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ovn-projector \d+\.\d+\.\d+/);
});

test('crd prints every kind of ours as a definition', async () => {
  const { code, stdout } = await runProgram(['crd']);
  expect(code).toBe(0);
  const documents = parseAllDocuments(stdout).map((document) => document.toJS() as Record<string, unknown>);
  expect(documents.map((document) => document['kind'])).toEqual(
    documents.map(() => 'CustomResourceDefinition'),
  );
  const names = documents.map((document) => (document['metadata'] as { name: string }).name).toSorted();
  expect(names).toEqual([
    'eips.kube-dc.com',
    'externalnetworks.ovn.kube-dc.com',
    'fips.kube-dc.com',
    'projects.kube-dc.com',
    'subnets.ovn.kube-dc.com',
    'vpcs.ovn.kube-dc.com',
  ]);
});

describe('wrong arguments', () => {
  test.each([
    ['an unknown command', ['aply'], /unknown command 'aply'.*\n.*apply/s],
    ['an unknown flag', ['plan', '-f', '.', '--nbb', 'x'], /unknown option '--nbb'.*--nb/s],
    [
      'files and an API server',
      ['plan', '-f', '.', '--kubeconfig', 'x'],
      /'--kubeconfig <file>' cannot be used with/,
    ],
    ['an unknown form', ['plan', '-f', '.', '-o', 'xml'], /Allowed choices are text, json, nbctl/],
    ['a timeout that is no number', ['show', '--timeout', 'soon'], /must be a number above 0/],
    ['a remote that is none', ['show', '--nb', 'localhost:6641'], /expected unix:PATH, tcp:HOST:PORT/],
    ['a TLS remote without keys', ['show', '--nb', 'ssl:127.0.0.1:1'], /TLS needs.*--private-key is missing/],
    [
      'a key that is not there',
      ['show', '-p', '/nowhere', '-c', 'x', '-C', 'x'],
      /file of --private-key: ENOENT/,
    ],
    ['an owner that is none', ['plan', '-f', '.', '--owner', 'a/b'], /'a\/b' is invalid.*letters, digits/],
    [
      'a Southbound server that is away',
      ['plan', '-f', '-', '--nb', 'unix:/nowhere', '--timeout', '0.1'],
      /--sb the Southbound/,
    ],
    ['stdin for run', ['run', '-f', '-'], /stdin cannot be followed.*apply -f -/],
    ['a path that is not there', ['plan', '-f', '/nowhere', '--nb', 'unix:/nowhere'], /\/nowhere.*ENOENT/],
    ['a configuration that is not there', ['plan', '-f', '-', '--config', '/nowhere'], /\/nowhere/],
  ])('%s: exit code 1 and a word on what is right', async (_name, args, expected) => {
    const { code, stdout, stderr } = await runProgram(args);
    expect(stderr).toMatch(expected);
    expect(stderr).toMatch(/^error: /);
    expect(stderr).not.toMatch(/^\s+at .*\.ts:\d+/m);
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });
});

describe('a database that is away', () => {
  test.each(['plan', 'apply', 'show'])(
    '%s gives up after the timeout with remote and cause',
    async (command) => {
      const folder = scratchFolder({ 'network.yaml': network });
      const remote = `unix:${folder}/nb.sock`;
      const input = command === 'show' ? [] : ['-f', folder];
      const { code, stdout, stderr } = await runProgram([
        command,
        ...input,
        '--nb',
        remote,
        '--timeout',
        '0.3',
      ]);
      expect(code).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toContain(remote);
      expect(stderr).toContain('ENOENT');
      expect(stderr).toContain('ovn-nbctl --db=');
      expect(stderr).not.toMatch(/^\s+at /m);
    },
  );

  test('the stack is there for who asks for it', async () => {
    const { stderr } = await runProgram([
      'show',
      '--nb',
      'unix:/nowhere',
      '--timeout',
      '0.1',
      '--log-level',
      'debug',
    ]);
    expect(stderr).toMatch(/^\s+at .*\.ts:\d+/m);
  });
});
