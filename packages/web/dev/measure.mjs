// Measures the web app as people meet it, and prints each figure as a line of JSON: the first visit, a message from one person's screen to
// another's, the first minute of two newcomers, the frames of typing and scrolling in a channel of 10,000 messages, and what 2,000 links from tabs cost a server. `npm run measure:web`,
// with `-- --only visit,minute,chat,frames,links` for some of it and `-- --runs N` for other numbers of visits. Each person has a browser and a profile on disk of their own.
import { parseArgs } from 'node:util';
import { ensureWebBuilt } from '../../../scripts/lib/prepare.mjs';
import { measureChat } from './measure/chat.mjs';
import { measureFrames } from './measure/frames.mjs';
import { startServer } from './measure/lab.mjs';
import { measureLinks } from './measure/links.mjs';
import { measureMinute } from './measure/minute.mjs';
import { measureVisits } from './measure/visit.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'visit,minute,chat,frames,links' },
    runs: { type: 'string', default: '7' },
    messages: { type: 'string', default: '60' },
    links: { type: 'string', default: '2000' },
  },
});
const wanted = values.only.split(',');

await ensureWebBuilt();
if (['visit', 'minute', 'chat'].some((name) => wanted.includes(name))) {
  const server = await startServer();
  try {
    if (wanted.includes('visit')) await measureVisits(server.url, Number(values.runs));
    if (wanted.includes('minute')) await measureMinute(server.url, Number(values.runs));
    if (wanted.includes('chat')) await measureChat(server.url, Number(values.messages));
  } finally {
    await server.stop();
  }
}
if (wanted.includes('frames')) await measureFrames();
if (wanted.includes('links')) {
  const server = await startServer();
  try {
    await measureLinks(server, Number(values.links), Number(values.messages));
  } finally {
    await server.stop();
  }
}
