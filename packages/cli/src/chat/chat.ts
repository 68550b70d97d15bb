import type { ApiEvent } from '@parley/host';
import { failureOf, messageOf } from '../failure.ts';
import { retryDelay } from '../retry.ts';
import type { ChatStore } from './app.tsx';
import type { Key } from './keys.ts';
import { failed, type Means, perform, type Request } from './perform.ts';
import { press } from './press.ts';
import { Pulse } from './pulse.ts';
import { readMark } from './read.ts';
import type { Action, ChatState, Effect, Self } from './state.ts';
import { apply, type Update, update } from './update.ts';

export interface ChatDeps extends Omit<Means, 'signal' | 'cancelled'> {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Draws the whole screen anew. */
  readonly redraw: () => void;
  /** At least so long between two notifications, so that a flood of messages does not draw a flood of screens. In milliseconds. */
  readonly frameMs: number;
}

/** Channels are announced now and then, and many at once when a link comes up. */
const REFRESH_MS = 150;
/** What is read is told of so often at most. */
const READ_MS = 300;

/** The chat without its screen: a state that events and keys change, and what follows for the node. */
export class Chat implements ChatStore {
  #state: ChatState;
  readonly #deps: ChatDeps;
  readonly #listeners = new Set<() => void>();
  readonly #end = new AbortController();
  #notifying: NodeJS.Timeout | undefined;
  #notified = 0;
  #sending: Promise<void> = Promise.resolve();
  #refreshing: NodeJS.Timeout | undefined;
  #reading: NodeJS.Timeout | undefined;
  /** By channel: up to where the node knows it as read. */
  readonly #read = new Map<string, string>();
  /** What the user may give up, by its number. */
  readonly #saving = new Map<number, AbortController>();
  #clock: NodeJS.Timeout | undefined;
  readonly #pulse = new Pulse();

  constructor(deps: ChatDeps, initial: ChatState) {
    this.#deps = deps;
    this.#state = initial;
  }

  get state(): ChatState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  dispatch(action: Action): void {
    this.#take(update(this.#present(), action));
  }

  press(key: Key): void {
    const { state, effects } = press(this.#present(), key);
    this.#take({ state, effects: [...effects, ...this.#pulse.pressed(state, effects)] });
  }

  /** Keeps to the node, over its restarts, until the user or `quit` ends the chat. */
  async run(): Promise<void> {
    const { signal } = this.#end;
    this.#clock = setInterval(() => this.#state.notice && this.dispatch({ type: 'tick' }), 1000);
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        await this.#connect(() => {
          attempt = 0;
        });
      } catch (error) {
        if (!failureOf(error)) throw error;
        if (!signal.aborted) this.dispatch({ type: 'disconnected', why: messageOf(error) });
      }
      if (!signal.aborted) await retryDelay(attempt, signal).catch((error: unknown) => this.#unlessEnded(error));
    }
  }

  quit(): void {
    this.#end.abort();
    clearInterval(this.#clock);
    clearTimeout(this.#refreshing);
    clearTimeout(this.#notifying);
    clearTimeout(this.#reading);
  }

  async #connect(connected: () => void): Promise<void> {
    const { node } = this.#deps;
    const link = new AbortController();
    const signal = AbortSignal.any([this.#end.signal, link.signal]);
    try {
      // Events first: what happens while the rest is read comes after it.
      const events = node.events(signal);
      await events.open;
      const [status, channels, contacts, invitations] = await Promise.all([
        node.status(),
        node.channels(),
        node.contacts.list(),
        node.closed.invitations(),
      ]);
      if (signal.aborted) return;
      connected();
      const self: Self = {
        nodeId: status.node_id,
        key: status.key,
        name: status.name,
        display: `${status.name}#${status.node_id.replaceAll('-', '').slice(0, 4)}`,
        version: status.version,
      };
      this.dispatch({ type: 'connected', self, links: status.links.length, channels, contacts, invitations });
      for await (const event of events) this.#event(event);
    } finally {
      link.abort();
    }
  }

  #unlessEnded(error: unknown): void {
    if (!this.#end.signal.aborted) throw error;
  }

  #event(event: ApiEvent): void {
    this.#take(apply(this.#present(), event));
  }

  #present(): ChatState {
    return { ...this.#state, now: this.#deps.now() };
  }

  #take({ state, effects }: Update): void {
    this.#state = state;
    for (const effect of effects) this.#do(effect);
    if (this.#unread()) this.#reading ??= setTimeout(() => this.#markRead(), READ_MS);
    this.#notify();
  }

  #unread(): ReturnType<typeof readMark> {
    const mark = readMark(this.#state);
    return mark && mark.cursor > (this.#read.get(mark.channelId) ?? '') ? mark : undefined;
  }

  #markRead(): void {
    this.#reading = undefined;
    const mark = this.#unread();
    if (!mark) return;
    this.#read.set(mark.channelId, mark.cursor);
    void this.#request(mark, Promise.resolve());
  }

  /** At once when nothing was shown for a while, else when it is time. */
  #notify(): void {
    if (this.#notifying || this.#end.signal.aborted) return;
    const wait = this.#notified + this.#deps.frameMs - this.#deps.now();
    this.#notifying = setTimeout(
      () => {
        this.#notifying = undefined;
        this.#notified = this.#deps.now();
        for (const listener of this.#listeners) listener();
      },
      Math.min(this.#deps.frameMs, Math.max(0, wait)),
    );
  }

  #do(effect: Effect): void {
    if (effect.do === 'quit') {
      this.quit();
    } else if (effect.do === 'redraw') {
      this.#deps.redraw();
    } else if (effect.do === 'cancel') {
      for (const id of effect.ids) this.#saving.get(id)?.abort();
    } else if (effect.do === 'channels') {
      this.#refreshing ??= setTimeout(() => {
        this.#refreshing = undefined;
        void this.#request(effect, Promise.resolve());
      }, REFRESH_MS);
    } else if (effect.do === 'send' && effect.path === undefined) {
      // One after another: what was entered first is said first. Nothing waits until a file is read.
      this.#sending = this.#request(effect, this.#sending);
    } else if (effect.do === 'save') {
      this.#save(effect);
    } else {
      void this.#request(effect, Promise.resolve());
    }
  }

  #save(effect: Request & { do: 'save' }): void {
    const cancel = new AbortController();
    this.#saving.set(effect.id, cancel);
    void this.#request(effect, Promise.resolve(), cancel.signal).then(() => this.#saving.delete(effect.id));
  }

  /** A failure is told to the user; a defect ends the chat. `cancelled`: the user does not want it any more. */
  #request(effect: Request, after: Promise<void>, cancelled: AbortSignal = new AbortController().signal): Promise<void> {
    const tell = (action: Action): void => {
      if (!this.#end.signal.aborted) this.dispatch(action);
    };
    return after
      .then(() => perform({ ...this.#deps, signal: this.#end.signal, cancelled }, effect, () => this.#state, tell))
      .catch((error: unknown) => {
        if (!failureOf(error)) return this.#defect(error);
        const action = failed(effect, messageOf(error));
        if (action) tell(action);
      });
  }

  #defect(error: unknown): void {
    // Outside of every promise, where the program's own handler restores the terminal and shows it.
    setImmediate(() => {
      throw error;
    });
  }
}
