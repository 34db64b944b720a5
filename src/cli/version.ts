// `ovn-projector version`.
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { CommandContext } from './command-context.ts';

/** Version of this package, from the package.json above `src` or `dist`. */
function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const parsed: unknown = JSON.parse(text);
  const version =
    typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : undefined;
  return typeof version === 'string' ? version : 'unknown';
}

export function versionCommand({ terminal }: CommandContext): Command {
  return new Command('version').description('print the version').action(() => {
    terminal.out(`ovn-projector ${packageVersion()} (Node.js ${process.versions.node})\n`);
  });
}
