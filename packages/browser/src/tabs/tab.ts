import { type JsonObject, type Log, ParleyError, type Random, randomGuid } from '@parley/core';
import type { Sealed } from '../identity/sealed.ts';
import type { Parley, Phase, TabEvent, TabNode } from '../parley.ts';
import type { WorkerOptions } from '../worker/protocol.ts';
import type { WorkerLeader, WorkerLeaderDeps } from '../worker/worker-leader.ts';
import { Audience } from './audience.ts';
import { type Call, Calls } from './calls.ts';
import { isNew } from './first-visit.ts';
import { errorOf, type LeaderPhase, plainError, TAB_PROTOCOL, type TabMessage } from './protocol.ts';
import { tabNode } from './tab-node.ts';
import { Turn } from './turn.ts';

type LeadPart = Pick<WorkerLeaderDeps, 'publish' | 'phaseChanged'> & Pick<WorkerOptions, 'session'>;

export interface TabDeps {
  readonly name: string;
  readonly random: Random;
  readonly log: Log;
  /** Errors: `unsupported`, saying what the browser lacks. */
  readonly check: () => Promise<void>;
  readonly lead: (part: LeadPart) => WorkerLeader;
}

/** What a page may show while another tab begins to lead. */
const STAYS: readonly Phase['phase'][] = ['running', 'new', 'locked'];
/** Time for a page to draw what it shows first. */
const FIRST_PAINT_MS = 50;

/** Without a union's members being merged into one. */
type Unsigned<T> = T extends { readonly version: number } ? Omit<T, 'version'> : never;

/**
 * One tab's part in the node of its browser. One of the tabs leads: it holds the lock, runs the node, and answers the others' calls; when
 * it ends, the browser gives the lock to the next, which opens the node on the same store.
 */
export class Tab implements Parley {
  readonly node: TabNode;
  readonly #deps: TabDeps;
  readonly #id: string;
  readonly #calls: Calls;
  readonly #audience = new Audience(() => this.#wish());
  readonly #phaseListeners = new Set<(phase: Phase) => void>();
  readonly #turn: Turn;
  readonly #closing = new AbortController();
  #phase: Phase = { phase: 'starting' };
  #channel: BroadcastChannel | undefined;
  #leader: WorkerLeader | undefined;
  /** The time during which one tab leads. */
  #term: string | undefined;
  #leaderPhase: LeaderPhase = { phase: 'starting' };
  /** Whether a node has run in an earlier term: what is shown of it may miss something. */
  #seen: { readonly term: string } | undefined;
  #session: Sealed | undefined;

  constructor(deps: TabDeps) {
    this.#deps = deps;
    this.#turn = new Turn(deps.name);
    this.#id = randomGuid(deps.random);
    this.#calls = new Calls((call) => this.#send(call));
    this.node = tabNode(
      (name, args) => this.#call(name, args),
      deps.random,
      (listener, { traffic = false } = {}) => this.#audience.subscribe(listener, traffic),
    );
  }

  get phase(): Phase {
    return this.#phase;
  }

  onPhase(listener: (phase: Phase) => void): () => void {
    this.#phaseListeners.add(listener);
    return () => {
      this.#phaseListeners.delete(listener);
    };
  }

  async begin(name: string, passphrase?: string): Promise<void> {
    await this.#call('begin', [name, passphrase]);
  }

  async restore(file: Blob, passphrase: string, replace?: boolean): Promise<JsonObject | undefined> {
    return (await this.#call('restore', [file, passphrase, replace])) as JsonObject | undefined;
  }

  async unlock(passphrase: string): Promise<void> {
    await this.#call('unlock', [passphrase]);
  }

  /** Takes part: as the one that leads, if no other tab does. */
  async open(): Promise<void> {
    try {
      if (await isNew(this.#deps.name)) {
        // Asking for a name needs no node yet; what starts one would keep the page from drawing.
        this.#show({ phase: 'new' });
        await new Promise((resolve) => setTimeout(resolve, FIRST_PAINT_MS));
      }
      // Both take their time, and neither needs the other.
      const turn = this.#turn.take();
      turn.catch(() => {});
      await this.#deps.check();
      const channel = new BroadcastChannel(`parley tabs ${this.#deps.name}`);
      this.#channel = channel;
      channel.onmessage = ({ data }: MessageEvent<TabMessage>) => this.#heard(data);
      addEventListener('online', this.#wake);
      document.addEventListener('visibilitychange', this.#wake);
      document.addEventListener('freeze', this.#freeze);
      document.addEventListener('resume', this.#resume);
      this.#post({ kind: 'who' });
      await this.#leadWith(turn);
    } catch (thrown) {
      this.#cannotLead(thrown);
    }
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    if (!this.#leader) this.#turn.giveUp();
    removeEventListener('online', this.#wake);
    document.removeEventListener('visibilitychange', this.#wake);
    document.removeEventListener('freeze', this.#freeze);
    document.removeEventListener('resume', this.#resume);
    if (!this.#leader) this.#post({ kind: 'watch', tab: this.#id, wanted: false, traffic: false });
    this.#calls.close(new ParleyError('closed', 'this page has ended its part in the node'));
    await this.#leader?.close();
    this.#channel?.close();
    this.#turn.giveUp();
  }

  readonly #wake = (): void => {
    if (document.visibilityState === 'visible') this.#leader?.wake();
  };

  async #leadWith(turn: Promise<boolean>): Promise<void> {
    if (!(await turn)) return;
    if (this.#closing.signal.aborted) this.#turn.giveUp();
    else this.#lead();
  }

  /**
   * The browser is about to stop this page where it stands. What it leads with another tab could not have until it goes on: so it ends its
   * node, as a crash would, and waits for nothing.
   */
  readonly #freeze = (): void => {
    const leader = this.#leader;
    this.#leader = undefined;
    this.#audience.forgetTabs();
    leader?.kill();
    this.#turn.giveUp();
    if (!leader) return;
    this.#term = undefined;
    this.#leaderPhase = { phase: 'starting' };
  };

  readonly #resume = (): void => {
    this.#post({ kind: 'who' });
    this.#leadWith(this.#turn.take()).catch((thrown: unknown) => this.#cannotLead(thrown));
  };

  #cannotLead(thrown: unknown): void {
    const { code, message } = ParleyError.from(thrown, 'storage');
    this.#leaderSays(this.#id, { phase: 'failed', code, message });
  }

  #lead(): void {
    const term = randomGuid(this.#deps.random);
    const leader = this.#deps.lead({
      publish: (event) => this.#publish(term, event),
      phaseChanged: () => this.#announce(),
      session: this.#session,
    });
    this.#leader = leader;
    this.#term = term;
    this.#announce();
    this.#wish();
  }

  #announce(): void {
    if (!this.#leader || this.#term === undefined || this.#closing.signal.aborted) return;
    const { phase, session } = this.#leader;
    this.#session = session;
    this.#post({ kind: 'lead', term: this.#term, phase, session });
    this.#leaderSays(this.#term, phase);
  }

  #publish(term: string, event: TabEvent): void {
    // Tabs that want events have said so.
    if (this.#audience.hasTabs) this.#post({ kind: 'event', term, event });
    this.#tell(event);
  }

  #heard(message: TabMessage): void {
    if (message.version !== TAB_PROTOCOL || this.#closing.signal.aborted) return;
    if (this.#leader) this.#heardAsLeader(this.#leader, message);
    else if (message.kind === 'lead') {
      const isNew = message.term !== this.#term;
      this.#session = message.session;
      // Before any call: no event may come between what a call answers and those that are heard.
      if (isNew) this.#wish();
      this.#leaderSays(message.term, message.phase);
    } else if (message.kind === 'answer') {
      this.#calls.settle(message.id, message.error ? { error: errorOf(message.error) } : { value: message.value });
    } else if (message.kind === 'event' && message.term === this.#term) this.#tell(message.event);
  }

  #heardAsLeader(leader: WorkerLeader, message: TabMessage): void {
    if (message.kind === 'who') this.#announce();
    else if (message.kind === 'call' && message.term === this.#term) void this.#answer(leader, message);
    else if (message.kind === 'watch') {
      this.#audience.heard(message.tab, message);
      leader.watchTraffic(this.#audience.seesTraffic);
    }
  }

  async #answer(leader: WorkerLeader, { id, name, args }: Call): Promise<void> {
    const outcome = await leader.call(name, args).then(
      (value) => ({ value }),
      (error: unknown) => ({ value: undefined, error: plainError(error) }),
    );
    // Whatever a closing or freezing tab did not finish is asked again of the next.
    if (!this.#closing.signal.aborted && this.#leader === leader) this.#post({ kind: 'answer', id, ...outcome });
  }

  async #call(name: Call['name'], args: readonly unknown[]): Promise<unknown> {
    const answer = this.#calls.add(randomGuid(this.#deps.random), name, args);
    if (this.#term !== undefined) this.#calls.pump(this.#term, this.#leaderPhase);
    return answer;
  }

  #send(call: Call): void {
    const { id, name, args } = call;
    if (!this.#leader) {
      this.#post({ kind: 'call', term: this.#term ?? '', id, name, args });
      return;
    }
    const leader = this.#leader;
    leader.call(name, args).then(
      (value) => this.#calls.settle(id, { value }),
      (error: unknown) => {
        // One that was ended with its page frozen is asked again, of whoever leads then.
        if (this.#leader === leader) this.#calls.settle(id, { error: ParleyError.from(error) });
      },
    );
  }

  /** The node's phase as the one that leads says it. */
  #leaderSays(term: string, phase: LeaderPhase): void {
    this.#term = term;
    this.#leaderPhase = phase;
    // A change of the leading tab is no new beginning: what is shown stays until it is known better, and what is being typed there.
    if (phase.phase !== 'starting' || !STAYS.includes(this.#phase.phase)) {
      this.#show(phase.phase === 'running' ? { phase: 'running', leads: this.#leader !== undefined } : phase);
    }
    if (phase.phase === 'running') {
      if (this.#seen && this.#seen.term !== term) this.#tell({ event: 'reset' });
      this.#seen = { term };
    }
    this.#calls.pump(term, phase);
  }

  #show(phase: Phase): void {
    if (JSON.stringify(phase) === JSON.stringify(this.#phase)) return;
    this.#phase = phase;
    for (const listener of [...this.#phaseListeners]) this.#safely(() => listener(phase));
  }

  #tell(event: TabEvent): void {
    for (const listener of this.#audience.of(event)) this.#safely(() => listener(event));
  }

  /** Says what this page wants to be told. */
  #wish(): void {
    if (this.#leader) this.#leader.watchTraffic(this.#audience.seesTraffic);
    else this.#post({ kind: 'watch', tab: this.#id, ...this.#audience.wish });
  }

  #post(message: Unsigned<TabMessage>): void {
    this.#channel?.postMessage({ version: TAB_PROTOCOL, ...message });
  }

  #safely(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#deps.log.error('a listener failed', { error: String(error) });
    }
  }
}
