import type { Overlay } from '../../overlay/index.ts';
import type { StoreWrite } from '../../ports/store.ts';
import { timestamp } from '../../wire/message.ts';
import type { ChannelConfig } from './config.ts';
import type { Deliveries } from './deliveries.ts';
import type { Channel } from './directory.ts';
import type { ChannelMessage } from './message.ts';
import type { SealedMessages } from './sealed-messages.ts';
import { type InlineContent, MESSAGE } from './verbs.ts';

export interface OutgoingDeps {
  readonly overlay: Overlay;
  readonly sealed: SealedMessages;
  readonly deliveries: Deliveries;
  /** Node ids of those to whom a message of a channel goes. */
  readonly recipients: (channel: Channel) => string[];
}

/** An own message, as it is kept. */
export interface Parcel {
  readonly message: Pick<ChannelMessage, 'msgId' | 'timestamp'>;
  /** Base64 of its JWS. */
  readonly signed: string;
  readonly contents: readonly InlineContent[];
}

/** Whether recipients of a message tell that they have read it. `receipts`: whether they sign for it at all. */
export const tellRead = (channel: Channel | undefined, receipts: boolean): boolean =>
  receipts && channel !== undefined && channel.kind !== 'public';

/** Own messages that are signed, on their way into the network: sealed where the channel asks for it, and entrusted. */
export class Outgoing {
  readonly #deps: OutgoingDeps;
  readonly #receiptsUpTo: number;

  constructor(deps: OutgoingDeps, { receiptsUpTo }: Pick<ChannelConfig, 'receiptsUpTo'>) {
    this.#deps = deps;
    this.#receiptsUpTo = receiptsUpTo;
  }

  /**
   * On disk together with `alongside` when it resolves. False, and nothing was done, where it cannot be sealed for now. Errors: those of the
   * sealing and of `Overlay.entrust`, and `too-large`.
   */
  async carry(channel: Channel, { message, signed, contents }: Parcel, alongside: readonly StoreWrite[]): Promise<boolean> {
    const { overlay, sealed, deliveries } = this.#deps;
    const { msgId } = message;
    const dressed = await sealed.dress(channel, msgId, { signed, contents }, this.#deps.recipients(channel));
    if (dressed === 'later') return false;
    const { recipients } = dressed;
    const receipts = this.#receipts(recipients);
    deliveries.begin(msgId, recipients, { receipts, marks: tellRead(channel, receipts) });
    const data = {
      msg_id: msgId,
      recipient: recipients.map((nodeId) => ({ node_id: nodeId })),
      timestamp: timestamp(message.timestamp),
      channel: dressed.channel,
      channel_id: channel.id,
      message: dressed.message,
      ...(dressed.attachment.length > 0 ? { attachment: [...dressed.attachment] } : {}),
    };
    const options = { msgId, recipients, receipts, group: channel.id, alongside: [...alongside, ...dressed.writes] };
    await overlay.entrust(MESSAGE, data, options);
    return true;
  }

  /** Shows that a message waits, and why. */
  waits(channel: Channel, msgId: string, reason: string): void {
    const recipients = this.#deps.recipients(channel);
    const receipts = this.#receipts(recipients);
    this.#deps.deliveries.begin(msgId, recipients, { receipts, marks: tellRead(channel, receipts) }, reason);
  }

  #receipts(recipients: readonly string[]): boolean {
    return recipients.length < this.#receiptsUpTo;
  }
}
