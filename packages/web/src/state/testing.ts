import type { MessageView, Person } from '@parley/core';

interface Made {
  /** Milliseconds since 1970; it orders messages. */
  readonly at: number;
  readonly seq?: number;
  /** Default: nothing before it is there. */
  readonly missing?: number;
  readonly sender?: string;
  readonly own?: boolean;
  readonly text?: string;
  readonly channel?: string;
}

export function person(id: string, part: Partial<Person> = {}): Person {
  return { node_id: id, name: id, display: `${id}#0000`, present: true, ...part };
}

/** A message as a node would show it, for unit tests of what is pure. */
export function message({
  at,
  seq = at,
  missing = seq - 1,
  own = false,
  sender = own ? 'self' : 'ann',
  text = `${at}`,
  channel = 'c',
}: Made): MessageView {
  const time = new Date(at).toISOString();
  return {
    msg_id: `id ${sender} ${seq}`,
    channel_id: channel,
    channel,
    sender: person(sender),
    own,
    seq,
    missing,
    time,
    received: time,
    text,
    via: [],
    cursor: `${channel}/${`${at}`.padStart(14, '0')}/${sender}/${`${seq}`.padStart(16, '0')}`,
  };
}
