import type { MessageView } from '@parley/host';
import { describe, expect, it } from 'vitest';
import { message } from '../chat/fixtures.ts';
import { Output, type OutputStream } from '../io.ts';
import { MessagePrinter } from './messages.ts';

/** What is printed of messages, for people. */
function printed(...messages: readonly MessageView[]): string[] {
  const lines: string[] = [];
  const stdout = { write: (line: string) => lines.push(line) } as unknown as OutputStream;
  const printer = new MessagePrinter(new Output({ stdin: process.stdin, stdout, stderr: stdout, env: {} }, false), { channel: false });
  for (const one of messages) printer.message(one);
  return lines.map((line) => line.trimEnd());
}

const own = (state: 'sending' | 'sent' | 'stored' | 'delivered' | 'read' | 'failed', reason?: string): MessageView => {
  const recipient = { node_id: 'bob-id', display: 'bob#1a2b', state: state === 'sending' ? ('waiting' as const) : state };
  return message(1, { from: 'alice', delivery: { state, recipients: [{ ...recipient, ...(reason === undefined ? {} : { reason }) }] } });
};

describe('messages for people', () => {
  it('have a mark that says how far an own one got, and each state another', () => {
    const states = ['sending', 'sent', 'stored', 'delivered', 'read', 'failed'] as const;
    const marks = states.map((state) => /message 1 {2}(\S+)$/.exec(printed(own(state))[0] ?? '')?.[1]);
    expect(marks).toEqual(['…', '✓', '◷', '✓✓', '◉', '✗']);
  });

  it('say whom one did not reach, and why', () => {
    expect(printed(own('failed', 'not a contact\u001b[2J any more'))[1]).toMatch(
      /^ {4}not delivered to bob#1a2b: not a contact.* any more$/,
    );
  });

  it('have no mark where they are of others, or nobody else was there', () => {
    expect(printed(message(1))[0]).toMatch(/message 1$/);
    expect(printed(message(1, { from: 'alice', delivery: { state: 'delivered', recipients: [] } }))[0]).toMatch(/message 1$/);
  });
});
