import type { Overlay } from '../../../overlay/index.ts';
import type { Ports } from '../../../ports/index.ts';
import { ParleyError } from '../../../util/errors.ts';
import type { Emitter } from '../../../util/events.ts';
import { Scope } from '../../../util/scope.ts';
import type { ClosedBook } from './book.ts';
import type { ClosedChannel } from './channel.ts';
import type { Invitations } from './invitations.ts';
import type { KeyExchange } from './key-exchange.ts';
import type { ClosedEvents } from './own-part.ts';

/** While an accepted invitation has brought no key, somebody is asked for it this often. */
const ASK_EVERY_MS = 11_000;
/** How long `accept` waits for the key. */
const WAIT_MS = 20_000;

export interface AcceptanceDeps {
  readonly ports: Ports;
  readonly overlay: Overlay;
  readonly book: ClosedBook;
  readonly invitations: Invitations;
  readonly exchange: KeyExchange;
  readonly events: Emitter<ClosedEvents>;
  /** As `OwnPartDeps.room`. */
  readonly room: (channel: ClosedChannel) => void;
}

/** Invitations that the user has accepted, until a member has given the key. */
export class Acceptances {
  readonly #deps: AcceptanceDeps;
  readonly #scope: Scope;

  constructor(deps: AcceptanceDeps) {
    this.#deps = deps;
    this.#scope = new Scope(deps.ports.clock);
  }

  start(): void {
    this.#scope.every(
      () => ASK_EVERY_MS,
      () => this.#askAll(),
    );
  }

  close(): Promise<void> {
    return this.#scope.close();
  }

  /** See `Closed.accept`. */
  async accept(channelId: string): Promise<void> {
    const { invitations, ports, exchange, book } = this.#deps;
    const invitation = invitations.get(channelId);
    if (!invitation) throw new ParleyError('not-found', 'there is no such invitation');
    this.#deps.room(invitation.channel);
    invitation.accepted = true;
    await ports.store.commit([invitations.put(invitation)]);
    const settled = this.#settled(channelId);
    await exchange.ask(channelId, invitation.by);
    await settled;
    if (!book.get(channelId)) {
      // Whatever came in meanwhile has taken the last place.
      if (!invitation.accepted) this.#deps.room(invitation.channel);
      throw new ParleyError('timeout', 'accepted; no member has given the key yet, and they are asked for it until one does');
    }
  }

  /** The invitation is settled, or has waited long enough, or the node is closing. */
  #settled(channelId: string): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        off();
        timer.cancel();
        this.#scope.signal.removeEventListener('abort', settle);
        resolve();
      };
      const off = this.#deps.events.on('invitation', (event) => {
        if (event.channelId === channelId && !this.#deps.invitations.get(channelId)?.accepted) settle();
      });
      const timer = this.#scope.after(WAIT_MS, settle);
      this.#scope.signal.addEventListener('abort', settle);
    });
  }

  /** One member of each: whoever is there. */
  #askAll(): void {
    const { overlay, ports, invitations, exchange } = this.#deps;
    for (const { accepted, channel } of invitations.all()) {
      if (!accepted) continue;
      const joined = channel.joined();
      const present = joined.filter((nodeId) => overlay.reaches(nodeId));
      const from = present.length > 0 ? present : joined;
      const nodeId = from[Math.floor(ports.random.number() * from.length)];
      if (nodeId === undefined) continue;
      this.#scope.run(exchange.ask(channel.id, nodeId), (error) => {
        ports.log.warn('the key of a closed channel could not be asked for', { error: ParleyError.from(error).message });
      });
    }
  }
}
