// The program: its commands, its help, and from arguments to an exit code.
import { Command, CommanderError } from 'commander';
import { applyCommand } from './apply.ts';
import { crdCommand } from './crd.ts';
import { demoCommand } from './demo/command.ts';
import type { CommandContext } from './command-context.ts';
import { formatError } from './error-text.ts';
import { addCommonFlags } from './flags.ts';
import { planCommand } from './plan.ts';
import { runCommand } from './run.ts';
import { showCommand } from './show/command.ts';
import type { Terminal } from './terminal.ts';
import { traceCommand } from './trace/command.ts';
import { versionCommand } from './version.ts';

const description = `Keeps an OVN Northbound database equal to what the objects of a Kubernetes API server, or of
YAML files, mean: projects with networks of their own, a way out, floating IPs and load balancers.`;

const examples = `
First steps:
  $ ovn-projector demo                        see it all on an OVN of its own, nothing touched
  $ ovn-projector plan  -f networks/          what would change, object by object
  $ ovn-projector apply -f networks/          change it
  $ ovn-projector run   -f networks/          stay, and follow the files and the database
  $ ovn-projector run                         the same with the API server of a kubeconfig or a pod
  $ ovn-projector show                        the networks that are there now
  $ ovn-projector trace shalb-demo/nginx-0 8.8.8.8:53 --udp
                                              which way a packet goes, or what keeps it

REMOTE is OVSDB's syntax: unix:/path, tcp:host:port, ssl:host:port, several separated by commas.
Without --nb it is $OVN_NB_DB, else unix:/var/run/ovn/ovnnb_db.sock, as for ovn-nbctl.
Each command explains itself: ovn-projector plan --help
`;

/** The whole command line as commander has it; the reference in `docs/` is made from it. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('ovn-projector').description(description).addHelpText('after', examples);
  const commands = [
    planCommand(context),
    applyCommand(context),
    runCommand(context),
    showCommand(context),
    traceCommand(context),
    crdCommand(context),
    demoCommand(context),
    versionCommand(context),
  ];
  for (const command of commands) {
    addCommonFlags(command);
    program.addCommand(command);
  }
  const { out, err } = context.terminal;
  for (const command of [program, ...commands]) {
    command
      .exitOverride()
      .configureOutput({ writeOut: out, writeErr: err, outputError: (text) => err(text) })
      .showHelpAfterError(`  see: ${command === program ? '' : `${program.name()} `}${command.name()} --help`)
      .configureHelp({ helpWidth: 100 });
  }
  return program.helpCommand('help [command]', 'explain a command');
}

/**
 * Runs the command line `args` (without program name) to its end, or until `signal` is aborted.
 * Returns the exit code: each command's own, and 1 for whatever could not be done.
 */
export async function runCli(
  args: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  let exitCode = 0;
  const program = createProgram({
    terminal,
    signal,
    exit: (code) => {
      exitCode = code;
    },
    run: (inner, innerTerminal) => runCli(inner, innerTerminal, signal),
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has said already what is wrong with the arguments, or printed the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode;
    terminal.err(
      signal.aborted ? 'error: interrupted; what was committed until now stays\n' : formatError(error),
    );
    if (args.includes('debug') && error instanceof Error) terminal.err(`${error.stack ?? ''}\n`);
    return 1;
  }
}
