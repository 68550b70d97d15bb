import type { ApiClient } from '@parley/host';
import { failureOf } from '../failure.ts';
import { WAITS } from './requests.ts';
import type { Action, Effect } from './state.ts';

/** What the chat needs of a node to answer who asks. */
export interface RequestNode extends Pick<ApiClient, 'channels'> {
  readonly contacts: Pick<ApiClient['contacts'], 'list' | 'accept' | 'decline'>;
  readonly closed: Pick<ApiClient['closed'], 'invitations' | 'accept' | 'decline'>;
}

const SAID_MS = 20_000;

/** Says yes or no, and turns to what there is then to talk in. Errors: those of the node. */
export async function answerRequest(
  node: RequestNode,
  { kind, yes, id, title }: Effect & { do: 'answer' },
  tell: (action: Action) => void,
): Promise<void> {
  const say = (text: string): void => tell({ type: 'notice', text, tone: 'info', forMs: SAID_MS });
  const open = async (channelId: string | undefined): Promise<void> =>
    tell({ type: 'channels', channels: await node.channels(), ...(channelId === undefined ? {} : { open: channelId }) });
  if (!yes) {
    await (kind === 'contact' ? node.contacts : node.closed).decline(id);
    say(`declined ${title}`);
  } else if (kind === 'contact') {
    const contact = await node.contacts.accept(id);
    await open(contact.channel_id);
    say(`${title} is a contact; compare the safety number with parley contacts verify`);
  } else {
    const joined = await node.closed.accept(id).catch((error: unknown) => {
      if (failureOf(error)?.code !== 'timeout') throw error;
      return undefined;
    });
    if (joined) await open(joined.id);
    say(joined ? `joined ${title}` : `${title}: ${WAITS}`);
  }
}
