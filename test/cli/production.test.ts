// The program as its image has it: compiled, with production packages alone, unable to write, and as nobody in particular.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startEmbeddedOvn } from '../../src/embedded/central.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const nobody = 65_532;

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly optional?: boolean }>>;
}

/** Links to every package of the lock file that `npm ci --omit=dev` would install, and to no other one. */
function installProduction(folder: string): void {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  for (const [path, { dev = false, optional = false }] of Object.entries(packages)) {
    // Packages within packages come with them.
    const isOwn = path.lastIndexOf('node_modules/') === 0;
    if (!isOwn || dev || optional) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(join(root, path), join(folder, path));
  }
}

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'production-test-'));
  chmodSync(folder, 0o755);
  installProduction(folder);
  const out = join(folder, 'dist');
  const compiler = join(root, 'node_modules/.bin/tsc');
  const build = spawn(compiler, ['-p', 'tsconfig.build.json', '--outDir', out], {
    cwd: root,
    stdio: 'inherit',
  });
  const [code] = await once(build, 'exit');
  if (code !== 0) throw new Error('the program cannot be compiled');
  for (const name of ['package.json', 'ovsdb-schema']) symlinkSync(join(root, name), join(folder, name));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Packages are looked for beside the links, not beside what they lead to, where the others are. */
const flags = ['--preserve-symlinks', '--preserve-symlinks-main', '--permission', '--allow-fs-read=*'];

/** Somebody who owns nothing here; ourselves where that one cannot read the packages. */
function somebody(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const who = { uid: nobody, gid: nobody };
  return spawnSync('test', ['-r', join(root, 'node_modules/undici/package.json')], who).status === 0
    ? who
    : {};
}

async function run(args: readonly string[]): Promise<{ code: unknown; output: string }> {
  const child = spawn(process.execPath, [...flags, join(folder, 'dist/main.js'), ...args], {
    env: { PATH: process.env['PATH'] },
    ...somebody(),
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (text) => (output += String(text)));
  child.stderr.on('data', (text) => (output += String(text)));
  const [code] = await once(child, 'close');
  return { code, output };
}

test('it starts', async () => {
  expect(await run(['version'])).toMatchObject({
    code: 0,
    output: expect.stringContaining('ovn-projector '),
  });
});

test('it has what it takes to read credentials of an API server', async () => {
  const { code, output } = await run(['run', '--kubeconfig', '/nowhere', '--nb', 'unix:/nowhere']);
  expect(output).toMatch(/credentials .* cannot be used: ENOENT/);
  expect(code).toBe(1);
});

test('it programs a database', async () => {
  const ovn = await startEmbeddedOvn();
  onTestFinished(() => ovn.stop());
  const socket = ovn.nb.replace('unix:', '');
  chmodSync(dirname(socket), 0o755);
  chmodSync(socket, 0o777);
  const { code, output } = await run(['apply', '-f', join(root, 'examples/minimal'), '--nb', ovn.nb]);
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(await ovn.nbctl('show')).toContain('acme-first-default');
});
