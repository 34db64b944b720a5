// Reading real files once.
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { objectKey } from '../../../src/api/api-object.ts';
import { loadManifests } from '../../../src/source/manifests/load-manifests.ts';
import { manifestFolder, podYaml } from '../../support/manifest-folder.ts';

const keys = (loaded: Awaited<ReturnType<typeof loadManifests>>) => loaded.objects.map(objectKey);

describe('loadManifests', () => {
  test('takes YAML and JSON from folders, subfolders and links, and nothing that is hidden', async () => {
    const folder = manifestFolder();
    await folder.write('b.yaml', podYaml('b'));
    await folder.write('sub/deep/c.yml', podYaml('c'));
    await folder.write('d.json', '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"d"}}');
    await folder.write('..data/e.yaml', podYaml('e'));
    await symlink('..data/e.yaml', join(folder.path, 'e.yaml'));
    await symlink('..', join(folder.path, 'sub/loop'));
    await folder.write('notes.txt', 'not: read: at all');
    const loaded = await loadManifests([folder.path]);
    expect(keys(loaded)).toEqual(['b', 'c', 'd', 'e'].map((name) => `Pod/default/${name}`));
    expect(loaded).toMatchObject({ problems: [], complete: true });
  });

  test('a file that is named is read whatever it is called, and once', async () => {
    const folder = manifestFolder();
    await folder.write('pods.txt', podYaml('a'));
    const file = join(folder.path, 'pods.txt');
    expect(keys(await loadManifests([file, folder.path, file]))).toEqual(['Pod/default/a']);
  });

  test('unparsable YAML: file, line and column; the rest counts; the set is not complete', async () => {
    const folder = manifestFolder();
    await folder.write('a.yaml', `${podYaml('a')}---\na: b: c\n${podYaml('b')}`);
    const loaded = await loadManifests([folder.path]);
    expect(keys(loaded)).toEqual(['Pod/default/a', 'Pod/default/b']);
    expect(loaded.complete).toBe(false);
    const file = join(folder.path, 'a.yaml');
    expect(loaded.problems).toMatchObject([{ code: 'Unparsable', object: file }]);
    expect(loaded.problems[0]?.message).toContain(`${file}:8:`);
  });

  test('a rejected object is named with its place, and its key is told', async () => {
    const folder = manifestFolder();
    await folder.write('a.yaml', podYaml('a') + podYaml('b', '10.0.0'));
    const loaded = await loadManifests([folder.path]);
    expect(loaded).toMatchObject({ complete: true, invalidKeys: new Set(['Pod/default/b']) });
    expect(loaded.problems).toMatchObject([{ code: 'Invalid', object: 'Pod/default/b' }]);
    expect(loaded.problems[0]?.hint).toContain(`(${join(folder.path, 'a.yaml')}:12)`);
  });

  test('an object in two places: both are named, the first file wins', async () => {
    const folder = manifestFolder();
    await folder.write('z.yaml', podYaml('a', '10.0.0.2'));
    await folder.write('b.yaml', podYaml('a', '10.0.0.1'));
    const loaded = await loadManifests([folder.path]);
    expect(loaded.objects).toMatchObject([
      { metadata: { annotations: { 'network.kube-dc.com/ip-address': '10.0.0.1' } } },
    ]);
    expect(loaded.problems).toMatchObject([{ code: 'Duplicate', object: 'Pod/default/a' }]);
    expect(loaded.problems[0]?.message).toMatch(/b\.yaml:1 and in .*z\.yaml:1/);
  });

  test('the order of the given paths comes before the names of the files', async () => {
    const [first, second] = [manifestFolder(), manifestFolder()];
    await first.write('z.yaml', podYaml('a', '10.0.0.1'));
    await second.write('a.yaml', podYaml('a', '10.0.0.2'));
    const { problems } = await loadManifests([first.path, second.path]);
    expect(problems[0]?.hint).toContain(`the one in ${first.path}`);
  });

  test('what cannot be read makes the set incomplete', async () => {
    const folder = manifestFolder();
    await folder.write('a.yaml', podYaml('a'));
    await symlink('nowhere.yaml', join(folder.path, 'gone.yaml'));
    const loaded = await loadManifests([folder.path]);
    expect(loaded).toMatchObject({ complete: false, problems: [{ code: 'Unreadable' }] });
    expect(keys(loaded)).toEqual(['Pod/default/a']);
  });

  test('a text that is not UTF-8 is unreadable', async () => {
    const folder = manifestFolder();
    await folder.write('a.yaml', Buffer.from([0x61, 0x3a, 0xff, 0xfe]).toString('latin1'));
    await folder.write('b.yaml', '');
    const { writeFile } = await import('node:fs/promises');
    await writeFile(join(folder.path, 'b.yaml'), Buffer.from([0x61, 0x3a, 0xff, 0xfe]));
    const { problems } = await loadManifests([join(folder.path, 'b.yaml')]);
    expect(problems).toMatchObject([
      { code: 'Unreadable', hint: expect.stringContaining('readable') as unknown },
    ]);
  });

  test('a path that does not exist is an error with its name', async () => {
    await expect(loadManifests(['/nonexistent/folder'])).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      message: expect.stringContaining('/nonexistent/folder') as unknown,
    });
  });

  test('warnings are told, other kinds are left alone', async () => {
    const folder = manifestFolder();
    await folder.write('a.yaml', 'apiVersion: kube-dc.com/v1\nkind: Organization\nmetadata: {name: o}\n');
    expect(await loadManifests([folder.path])).toMatchObject({
      complete: true,
      problems: [{ code: 'UnknownKind', severity: 'warning' }],
    });
  });
});
