// The flags of all commands: one spelling and one description each, with what they come to.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { isOwner, ownerNotation } from '../config/owner.ts';
import { type LogLevel, logLevels } from './logger.ts';

/** Where OVN's own tools look when nobody says otherwise. */
const defaultNorthbound = 'unix:/var/run/ovn/ovnnb_db.sock';

export interface CommonFlags {
  readonly logLevel?: LogLevel;
  /** False with `--no-color`. */
  readonly color: boolean;
}

export interface ConnectionFlags {
  readonly nb: string;
  readonly privateKey?: string;
  readonly certificate?: string;
  readonly caCert?: string;
  readonly tlsServerName?: string;
  /** Seconds. */
  readonly timeout: number;
}

export interface InputFlags {
  /** Absent: the objects of an API server. */
  readonly file?: readonly string[];
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly sb?: string;
  readonly config?: string;
  readonly owner?: string;
  readonly allowSharedNb: boolean;
}

/** Every command has these. */
export function addCommonFlags(command: Command): Command {
  return command
    .addOption(new Option('--log-level <level>', 'log to stderr as JSON lines').choices(logLevels))
    .option('--no-color', 'no colours, even on a terminal (as NO_COLOR does)');
}

/** Flags of commands that talk to NB. TLS flags are spelled as those of ovn-nbctl. */
export function addConnectionFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--nb <remote>', 'OVN Northbound database').env('OVN_NB_DB').default(defaultNorthbound),
    )
    .option('-p, --private-key <file>', 'TLS: our private key')
    .option('-c, --certificate <file>', 'TLS: our certificate')
    .option('-C, --ca-cert <file>', 'TLS: certificate of the CA that signed the server’s')
    .option(
      '--tls-server-name <name>',
      'TLS: name in the server’s certificate, when it is not the host of the remote',
    )
    .option('--timeout <seconds>', 'how long to wait for the databases', positiveNumber, 10);
}

/** Where the Kubernetes objects of routes are written to. */
export function objectsOutOption(): Option {
  return new Option(
    '--objects-out <dir>',
    'write the Kubernetes objects that routes of Services are made of into this folder, a file each',
  );
}

/** Flags of commands that read objects. */
export function addInputFlags(command: Command): Command {
  return command
    .option(
      '-f, --file <path...>',
      'YAML file or folder of them (with what is below); may be repeated; - is stdin. Without it the objects are those of an API server',
      collect,
    )
    .addOption(
      new Option(
        '--kubeconfig <file>',
        'how to reach the API server (default: $KUBECONFIG, the service account of a pod, ~/.kube/config)',
      ).conflicts('file'),
    )
    .addOption(
      new Option('--context <name>', 'context of the kubeconfig (default: its current one)').conflicts(
        'file',
      ),
    )
    .addOption(
      new Option('--sb <remote>', 'OVN Southbound database, to know the gateway chassis').env('OVN_SB_DB'),
    )
    .option('--config <file>', 'configuration of this instance (YAML)')
    .option(
      '--owner <name>',
      'mark on every row of this instance (default: from the configuration, else "default")',
      ownerName,
    )
    .option(
      '--allow-shared-nb',
      'go on although another controller (Kube-OVN) writes to this database',
      false,
    );
}

function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

/** As an owner in the configuration. */
export function ownerName(text: string): string {
  if (!isOwner(text)) throw new InvalidArgumentError(`It must be ${ownerNotation}.`);
  return text;
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}
