import type { AddCommand } from '../command.ts';
import { addNodeOptions, runNode } from './run-node.ts';

export const addServer: AddCommand = (program, attach) => {
  const command = addNodeOptions(
    program.command('server').description('run a node that relays, stores for those who are away, and is a way into the network'),
  );
  command.addHelpText(
    'after',
    '\nWithout --tls it listens on 0.0.0.0:4717, without --udp on the same address, without --http on 127.0.0.1:4718. Runs until Ctrl-C or SIGTERM.',
  );
  attach(command, (context, _, options) => runNode(context, options, 'server'));
};
