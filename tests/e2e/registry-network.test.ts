import { afterEach, describe, expect, it } from 'vitest';
import { Lab, until } from './host-lab.ts';
import type { Started } from './lib/group.mjs';
import { Group } from './lib/group.ts';

/** `npm run soak` takes the whole size; among all other tests there is not the time for it. */
const SOAK = process.env.PARLEY_SOAK !== undefined;
const SERVERS = SOAK ? 20 : 8;
const CLIENTS = SOAK ? 200 : 24;
/** Processes that the clients share. */
const GROUPS = SOAK ? 4 : 2;
/** The entry point is among them. */
const VICTIMS = SOAK ? [0, 3, 9, 14, 18] : [0, 3];
const SURVIVORS = Array.from({ length: SERVERS }, (_, i) => i).filter((i) => !VICTIMS.includes(i));
const CHANNELS = SOAK ? 4 : 3;
const MEMBERS = SOAK ? 10 : 8;
/** Of each member of a channel. */
const MESSAGES = 6;
/** How long any one thing may take, on a machine under load. */
const LIMIT_MS = 240_000;
/** To look for everybody is work for the whole network. */
const LOOK_AGAIN_MS = 250;

interface Server extends Started {
  readonly group: Group;
  /** Its number in the group. */
  readonly at: number;
}

interface Client extends Started {
  readonly group: Group;
  /** Its number in the group. */
  readonly at: number;
  readonly text: string;
  /** Numbers of its servers: the first may be killed, the second lives. */
  readonly home: number;
  readonly other: number;
}

/** The servers of a client: each server is the first of some clients, each survivor the second of some. */
function homeOf(client: number): { home: number; other: number } {
  const home = client % SERVERS;
  const at = client * 7 + Math.floor(client / SERVERS);
  const [other = 0] = [at, at + 1].map((i) => SURVIVORS[i % SURVIVORS.length] as number).filter((server) => server !== home);
  return { home, other };
}

/** The other members of a member's channel. */
function othersOf(talkers: readonly Client[], at: number): Client[] {
  const first = at - (at % MEMBERS);
  return talkers.slice(first, first + MEMBERS).filter((other) => other !== talkers[at]);
}

describe(`${SERVERS} servers and ${CLIENTS} clients on real sockets`, () => {
  const lab = new Lab();
  afterEach(() => lab.close());

  const newGroup = (): Group => {
    const group = new Group();
    lab.after(() => group.kill());
    return group;
  };

  async function startServers(): Promise<Server[]> {
    const startAt = async (numbers: readonly number[], connect: string[]): Promise<[number, Server][]> => {
      const group = newGroup();
      const started = await group.call(
        'start',
        numbers.map((i) => ({ data: lab.dir(`server${i}`), nodeType: 'server', name: `server${i}`, tls: '127.0.0.1:0', connect })),
      );
      return started.map((server, at) => [numbers[at] as number, { ...server, group, at }]);
    };
    const [entry, ...victims] = VICTIMS;
    const [first] = await startAt([entry as number], []);
    const connect = [first?.[1].tls ?? ''];
    // Who is killed is a process, as a server is; of those who live each is one where there is the time for it.
    const processes = [...victims.map((i) => [i]), ...(SOAK ? SURVIVORS.map((i) => [i]) : [SURVIVORS])];
    const others = (await Promise.all(processes.map((numbers) => startAt(numbers, connect)))).flat();
    const all = new Map([...(first ? [first] : []), ...others]);
    return Array.from({ length: SERVERS }, (_, i) => all.get(i) as Server);
  }

  async function startClients(servers: readonly Server[]): Promise<Client[]> {
    const tls = (i: number): string => servers[i]?.tls ?? '';
    const ofGroups = Array.from({ length: GROUPS }, async (_, which) => {
      const group = newGroup();
      const numbers = Array.from({ length: CLIENTS / GROUPS }, (__, at) => at * GROUPS + which);
      const started = await group.call(
        'start',
        numbers.map((i) => {
          const { home, other } = homeOf(i);
          return { data: lab.dir(`client${i}`), nodeType: 'client', name: `client${i}`, connect: [tls(home), tls(other)] };
        }),
      );
      return started.map((client, at) => ({ ...client, group, at, text: `client${numbers[at]}`, ...homeOf(numbers[at] as number) }));
    });
    const groups = await Promise.all(ofGroups);
    return Array.from({ length: CLIENTS }, (_, i) => groups[i % GROUPS]?.[Math.floor(i / GROUPS)] as Client);
  }

  /** Waits until a server finds each of these clients, at a place that is right. */
  async function finds(server: Server, clients: readonly Client[], isRight: (client: Client, servers: string[]) => boolean): Promise<void> {
    let missing = clients;
    const ask = async (): Promise<boolean> => {
      const found = await server.group.call(
        'find',
        server.at,
        missing.map(({ key }) => key),
      );
      missing = missing.filter((client, i) => found[i]?.nodeId !== client.nodeId || !isRight(client, found[i].attachments));
      return missing.length === 0;
    };
    await until(ask, `all clients are found by server ${server.nodeId}`, LIMIT_MS, LOOK_AGAIN_MS);
  }

  /** Waits until each member would send to each other by the way that ranks first, which begins at a server of its own, and leads by nobody who is gone. */
  async function haveRankedWays(talkers: readonly Client[], idOf: (server: number) => string, dead: readonly string[]): Promise<void> {
    let missing = talkers.map((talker, i) => ({ talker, keys: othersOf(talkers, i).map(({ key }) => key) }));
    const look = async (): Promise<boolean> => {
      const ranked = await Promise.all(
        missing.map(async ({ talker: { group, at, home, other }, keys }) =>
          (await group.call('ways', at, keys)).every((ways) => {
            const [best, ...others] = ways;
            if (!best?.chosen || others.some(({ chosen }) => chosen)) return false;
            return [idOf(home), idOf(other)].includes(best.next) && !dead.includes(best.next) && !dead.includes(best.through ?? '');
          }),
        ),
      );
      missing = missing.filter((_, i) => !ranked[i]);
      return missing.length === 0;
    };
    await until(look, 'all members have ranked ways to each other', LIMIT_MS, LOOK_AGAIN_MS);
  }

  it('find everybody and deliver everything once while servers are killed, the entry point among them', async () => {
    const servers = await startServers();
    await until(
      async () => {
        const processes = [...new Set(servers.map(({ group }) => group))];
        return (await Promise.all(processes.map((group) => group.call('contacts')))).flat().every((known) => known === SERVERS - 1);
      },
      'all servers know each other',
      LIMIT_MS,
      LOOK_AGAIN_MS,
    );
    const clients = await startClients(servers);
    const groups = [...new Set(clients.map(({ group }) => group))];
    /** What every node says, of all processes of clients. */
    const ofAll = async (call: 'places' | 'members' | 'counts'): Promise<number[]> =>
      (await Promise.all(groups.map((group) => group.call(call)))).flat();
    await until(
      async () => (await ofAll('places')).every((places) => places === 2),
      'every client tells of two servers',
      LIMIT_MS,
      LOOK_AGAIN_MS,
    );
    const idOf = (server: number): string => servers[server]?.nodeId ?? '';
    await Promise.all(
      servers.map((server) => finds(server, clients, ({ home, other }, at) => at.includes(idOf(home)) && at.includes(idOf(other)))),
    );

    // Everybody in a channel has servers of their own, and some of them lose one.
    const talkers = clients.slice(0, CHANNELS * MEMBERS);
    const channelOf = await Promise.all(
      Array.from({ length: CHANNELS }, async (_, which) => {
        const members = talkers.slice(which * MEMBERS, (which + 1) * MEMBERS);
        const [first, ...rest] = members as [Client, ...Client[]];
        const id = await first.group.call('create', first.at, `channel${which}`);
        await Promise.all(rest.map(({ group, at }) => group.call('join', at, id)));
        return id;
      }),
    );
    await until(
      async () => {
        const members = await ofAll('members');
        return members.length === talkers.length && members.every((count) => count === MEMBERS);
      },
      'all members know each other',
      LIMIT_MS,
      LOOK_AGAIN_MS,
    );

    await haveRankedWays(talkers, idOf, []);
    let acknowledged = 0;
    const sending = Promise.all(
      talkers.map(async ({ group, at, text }, i) => {
        const id = channelOf[Math.floor(i / MEMBERS)] as string;
        for (let n = 0; n < MESSAGES; n++) {
          await group.call('send', at, id, `${text} says ${n}`);
          acknowledged++;
        }
      }),
    );
    const share = (talkers.length * MESSAGES) / (VICTIMS.length + 1);
    const killing = async (): Promise<void> => {
      for (const [i, victim] of VICTIMS.entries()) {
        await until(() => acknowledged >= share * (i + 1), 'enough is said', LIMIT_MS);
        await servers[victim]?.group.kill();
      }
    };
    await Promise.all([sending, killing()]);

    const moved = clients.filter(({ home }) => VICTIMS.includes(home));
    expect(moved).toHaveLength((CLIENTS * VICTIMS.length) / SERVERS);
    const dead = VICTIMS.map(idOf);
    const alive = servers.filter((_, i) => !VICTIMS.includes(i));
    await Promise.all(
      alive.map((server) => finds(server, moved, ({ other }, at) => at.includes(idOf(other)) && !at.some((id) => dead.includes(id)))),
    );

    const wanted = (MEMBERS - 1) * MESSAGES;
    await until(
      async () => {
        const counts = await ofAll('counts');
        return counts.length === talkers.length && counts.every((count) => count >= wanted);
      },
      'everything is delivered',
      LIMIT_MS,
      LOOK_AGAIN_MS,
    );
    await haveRankedWays(talkers, idOf, dead);
    for (const [i, { group, at }] of talkers.entries()) {
      const said = othersOf(talkers, i).flatMap(({ text }) => Array.from({ length: MESSAGES }, (_, n) => `${text} says ${n}`));
      expect((await group.call('texts', at)).toSorted()).toEqual(said.toSorted());
    }
  }, 900_000);
});
