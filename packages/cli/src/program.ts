import { Command } from 'commander';
import type { Attach } from './command.ts';
import { contextOf } from './command.ts';
import { addActs } from './commands/acts.ts';
import { addBackup, addRestore } from './commands/backup.ts';
import { addCa } from './commands/ca.ts';
import { addChannels } from './commands/channels.ts';
import { addChat } from './commands/chat.ts';
import { addContacts } from './commands/contacts.ts';
import { addDevices } from './commands/devices.ts';
import { addExport } from './commands/export.ts';
import { addFiles } from './commands/files.ts';
import { addFind } from './commands/find.ts';
import { addId } from './commands/id.ts';
import { addNode } from './commands/node.ts';
import { addRead } from './commands/read.ts';
import { addRoute } from './commands/route.ts';
import { addSearch } from './commands/search.ts';
import { addSend } from './commands/send.ts';
import { addServer } from './commands/server.ts';
import { addSettings } from './commands/settings.ts';
import { addStatus } from './commands/status.ts';
import { addStop } from './commands/stop.ts';
import { exitCodesHelp } from './exit-codes.ts';
import type { Io } from './io.ts';

const COMMANDS = [
  addServer,
  addNode,
  addChat,
  addStatus,
  addChannels,
  addContacts,
  addSend,
  addRead,
  addFiles,
  addSearch,
  addActs,
  addExport,
  addSettings,
  addDevices,
  addFind,
  addRoute,
  addId,
  addBackup,
  addRestore,
  addCa,
  addStop,
];

const VERSION = '0.1.0';

/** The command with all its subcommands; `done` is told the exit code of the one that ran. */
export function buildProgram(io: Io, done: (code: number) => void): Command {
  const program = new Command('parley')
    .description('A peer-to-peer communication network that its users run themselves.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpCommand('help [command]', 'help for a command')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text), outputError: () => {} })
    .addHelpText(
      'after',
      `
Begin with a server that everybody can reach, and a node for each person:
  parley server --data hub --tls 0.0.0.0:4717
  parley node --connect HOST:4717
  parley chat

Commands other than server, node, id, backup, restore and ca speak to the node that runs on --data.

Environment:
  PARLEY_DATA        the data directory, where --data is not given
  PARLEY_PASSPHRASE  the passphrase, where --passphrase-file is not given
  NO_COLOR           no colours

${exitCodesHelp()}`,
    );
  const attach: Attach = (command, action) => {
    command.action(async (...all: unknown[]) => {
      const options = command.opts();
      // Commander passes the arguments first, then the options and the command.
      const args = all
        .slice(0, -2)
        .flat()
        .filter((value): value is string => typeof value === 'string');
      done(await action(contextOf(io, options), args, options));
    });
  };
  for (const add of COMMANDS) add(program, attach);
  for (const command of program.commands) inheritSettings(command, program);
  return program;
}

function inheritSettings(command: Command, from: Command): void {
  command.copyInheritedSettings(from);
  for (const sub of command.commands) inheritSettings(sub, command);
}
