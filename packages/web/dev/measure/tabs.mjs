// Many tabs without their pages, as a child process of `links.mjs`: for each an identity and a link to a server, by the code that a tab has for that
// (WebCrypto, WebSocket, HELLO and PROOF, keep-alives). Their nodes are left out: nobody is to measure two thousand of them on one machine.

import { createClock, createCrypto, createRandom, createWsTransport } from '@parley/browser';
import { CertificateReader, createIdentity, KeyBook, Links, linkDefaults, Metrics, silentLog, verbs } from '@parley/core';

const AT_ONCE = 8;
const PATIENCE_MS = 60_000;
const url = process.argv[2] ?? '';
const [clock, random, crypto] = [createClock(), createRandom(), createCrypto()];
const transports = [createWsTransport({ clock, log: silentLog })];
/** @type {Links[]} */
const tabs = [];
let lost = 0;
/** When each tab first heard of a channel, by a clock that all processes share. */
const heard = new Map();

async function openOne() {
  const { identity } = await createIdentity({ crypto, random, clock }, { name: `tab ${tabs.length}` });
  const ports = /** @type {import('@parley/core').Ports} */ (
    /** @type {unknown} */ ({ clock, random, crypto, log: silentLog, transports })
  );
  const links = new Links(
    {
      ports,
      local: { identity, nodeType: 'client', relays: false, version: 'measure' },
      keys: new KeyBook(crypto),
      verbs,
      metrics: new Metrics(),
      certificates: new CertificateReader(crypto),
      admit: () => undefined,
    },
    { ...linkDefaults, dialTimeoutMs: PATIENCE_MS, openingTimeoutMs: PATIENCE_MS },
  );
  links.onMessage = (_, verb) => {
    if (verb.name === 'CHANNEL' && !heard.has(links)) heard.set(links, performance.timeOrigin + performance.now());
  };
  await links.dial('ws', url);
  links.events.on('down', () => {
    lost += 1;
  });
  tabs.push(links);
}

/** @type {Record<string, (count: number) => unknown>} */
const answers = {
  async open(count) {
    let left = count;
    const some = async () => {
      while (left > 0) {
        left -= 1;
        await openOne();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, some));
  },
  state: () => ({ open: tabs.filter(({ size }) => size === 1).length, lost, heard: [...heard.values()] }),
};

process.on('message', async (/** @type {{ ask: string, count: number }} */ { ask, count }) => {
  const answer = await answers[ask]?.(count);
  process.send?.({ answer });
});
process.on('disconnect', () => process.exit());
