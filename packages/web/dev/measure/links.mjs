import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { measureChat } from './chat.mjs';
import { round } from './lab.mjs';

const TABS = fileURLToPath(new URL('tabs.mjs', import.meta.url));
const PROCESSES = 2;
/** Opened before the first look, so that code and one-off structures are not counted. */
const WARM = 100;
/** Two keep-alives fit in. */
const HELD_MS = 35_000;
const SETTLE_MS = 5_000;
const TICKS_A_SECOND = 100;

function startTabs(/** @type {string} */ address) {
  // Node.js 20 has WebSocket behind a flag; later ones take the flag and need it not.
  const child = fork(TABS, [address], { execArgv: ['--experimental-websocket', '--no-warnings'] });
  return {
    /** @returns {Promise<any>} */
    async ask(/** @type {string} */ what, count = 0) {
      child.send({ ask: what, count });
      const [{ answer }] = await once(child, 'message');
      return answer;
    },
    stop: () => child.disconnect(),
  };
}

/** Resident memory and processor time of a process, as the kernel counts them. */
function used(/** @type {number} */ pid) {
  const [, after = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const fields = after.split(' ');
  const bytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
  return { bytes, cpuMs: ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_A_SECOND };
}

/** Many links from tabs to one server: what each costs it, that all of them stand, what reaches them, and a conversation beside them. */
export async function measureLinks(
  /** @type {{ url: string, pid: number }} */ { url, pid },
  /** @type {number} */ links,
  /** @type {number} */ messages,
) {
  if (!existsSync(`/proc/${pid}/stat`)) throw new Error('what a process uses is measured on Linux alone');
  const tabs = Array.from({ length: PROCESSES }, () => startTabs(`${url.replace('http', 'ws')}/link`));
  try {
    await Promise.all(tabs.map((some) => some.ask('open', WARM / PROCESSES)));
    await wait(SETTLE_MS);
    const before = used(pid);
    await Promise.all(tabs.map((some) => some.ask('open', links / PROCESSES)));
    const opened = used(pid);
    await wait(SETTLE_MS);
    const rest = used(pid);
    await wait(HELD_MS);
    const held = used(pid);
    const states = await Promise.all(tabs.map((some) => some.ask('state')));
    await measureChat(url, messages, ` beside ${links} links`);
    const after = await Promise.all(tabs.map((some) => some.ask('state')));
    const heard = after.flatMap((state) => state.heard);
    const sum = (/** @type {any[]} */ all, /** @type {string} */ what) => all.reduce((total, state) => total + state[what], 0);
    console.log(
      JSON.stringify({
        measure: 'links from tabs to one server',
        n: links,
        open: sum(states, 'open') - WARM,
        lost: sum(after, 'lost'),
        kib_a_link: round((held.bytes - before.bytes) / links / 1024),
        opening_ms_cpu_a_link: Math.round(((opened.cpuMs - before.cpuMs) / links) * 100) / 100,
        idle_cpu_percent: round(((held.cpuMs - rest.cpuMs) / HELD_MS) * 100),
        reached_by_a_flood: heard.length - WARM,
        first_to_last_ms: Math.round(Math.max(...heard) - Math.min(...heard)),
      }),
    );
  } finally {
    for (const some of tabs) some.stop();
  }
}
