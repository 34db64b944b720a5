#!/usr/bin/env node
// The program's entry: arguments in, exit code out.
import { interruption } from './cli/interruption.ts';
import { runCli } from './cli/program.ts';
import { processTerminal } from './cli/terminal.ts';

process.exitCode = await runCli(process.argv.slice(2), processTerminal(process), interruption());
