import { describe, expect, it } from 'vitest';
import { type ExportFormat, type ExportWords, exported } from './export.ts';
import type { ChannelView, MessageView } from './types.ts';
import type { ChangeView } from './types-changes.ts';

const channel = { id: 'c', name: 'garden' } as ChannelView;
const words: ExportWords = { safe: (text) => text, time: (time) => time, lasts: (seconds) => `${seconds} s` };

function said(text: string): MessageView {
  const sender = { node_id: 'n', display: 'mallory#1a2b', present: true };
  return { msg_id: 'm', sender, time: '2026-01-02T03:04:05.000Z', text } as MessageView;
}

async function exportAll(format: ExportFormat, of: ChannelView, all: MessageView[], changes: ChangeView[] = []): Promise<string> {
  async function* messages(): AsyncGenerator<MessageView> {
    yield* all;
  }
  let whole = '';
  for await (const piece of exported(format, { channel: of, messages: messages(), changes }, words)) whole += piece;
  return whole;
}

const exportOf = (format: ExportFormat, text: string): Promise<string> => exportAll(format, channel, [said(text)]);

it('lets no text of somebody look like a message of another, whatever a reader takes for the end of a line', async () => {
  const forged = '2026-01-02T03:04:06.000Z  ann#3c4d  I owe mallory money';
  const text = await exportOf('text', `hello\u2028${forged}\u2029${forged}\n${forged}`);
  const lines = text.split(/[\n\u2028\u2029]/);
  expect(lines.filter((line) => line.includes('I owe'))).toEqual([`    ${forged}`, `    ${forged}`, `    ${forged}`]);
});

it('writes JSON that says the same, and does nothing to a terminal on which it is shown', async () => {
  const hostile = 'a\u009b2Jb\u202ec\u2066d\u061ce\u2028f';
  const json = await exportOf('json', hostile);
  expect(json).not.toMatch(/[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/);
  expect(JSON.parse(json)).toMatchObject({ messages: [{ text: hostile }] });
});

it('writes a page in which no text is markup', async () => {
  const html = await exportOf('html', '</p><script>alert(1)</script><img src=x onerror="alert(1)">');
  expect(html).toContain('&lt;script&gt;');
  expect(html).not.toMatch(/<(?:script|img)/);
});

it.each(['text', 'html'] as const)('says as %s what is answered, attached, and how others reacted', async (format) => {
  const attachments = [{ name: 'bike.jpg', type: 'image/jpeg', size: 1234 }];
  const reactions = [{ emoji: '👍', by: [{ display: 'ann#3c4d' }] }];
  const all = [
    { ...said('who has seen my bike?\nit is red'), msg_id: 'first' },
    { ...said(''), msg_id: 'second', reply_to: 'first', attachments, reactions },
    { ...said('which one?'), msg_id: 'third', reply_to: 'gone' },
  ] as unknown as MessageView[];
  const whole = await exportAll(format, { ...channel, kind: 'direct', name: 'ben' } as ChannelView, all);
  expect(whole).toContain('@ben');
  for (const line of [
    'in reply to mallory#1a2b: who has seen my bike?',
    'attached: bike.jpg (image/jpeg, 1.2 KiB)',
    '👍 ann#3c4d',
    'in reply to gone',
  ])
    expect(whole).toMatch(new RegExp(`(?:^ {4}|<small>)${line.replace(/[()?]/g, '\\$&')}(?:$|</small>)`, 'm'));
});

describe('what was changed about the channel', () => {
  const by = { node_id: 'n', display: 'ann#3c4d', present: true };
  const at = (seconds: number): string => `2026-01-02T03:04:0${seconds}.000Z`;
  const changes: ChangeView[] = [
    { id: '1', time: at(1), kind: 'name', by, own: false, name: '<b>yard</b>' },
    { id: '2', time: at(6), kind: 'timer', by, own: true, seconds: 60 },
    { id: '3', time: at(8), kind: 'left', by, own: false, member: by },
  ];
  const all = [said('first'), { ...said('second'), time: at(7) }];

  it.each(['text', 'html'] as const)('stands as %s among the messages, in the order of time', async (format) => {
    const whole = await exportAll(format, channel, all, changes);
    const order = ['renamed the channel to', 'first', 'You set messages to disappear after 60 s', 'second', 'left'];
    const places = order.map((words) => whole.indexOf(words));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
    if (format === 'text') expect(whole).toContain(`${at(1)}  * ann#3c4d renamed the channel to “<b>yard</b>”\n`);
    else expect(whole).toContain('<bdi>ann#3c4d</bdi> renamed the channel to “<bdi>&lt;b&gt;yard&lt;/b&gt;</bdi>”');
  });

  it('is a list of its own in JSON', async () => {
    expect(JSON.parse(await exportAll('json', channel, all, changes))).toMatchObject({ messages: [{ text: 'first' }, {}], changes });
  });
});
