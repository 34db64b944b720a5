// Following real files.
import { cp, rename } from 'node:fs/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { silentLogger } from '../../../src/base/logger.ts';
import { createManifestSource } from '../../../src/source/manifests/manifest-source.ts';
import { manifestFolder, podYaml, RecordingSink } from '../../support/manifest-folder.ts';

/** Runs a source until the test ends and waits for `synced`. */
async function follow(
  path: string,
  options: { rescanMs?: number; emptyGraceMs?: number } = {},
): Promise<RecordingSink> {
  const sink = new RecordingSink();
  const abort = new AbortController();
  const source = createManifestSource([path], { logger: silentLogger, settleMs: 20, ...options });
  const running = source.run(sink, abort.signal);
  onTestFinished(async () => {
    abort.abort();
    await running;
  });
  await Promise.race([running, vi.waitFor(() => expect(sink.calls).toContain('synced'))]);
  return sink;
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 5000, interval: 5 });

describe('following', () => {
  test('delivers everything, then synced, then changes only', async () => {
    const folder = manifestFolder();
    await folder.write('a.yaml', podYaml('a') + podYaml('b'));
    const sink = await follow(folder.path);
    expect(sink.calls).toEqual(['+a +b', 'problems', 'synced']);
    await folder.write('a.yaml', podYaml('a') + podYaml('b', '10.0.0.2') + podYaml('c'));
    await until(() => expect(sink.calls.at(-1)).toBe('+b +c'));
    await folder.remove('a.yaml');
    await until(() => expect(sink.words).toBe(''));
    expect(sink.calls.slice(3)).toEqual(['+b +c', '-a -b -c']);
  });

  test('a file that an editor replaces, a new folder, a moved file', async () => {
    const folder = manifestFolder();
    await folder.write('a.yaml', podYaml('a'));
    const sink = await follow(folder.path);
    await folder.replace('a.yaml', podYaml('a', '10.0.0.2'));
    await until(() => expect(sink.calls.at(-1)).toBe('+a'));
    await folder.write('sub/b.yaml', podYaml('b'));
    await until(() => expect(sink.words).toBe('a b'));
    await rename(`${folder.path}/a.yaml`, `${folder.path}/sub/a.yaml`);
    await until(() => expect(sink.calls.length).toBeGreaterThan(5));
    expect(sink.words).toBe('a b');
    expect(sink.calls.join(' ')).not.toContain('-a');
  });

  test('an object that turns invalid is kept, and comes back', async () => {
    const folder = manifestFolder();
    await folder.write('a.yaml', podYaml('a'));
    const sink = await follow(folder.path);
    await folder.write('a.yaml', podYaml('a', 'x'));
    await until(() => expect(sink.words).toBe('a!'));
    expect(sink.current).toMatchObject([{ code: 'Invalid', object: 'Pod/default/a' }]);
    await folder.write('a.yaml', podYaml('a'));
    await until(() => expect(sink.words).toBe('a'));
    expect(sink.current).toEqual([]);
  });

  test('unparsable YAML deletes nothing: what the file said is held, and the set is incomplete', async () => {
    const folder = manifestFolder();
    await folder.write('a.yaml', podYaml('a') + podYaml('b') + podYaml('c'));
    const sink = await follow(folder.path);
    await folder.write('a.yaml', `${podYaml('a')}---\na: "\n${podYaml('c')}`);
    await until(() => expect(sink.words).toBe('a b! c'));
    expect(sink.isIncomplete).toBe(true);
    expect(sink.calls.slice(3)).toEqual(['incomplete', '!b', 'problems']);
    await folder.write('a.yaml', podYaml('a') + podYaml('c'));
    await until(() => expect(sink.words).toBe('a c'));
    expect(sink.isIncomplete).toBe(false);
  });

  test('an immutable field: the change is refused and told until it is taken back', async () => {
    const folder = manifestFolder();
    const project = (type: string) =>
      `apiVersion: kube-dc.com/v1\nkind: Project\nmetadata: {name: p, namespace: o}\nspec: {egressNetworkType: ${type}}\n`;
    await folder.write('p.yaml', project('cloud'));
    const sink = await follow(folder.path);
    await folder.write('p.yaml', project('public'));
    await until(() => expect(sink.words).toBe('p!'));
    expect(sink.current).toMatchObject([{ code: 'Immutable', path: 'spec.egressNetworkType' }]);
    await folder.write('p.yaml', `# still\n${project('public')}`);
    await folder.write('other.yaml', podYaml('a'));
    await until(() => expect(sink.words).toBe('a p!'));
    await folder.write('p.yaml', project('cloud'));
    await until(() => expect(sink.words).toBe('a p'));
  });

  test('deleted and created again is another object', async () => {
    const folder = manifestFolder();
    const eip = (address: string) =>
      `apiVersion: kube-dc.com/v1\nkind: EIp\nmetadata: {name: e, namespace: n}\nspec: {ipAddress: ${address}}\n`;
    await folder.write('e.yaml', eip('10.0.0.1'));
    const sink = await follow(folder.path);
    await folder.remove('e.yaml');
    await until(() => expect(sink.words).toBe(''));
    await folder.write('e.yaml', eip('10.0.0.2'));
    await until(() => expect(sink.words).toBe('e'));
  });

  test('when the first of two duplicates goes, the other one takes its place', async () => {
    const folder = manifestFolder();
    await folder.write('a.yaml', podYaml('x', '10.0.0.1'));
    await folder.write('b.yaml', podYaml('x', '10.0.0.2'));
    const sink = await follow(folder.path);
    expect(sink.current).toMatchObject([{ code: 'Duplicate' }]);
    await folder.remove('a.yaml');
    await until(() => expect(sink.current).toEqual([]));
    expect(sink.state.get('Pod/default/x')).toMatchObject({
      metadata: { annotations: { 'network.kube-dc.com/ip-address': '10.0.0.2' } },
    });
  });

  test('a file that was just truncated is waited for', async () => {
    const folder = manifestFolder();
    await folder.write('a.yaml', podYaml('a'));
    const sink = await follow(folder.path, { emptyGraceMs: 400 });
    await folder.write('a.yaml', '');
    await folder.write('b.yaml', podYaml('b'));
    await until(() => expect(sink.words).toBe('a b'));
    await until(() => expect(sink.words).toBe('b'));
  });

  test('a folder that goes away takes nothing with it, and is followed again when it is back', async () => {
    const folder = manifestFolder();
    await folder.write('in/a.yaml', podYaml('a'));
    const sink = await follow(`${folder.path}/in`, { rescanMs: 50 });
    await folder.remove('in');
    await until(() => expect(sink.isIncomplete).toBe(true));
    expect(sink.words).toBe('a');
    expect(sink.current).toMatchObject([{ code: 'Unreadable', object: `${folder.path}/in` }]);
    await folder.write('in/b.yaml', podYaml('b'));
    await until(() => expect(sink.words).toBe('b'));
    await folder.write('in/b.yaml', podYaml('c'));
    await until(() => expect(sink.words).toBe('c'));
  });

  test.each([
    ['moved away and back', (path: string) => rename(`${path}.old`, path)],
    ['replaced by a copy', (path: string) => cp(`${path}.old`, path, { recursive: true })],
  ])('changes are not heard of any more after the folder was %s', async (_what, putBack) => {
    const parent = manifestFolder();
    await parent.write('in/sub/a.yaml', podYaml('a'));
    const folder = `${parent.path}/in`;
    // So long that nothing is found by looking.
    const sink = await follow(folder, { rescanMs: 1e9 });
    await rename(folder, `${folder}.old`);
    await until(() => expect(sink.isIncomplete).toBe(true));
    await putBack(folder);
    await until(() => expect(sink.isIncomplete).toBe(false));
    for (const file of ['in/b.yaml', 'in/sub/c.yaml']) await parent.write(file, podYaml(file.slice(-6, -5)));
    await until(() => expect(sink.words).toBe('a b c'));
    await rename(folder, `${folder}.gone`);
    await rename(`${folder}.gone`, folder);
    await parent.write('in/sub/d.yaml', podYaml('d'));
    await until(() => expect(sink.words).toBe('a b c d'));
    await parent.write('in/sub/e.yaml', podYaml('e'));
    await until(() => expect(sink.words).toBe('a b c d e'));
  });

  test('a change that nobody told of is found by looking', async () => {
    const folder = manifestFolder();
    await folder.write('..data/a.yaml', podYaml('a'));
    const { rename: move, symlink } = await import('node:fs/promises');
    await symlink('..data/a.yaml', `${folder.path}/a.yaml`);
    const sink = await follow(folder.path, { rescanMs: 30 });
    // As the kubelet updates a mounted ConfigMap: the folder behind the links is exchanged.
    await folder.write('..next/a.yaml', podYaml('b'));
    await move(`${folder.path}/..data`, `${folder.path}/..old`);
    await move(`${folder.path}/..next`, `${folder.path}/..data`);
    await until(() => expect(sink.words).toBe('b'));
  });

  test('a single file is followed, also when it is replaced', async () => {
    const folder = manifestFolder();
    await folder.write('a.yaml', podYaml('a'));
    await folder.write('b.yaml', podYaml('b'));
    const sink = await follow(`${folder.path}/a.yaml`);
    expect(sink.words).toBe('a');
    await folder.replace('a.yaml', podYaml('c'));
    await until(() => expect(sink.words).toBe('c'));
  });

  test('a path that does not exist ends the run', async () => {
    const source = createManifestSource(['/nonexistent'], { logger: silentLogger });
    await expect(source.run(new RecordingSink(), new AbortController().signal)).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
    });
  });

  test('aborting at once ends the run', async () => {
    const folder = manifestFolder();
    const source = createManifestSource([folder.path], { logger: silentLogger });
    await expect(source.run(new RecordingSink(), AbortSignal.abort())).resolves.toBeUndefined();
  });
});
