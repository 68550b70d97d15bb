import type { AddCommand } from '../command.ts';
import { addNodeOptions, runNode } from './run-node.ts';

export const addNode: AddCommand = (program, attach) => {
  const command = addNodeOptions(program.command('node').description('run a node that stands for a person'));
  command.addHelpText(
    'after',
    '\nWithout --tls a free port takes links of the local network; with --lan off it dials only. Works behind any NAT. Runs until Ctrl-C or SIGTERM.',
  );
  attach(command, (context, _, options) => runNode(context, options, 'client'));
};
