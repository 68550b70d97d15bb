/**
 * Makes docs/images/chat.svg: a real network of a server and four nodes, a conversation, and what the terminal chat of one of them
 * shows. Needs tmux, which keeps the terminal.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureBuilt, ensureDependencies, exitWith } from './lib/prepare.mjs';
import { ROOT } from './lib/root.mjs';
import { terminalSvg } from './lib/terminal-svg.mjs';

const COLUMNS = 100;
const ROWS = 27;
const COMMAND = join(ROOT, 'packages/cli/bin/parley.js');

/** @typedef {{ stop: () => Promise<void>, ready: { tls: string } }} Started */

/**
 * @param {readonly string[]} args
 * @returns {Promise<Started>}
 */
function startNode(args) {
  const child = spawn(process.execPath, [COMMAND, ...args, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => child.once('exit', () => resolve()));
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve({ stop, ready: JSON.parse(line) }));
    child.once('exit', () => reject(new Error(`parley ${args.join(' ')} ended`)));
  });
}

/**
 * @param {string} data
 * @param {...string} args
 */
function parley(data, ...args) {
  return execFileSync(process.execPath, [COMMAND, ...args, '--data', data], { encoding: 'utf8' });
}

/**
 * Until it succeeds: what one node did reaches the others in a moment.
 *
 * @param {() => void} attempt
 */
async function until(attempt) {
  for (let left = 50; ; left--) {
    try {
      return attempt();
    } catch (error) {
      if (left === 0) throw error;
      await sleep(100);
    }
  }
}

/**
 * @param {(name: string) => string} data
 * @param {(name: string) => Promise<void>} leave
 */
async function converse(data, leave) {
  const say = (/** @type {string} */ name, /** @type {string} */ text, channel = 'lobby', wait = 'delivered') =>
    parley(data(name), 'send', channel, text, '--wait', wait);
  for (const channel of ['lobby', 'garden', 'night-shift']) {
    parley(data('alice'), 'channels', 'create', channel);
    for (const name of ['bob', 'carol', 'dora']) await until(() => parley(data(name), 'channels', 'join', channel));
  }
  say('bob', 'Good morning! Is anybody up already?');
  say('alice', 'Since five. The hub was restarted last night, did you notice anything?');
  say('bob', 'Nothing at all. What I wrote meanwhile was delivered when it came back.');
  say('carol', 'Same here. I was on the train, and got 40 messages in the right order as soon as there was a network 🚆');
  say('carol', 'Who looks after the garden today?');
  say('alice', 'I can, from four o’clock on. What is there to do?');
  say('dora', 'Water the tomatoes, tie up the beans:\n  - twine is in the shed\n  - ladder is at 日向’s place');
  say('dora', 'I have to go. See you on Sunday!');
  await leave('dora');
  say('alice', 'I will. Thank you, Dora!', 'lobby', 'stored');
  say('alice', 'bob, can you bring the ladder?', 'lobby', 'stored');
}

await exitWith(async () => {
  await ensureDependencies();
  await ensureBuilt(['packages/cli']);
  const directory = mkdtempSync(join(tmpdir(), 'parley-screenshot-'));
  const data = (/** @type {string} */ name) => join(directory, name);
  const socket = `parley-screenshot-${process.pid}`;
  const tmux = (/** @type {string[]} */ ...args) => execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], { encoding: 'utf8' });
  /** @type {Map<string, Started>} */
  const running = new Map();
  const leave = async (/** @type {string} */ name) => {
    await running.get(name)?.stop();
    running.delete(name);
  };
  try {
    const hub = await startNode(['server', '--data', data('hub'), '--name', 'hub', '--tls', '127.0.0.1:0', '--http', '127.0.0.1:0']);
    running.set('hub', hub);
    for (const name of ['alice', 'bob', 'carol', 'dora']) {
      running.set(name, await startNode(['node', '--data', data(name), '--name', name, '--connect', hub.ready.tls, '--lan', 'off']));
    }
    await converse(data, leave);
    const command = `'${process.execPath}' '${COMMAND}' chat lobby --data '${data('alice')}'`;
    tmux('new-session', '-d', '-x', String(COLUMNS), '-y', String(ROWS), `TERM=screen-256color ${command}`);
    await until(() => {
      if (!tmux('capture-pane', '-p').includes('ladder?')) throw new Error('the chat does not show the conversation');
    });
    parley(data('bob'), 'send', 'garden', 'Ladder is on the bike.');
    parley(data('carol'), 'send', 'garden', 'alice, the beans first, please.');
    parley(data('bob'), 'send', 'night-shift', 'All quiet.');
    tmux('send-keys', '-l', 'See you all at f');
    await until(() => {
      if (!/night-shift +1/.test(tmux('capture-pane', '-p'))) throw new Error('the chat does not show what is unread');
    });
    await sleep(300);
    const target = join(ROOT, 'docs/images/chat.svg');
    const [column = 0, row = 0] = tmux('display-message', '-p', '#{cursor_x} #{cursor_y}').trim().split(' ').map(Number);
    const svg = terminalSvg(tmux('capture-pane', '-e', '-p'), {
      columns: COLUMNS,
      rows: ROWS,
      cursor: { column, row },
      title: 'parley chat',
    });
    writeFileSync(target, svg);
    console.log(`wrote ${target}`);
    tmux('kill-server');
  } finally {
    for (const name of [...running.keys()].reverse()) await leave(name);
    rmSync(directory, { recursive: true, force: true });
  }
});
