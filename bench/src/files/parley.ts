import { join } from 'node:path';
import { aboutFile, type FileAbout } from '@parley/core';
import { type HostNode, startHostNode } from '@parley/host';
import type { Subject } from '../lib/bench.ts';
import { temporaryFolder } from '../lib/folder.ts';
import { delay, now } from '../lib/time.ts';
import { makeFilm } from './film.ts';
import { CpuMeter, type FileRoles, type Giver, type Taker } from './roles.ts';

const channelName = 'films';

const start = (folder: string, name: string, more: { tls?: string; connect?: string[] }): Promise<HostNode> =>
  startHostNode({ data: join(folder, 'data'), nodeType: 'client', name, http: false, lan: false, ...more });

/** Nothing tells of every change that a bench waits for. */
async function until<T>(ask: () => T | undefined): Promise<T> {
  for (;;) {
    const answer = ask();
    if (answer !== undefined) return answer;
    await delay(10);
  }
}

function createGiver(): Giver {
  const folder = temporaryFolder();
  const film = join(folder, 'film.bin');
  let host: HostNode | undefined;
  let channel = '';
  let meter: CpuMeter | undefined;
  const running = (): HostNode => {
    if (!host) throw new Error('not running');
    return host;
  };
  return {
    async listen(bytes) {
      await makeFilm(film, bytes);
      host = await start(folder, 'giver', { tls: '127.0.0.1:0' });
      channel = (await host.node.channels.create(channelName)).id;
      return host.ready.tls ?? '';
    },
    async prepare() {
      const { node } = running();
      await until(() => (node.channels.members(channel).length > 1 ? true : undefined));
      const from = now();
      const file = await node.files.offer(film, channel);
      const took = now() - from;
      await node.channels.send(channel, 'a film', { attachments: [{ ...file, type: 'application/octet-stream' }] });
      return took;
    },
    begin() {
      meter = new CpuMeter();
    },
    async done() {
      const cost = meter?.cost();
      if (!cost) throw new Error('not begun');
      await running().stop();
      return cost;
    },
  };
}

function createTaker(): Taker {
  const folder = temporaryFolder();
  let host: HostNode | undefined;
  let named: Promise<{ about: FileAbout; channel: string; sender: string }> | undefined;
  return {
    async connect(address) {
      const started = await start(folder, 'taker', { connect: [address] });
      host = started;
      const { channels } = started.node;
      named = new Promise((resolve) => {
        channels.events.on('message', ({ message }) => {
          const about = message.attachments[0] && aboutFile(message.attachments[0]);
          if (about) resolve({ about, channel: message.channelId, sender: message.sender });
        });
      });
      const { id } = await until(() => channels.list().find(({ name }) => name === channelName));
      await channels.join(id);
    },
    async ready() {
      await named;
    },
    async take() {
      const about = await named;
      if (!host || !about) throw new Error('not connected');
      const { files } = host.node;
      const meter = new CpuMeter();
      const from = now();
      const over = new Promise<void>((resolve, reject) => {
        files.events.on('file', ({ standing }) => {
          if (standing.state === 'here') resolve();
          else if (standing.state === 'failed') reject(new Error(standing.error?.message));
        });
      });
      await files.fetch(about.about, about.channel, about.sender);
      await over;
      const done = { from, at: now(), ...meter.cost() };
      await host.stop();
      return done;
    },
  };
}

/** Two whole nodes as the command runs them, each with its store and its folder of files, over a link of TLS. */
export const parleyFiles: Subject<FileRoles> = { roles: { giver: createGiver, taker: createTaker } };
