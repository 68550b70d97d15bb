import { expect, it } from 'vitest';
import { MessagePrinter } from '../format/messages.ts';
import { Output } from '../io.ts';
import { message, NOON } from './fixtures.ts';
import { addMessage, withChanged } from './timeline.ts';

/** Ids of messages are their senders' own choice. */
const ID = 'the-id-of-both';

it('an edit of a message under the id of another changes what is shown of its own author alone', () => {
  const bens = message(1, { msg_id: ID, from: 'ben', text: 'the meeting is at nine', at: NOON });
  // Dated before it, as anybody may.
  const eves = message(1, { msg_id: ID, from: 'eve', text: 'hello', at: NOON - 60_000 });
  const timeline = [bens, eves].reduce(addMessage, [] as Parameters<typeof addMessage>[0]);
  const edited = withChanged(timeline, { ...eves, text: 'hello again', edited: new Date(NOON).toISOString() }) ?? [];
  const said = edited.flatMap((item) => (item.kind === 'message' ? `${item.message.sender.name}: ${item.message.text}` : []));
  expect(said).toEqual(['eve: hello again', 'ben: the meeting is at nine']);
});

it('an answer is shown under the message that it answers, and not under a later one with its id', () => {
  let printed = '';
  const stdout = { write: (text: string) => (printed += text), isTTY: false };
  const out = new Output({ stdin: process.stdin, stdout, stderr: stdout, env: {} } as never, false);
  const printer = new MessagePrinter(out, { channel: false });
  printer.message(message(1, { msg_id: ID, from: 'ben', text: 'shall we pay him?' }));
  printer.message(message(1, { msg_id: ID, from: 'eve', text: 'shall we give eve the keys?' }));
  printed = '';
  printer.message(message(2, { from: 'ann', text: 'yes', reply_to: ID }));
  expect(printed).not.toContain('give eve the keys');
});
