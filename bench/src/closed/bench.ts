import { defineBench } from '../lib/bench.ts';
import { delay } from '../lib/time.ts';
import type { ClosedRoles } from './roles.ts';

const MEMBERS = 200;
const MESSAGES = 200;
/** Messages on their way: 200 members in one process take no more at once, and what times out is sent twice. */
const WINDOW = 8;
/** Copies until the compiler is done with the code. */
const WARM_UP_COPIES = 12_000;

/** What a message to a closed channel costs the one who writes it, and the server that passes a copy on to each member. */
export const closed = defineBench<ClosedRoles>({
  name: 'closed',
  unit: 'ms of CPU/message',
  better: 'less',
  layouts: [`${MEMBERS}-members`],
  alsoCompared: { server_ms: 'less', server_us_a_copy: 'less' },
  subjects: [
    { name: 'parley', standing: 'parley', load: async () => (await import('./parley.ts')).parleyClosed },
    { name: 'node tls, aes, ed25519, sqlite', standing: 'limit', load: async () => (await import('./bare.ts')).bareClosed },
  ],
  async measure(launcher, _, { quick }) {
    const others = (quick ? MEMBERS / 10 : MEMBERS) - 1;
    const [server, members, author] = await Promise.all([launcher.start('server'), launcher.start('members'), launcher.start('author')]);
    const address = await server.listen();
    await author.found(address, await members.start(address, others));
    /** Writes, and waits until everybody has been shown everything. */
    const write = async (messages: number): Promise<number> => {
      let cpu = 0;
      for (let written = 0; written < messages; written += WINDOW) {
        const some = Math.min(WINDOW, messages - written);
        const all = (await members.shown()) + some * others;
        cpu += await author.write(some);
        while ((await members.shown()) < all) await delay(5);
      }
      return cpu;
    };
    await write(Math.ceil(WARM_UP_COPIES / others));
    const before = await server.cpu();
    const authorSeconds = await write(MESSAGES);
    const serverSeconds = (await server.cpu()) - before;
    return {
      value: (authorSeconds / MESSAGES) * 1000,
      also: { server_ms: (serverSeconds / MESSAGES) * 1000, server_us_a_copy: (serverSeconds / MESSAGES / others) * 1e6 },
    };
  },
});
