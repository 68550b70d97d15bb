// Answers "!echo TEXT" in a channel:  node examples/echo-bot.mjs CHANNEL [--data DIR]
//
// It speaks to the running node of DIR through the command, as a script in any language can: `read --follow --json` prints
// one message a line, over restarts of the node, and `send` says something.
import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PARLEY = fileURLToPath(new URL('../parley', import.meta.url));
const [channel = 'lobby', ...where] = process.argv.slice(2);
const run = promisify(execFile);

const following = spawn(PARLEY, ['read', channel, '--follow', '--limit', '0', '--json', ...where], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
following.on('exit', (code) => {
  process.exitCode = code ?? 0;
});
process.on('SIGTERM', () => following.kill());
process.on('SIGINT', () => following.kill());

for await (const line of createInterface({ input: following.stdout })) {
  const { own, text, sender } = JSON.parse(line);
  // Never answer oneself, or two bots answer each other for ever.
  if (own || !text.startsWith('!echo ')) continue;
  const answer = `${sender.display} says: ${text.slice('!echo '.length)}`;
  await run(PARLEY, ['send', channel, answer, ...where]).catch((error) => console.error(error.message));
}
