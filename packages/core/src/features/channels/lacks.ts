import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import { LruMap } from '../../util/bounded.ts';
import type { Scope } from '../../util/scope.ts';
import type { ChannelConfig } from './config.ts';
import type { StoredMessage } from './history-row.ts';
import type { Intake } from './intake.ts';
import type { Offer } from './offers.ts';

/** One author's messages are asked for again only after this long, whatever else of them is missing by then. */
const ASK_AGAIN_MS = 5000;

export interface LacksDeps {
  readonly scope: Scope;
  readonly clock: Clock;
  readonly random: Random;
  readonly intake: Intake;
  /** Members of a channel, this node left out, that are in reach; none where this node is not in it. */
  readonly present: (channelId: string) => string[];
  /** Asks a member for what it has of some authors and is missing here, unless it was asked just now. */
  readonly ask: (channelId: string, nodeId: string, theirs: ReadonlyMap<string, Offer>) => void;
}

/** What shows that a message is missing is a reason to ask for it, rather than to wait until members compare what they have. */
export class Lacks {
  readonly #deps: LacksDeps;
  readonly #config: ChannelConfig;
  /** By channel and author. */
  readonly #asked = new LruMap<string, number>(2000);

  constructor(deps: LacksDeps, config: ChannelConfig) {
    this.#deps = deps;
    this.#config = config;
  }

  start(): void {
    const { scope, intake } = this.#deps;
    scope.add(intake.events.on('missing', ({ channelId, sender, from, to }) => this.#askFor(channelId, sender, sender, { from, to })));
    scope.add(intake.events.on('message', ({ message }) => this.#lackTarget(message)));
  }

  /** Something is done to a message that is not here: it may still be on its way, and whoever did it has it. */
  #lackTarget({ channelId, sender, act }: StoredMessage): void {
    if (!act || act.seq <= this.#highest(channelId, act.sender)) return;
    this.#deps.scope.after(this.#config.gapAskMs, () => {
      const from = this.#highest(channelId, act.sender) + 1;
      if (act.seq >= from) this.#askFor(channelId, sender, act.sender, { from, to: act.seq });
    });
  }

  #highest(channelId: string, author: string): number {
    return this.#deps.intake.held(channelId)?.get(author)?.held.highest ?? 0;
  }

  /** A member has them; while it is away another may. */
  #askFor(channelId: string, nodeId: string, author: string, { from, to }: { readonly from: number; readonly to: number }): void {
    const { present, clock, random, ask } = this.#deps;
    const last = this.#asked.get(`${channelId} ${author}`);
    if (last !== undefined && clock.monotonic() - last < ASK_AGAIN_MS) return;
    this.#asked.set(`${channelId} ${author}`, clock.monotonic());
    const others = present(channelId);
    const asked = others.includes(nodeId) ? nodeId : others[Math.floor(random.number() * others.length)];
    if (asked !== undefined) ask(channelId, asked, new Map([[author, { seq: to, from, lack: [] }]]));
  }
}
