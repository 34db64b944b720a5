// An OVN central of one's own: real ovsdb-server for NB and SB and a real ovn-northd, in a temporary folder.
import type { ChildProcess } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CodedError } from '../base/errors.ts';
import { findProgram, output, programFolders, startDaemon, stopDaemon } from './child.ts';
import { schemaFile } from './schema-file.ts';

/** A running OVN central. Its servers listen on unix sockets in `directory` only, so no root is needed. */
export interface EmbeddedOvn {
  readonly directory: string;
  /** `unix:/…/nb.sock` */
  readonly nb: string;
  /** `unix:/…/sb.sock` */
  readonly sb: string;
  /** Runs `ovn-nbctl` on this NB and returns its output. */
  nbctl(...args: readonly string[]): Promise<string>;
  /** Runs `ovn-sbctl` on this SB and returns its output. */
  sbctl(...args: readonly string[]): Promise<string>;
  /** What ovn-northd has logged so far. */
  northdLog(): Promise<string>;
  /** Ends every process and removes the folder, unless the caller named it. */
  stop(): Promise<void>;
}

export interface EmbeddedOvnOptions {
  /** Where to keep databases, sockets and logs; made when missing, kept by `stop`. Default: a temporary folder. */
  readonly directory?: string;
  /** Where OVN's programs are looked for. Default: the PATH, then the usual folders of daemons. */
  readonly programFolders?: readonly string[];
}

const neededPrograms = ['ovsdb-server', 'ovsdb-tool', 'ovn-northd', 'ovn-nbctl', 'ovn-sbctl'] as const;
type NeededProgram = (typeof neededPrograms)[number];
/** Full path of each. */
type Programs = Readonly<Record<NeededProgram, string>>;

/**
 * Starts the three servers and resolves when ovn-northd has compiled the (empty or kept) NB.
 * @throws EMBEDDED_PROGRAM_MISSING, EMBEDDED_SCHEMA_MISSING, EMBEDDED_START_FAILED
 */
export async function startEmbeddedOvn(options: EmbeddedOvnOptions = {}): Promise<EmbeddedOvn> {
  const programs = locatePrograms(options.programFolders ?? programFolders());
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'ovn-projector-')));
  await mkdir(directory, { recursive: true });
  const children: ChildProcess[] = [];
  const temporary = options.directory === undefined;
  const removeOnExit = (): void => rmSync(directory, { recursive: true, force: true });
  if (temporary) process.once('exit', removeOnExit);
  const stop = async (): Promise<void> => {
    for (const child of children.toReversed()) await stopDaemon(child);
    if (temporary) await rm(directory, { recursive: true, force: true });
    process.off('exit', removeOnExit);
  };
  const central = handle(directory, programs, stop);
  try {
    for (const database of ['nb', 'sb'] as const)
      children.push(await startDatabase(database, directory, programs));
    children.push(await startNorthd(central, programs));
    await untilCompiled(central, children);
    return central;
  } catch (error) {
    const logs = await readLogs(directory);
    await stop();
    if (error instanceof CodedError) throw error;
    throw new CodedError('EMBEDDED_START_FAILED', `the embedded OVN did not start${logs}`, {
      retryable: false,
      cause: error,
    });
  }
}

function handle(directory: string, programs: Programs, stop: () => Promise<void>): EmbeddedOvn {
  const nb = `unix:${join(directory, 'nb.sock')}`;
  const sb = `unix:${join(directory, 'sb.sock')}`;
  return {
    directory,
    nb,
    sb,
    nbctl: (...args) => output(programs['ovn-nbctl'], [`--db=${nb}`, ...args]),
    sbctl: (...args) => output(programs['ovn-sbctl'], [`--db=${sb}`, ...args]),
    northdLog: () => readFile(join(directory, 'northd.log'), 'utf8'),
    stop,
  };
}

function locatePrograms(folders: readonly string[]): Programs {
  const missing = neededPrograms.filter((name) => findProgram(name, folders) === undefined);
  if (missing.length > 0)
    throw new CodedError(
      'EMBEDDED_PROGRAM_MISSING',
      `not installed: ${missing.join(', ')}; install OVN, for example ` +
        '`apt-get install ovn-central` (Debian, Ubuntu) or `dnf install ovn-central` (Fedora), ' +
        'or use `docker compose up`, which brings its own',
      { retryable: false },
    );
  const path = (name: NeededProgram): string => findProgram(name, folders) ?? name;
  return {
    'ovsdb-server': path('ovsdb-server'),
    'ovsdb-tool': path('ovsdb-tool'),
    'ovn-northd': path('ovn-northd'),
    'ovn-nbctl': path('ovn-nbctl'),
    'ovn-sbctl': path('ovn-sbctl'),
  };
}

async function startDatabase(
  database: 'nb' | 'sb',
  directory: string,
  programs: Programs,
): Promise<ChildProcess> {
  const file = join(directory, `${database}.db`);
  if (!existsSync(file)) {
    const version = /Schema (\S+)/.exec(await output(programs[`ovn-${database}ctl`], ['--version']))?.[1];
    const schema = schemaFile(database, version);
    if (schema === undefined)
      throw new CodedError('EMBEDDED_SCHEMA_MISSING', `no file ovn-${database}.ovsschema found`, {
        retryable: false,
      });
    await output(programs['ovsdb-tool'], ['create', file, schema]);
  }
  const socket = join(directory, `${database}.sock`);
  await rm(socket, { force: true });
  const args = [`--remote=punix:${socket}`, ...daemonArguments(directory, database), file];
  const child = await startDaemon(programs['ovsdb-server'], args, environment(directory));
  await until(() => existsSync(socket), [child], `ovsdb-server for ${database.toUpperCase()}`);
  return child;
}

async function startNorthd(central: EmbeddedOvn, programs: Programs): Promise<ChildProcess> {
  const args = [`--ovnnb-db=${central.nb}`, `--ovnsb-db=${central.sb}`];
  args.push(...daemonArguments(central.directory, 'northd'));
  return startDaemon(programs['ovn-northd'], args, environment(central.directory));
}

/** northd answers a rise of `nb_cfg` with `sb_cfg`: the sign that it is up and has compiled what there is. */
async function untilCompiled(central: EmbeddedOvn, children: readonly ChildProcess[]): Promise<void> {
  await central.nbctl('init');
  let answered = false;
  const answer = central.nbctl('--timeout=20', '--wait=sb', 'sync').finally(() => {
    answered = true;
  });
  await Promise.race([answer, until(() => answered, children, 'ovn-northd')]);
}

function daemonArguments(directory: string, name: string): string[] {
  return [
    `--unixctl=${join(directory, `${name}.ctl`)}`,
    `--log-file=${join(directory, `${name}.log`)}`,
    '--verbose=console:off',
    '--verbose=syslog:off',
  ];
}

function environment(directory: string): Record<string, string> {
  const variables = ['OVS_RUNDIR', 'OVS_LOGDIR', 'OVS_DBDIR', 'OVN_RUNDIR', 'OVN_LOGDIR', 'OVN_DBDIR'];
  return Object.fromEntries(variables.map((variable) => [variable, directory]));
}

async function until(
  holds: () => boolean,
  children: readonly ChildProcess[],
  what: string,
  timeoutMs = 20_000,
): Promise<void> {
  const giveUpAt = Date.now() + timeoutMs;
  while (!holds()) {
    const ended = children.some((child) => child.exitCode !== null || child.signalCode !== null);
    if (ended || Date.now() > giveUpAt)
      throw new Error(`${what} ${ended ? 'ended at once' : `is not up after ${timeoutMs} ms`}`);
    await delay(10);
  }
}

async function readLogs(directory: string): Promise<string> {
  const names = ['nb.log', 'sb.log', 'northd.log'];
  const texts = await Promise.all(
    names.map((name) => readFile(join(directory, name), 'utf8').catch(() => '')),
  );
  const tail = texts.join('').trim().split('\n').slice(-10).join('\n');
  return tail === '' ? '' : `:\n${tail}`;
}
