// `ovn-projector crd`: the kinds, as Kubernetes wants to be told of them.
import { Command } from 'commander';
import { stringify } from 'yaml';
import { customResourceDefinitions } from '../api/crds.ts';
import type { CommandContext } from './command-context.ts';

const examples = `
Example:
  $ ovn-projector crd | kubectl apply -f -
`;

export function crdCommand({ terminal }: CommandContext): Command {
  return new Command('crd')
    .description('print the CustomResourceDefinitions of every kind that ovn-projector reads')
    .addHelpText('after', examples)
    .action(() => {
      const documents = customResourceDefinitions().map((definition) =>
        stringify(definition, { lineWidth: 0, aliasDuplicateObjects: false }),
      );
      terminal.out(documents.join('---\n'));
    });
}
