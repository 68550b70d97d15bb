import { ACCEPT, type Arrival, type Overlay, type Verdict } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import { LruMap } from '../../util/bounded.ts';
import { ParleyError } from '../../util/errors.ts';
import { Emitter } from '../../util/events.ts';
import { Scope } from '../../util/scope.ts';
import type { SealingTarget } from '../../wire/jwe.ts';
import { parseTimestamp } from '../../wire/message.ts';
import type { DataOf } from '../../wire/verb.ts';
import type { PresenceConfig } from './config.ts';
import { Others, OwnActivity, type Told, type UserPresence } from './state.ts';
import { PRESENCE } from './verbs.ts';

export interface PresenceEvents {
  /** What is known of a contact is not as it was: node id of the person. */
  changed: { readonly nodeId: string };
}

export interface PresenceDeps {
  readonly ports: Ports;
  readonly overlay: Overlay;
  /** Whom to seal to, by node id. */
  readonly target: (nodeId: string) => Promise<SealingTarget>;
  /** Whether the user tells contacts of it, and sees it of them. */
  readonly wanted: () => boolean;
  /** Contacts who have accepted and are not blocked: node ids of the people. */
  readonly contacts: () => readonly string[];
  readonly isContact: (person: string) => boolean;
  /** Devices of a person, and whose device a node is, by node id. */
  readonly devicesOf: (person: string) => readonly string[];
  readonly personOf: (nodeId: string) => string;
}

/** A certificate that comes later than this is too late for what is fleeting. */
const FRESH_MS = 5000;
/** How often it is looked whether somebody is away by now. */
const LOOK_MS = 15_000;

/**
 * Whether users are there, told to contacts: sealed, once, kept by nobody and written to no disk. A user is there while they do something on one of
 * their devices; each device speaks for itself, and whoever hears them counts them as one.
 */
export class Presence {
  readonly events: Emitter<PresenceEvents>;
  readonly #deps: PresenceDeps;
  readonly #config: PresenceConfig;
  readonly #scope: Scope;
  readonly #own: OwnActivity;
  readonly #others: Others;
  /** What each device was told last, and when (monotonic). */
  readonly #told: LruMap<string, { readonly state: Told['state']; readonly at: number }>;
  /** Devices that are to be told soon. */
  readonly #soon = new Set<string>();
  /** What was told of each person last. */
  readonly #shown = new Map<string, string>();

  constructor(deps: PresenceDeps, config: PresenceConfig) {
    const { ports, overlay } = deps;
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(ports.clock);
    this.#own = new OwnActivity(config.awayMs);
    this.#others = new Others(config);
    this.#told = new LruMap(config.capacity);
    this.events = new Emitter((error) => ports.log.error('a listener failed', { error: String(error) }));
    overlay.sealed.handle(PRESENCE, (arrival) => this.#onPresence(arrival));
  }

  start(): void {
    const { overlay, ports, personOf, isContact } = this.#deps;
    this.#scope.add(
      overlay.events.on('presence', ({ nodeId, present }) => {
        const person = personOf(nodeId);
        if (!isContact(person)) return;
        if (present) this.#tellSoon(nodeId);
        this.#changed(person);
      }),
    );
    this.#scope.every(
      () => LOOK_MS,
      () => {
        if (this.#own.look(this.#now())) this.#tellAll();
        for (const person of [...this.#shown.keys()]) this.#changed(person);
      },
    );
    this.#scope.every(
      () => this.#config.repeatMs * (0.75 + 0.5 * ports.random.number()),
      () => this.#own.here && this.#tellAll(),
    );
  }

  close(): Promise<void> {
    return this.#scope.close();
  }

  /** The user does something here. However often this is called, contacts are told now and then. */
  active(): void {
    if (this.#own.active(this.#now())) this.#tellAll();
  }

  /** What is known of a contact, by the node id of the person. */
  of(person: string): UserPresence | undefined {
    const { wanted, isContact, devicesOf, overlay } = this.#deps;
    if (!wanted() || !isContact(person)) return undefined;
    return this.#others.of(devicesOf(person), (nodeId) => overlay.shows(nodeId), this.#now());
  }

  /** The user shares more, or less, of what they do than before. */
  sharingChanged(): void {
    if (this.#deps.wanted()) {
      this.#tellAll();
      return;
    }
    // Those who were told are told that they hear no more; a copy that is lost is out of date in a few minutes.
    for (const [nodeId, { state }] of [...this.#told.entries()]) if (state !== 'hidden') this.#tellSoon(nodeId);
    this.#others.clear();
    for (const person of [...this.#shown.keys()]) this.#changed(person);
  }

  /** Somebody became a contact, or is one no more. */
  contactChanged(person: string): void {
    const { isContact, devicesOf } = this.#deps;
    for (const nodeId of devicesOf(person)) {
      if (isContact(person)) this.#tellSoon(nodeId);
      else this.#others.forget(nodeId);
    }
    this.#changed(person);
  }

  #tellAll(): void {
    const { contacts, devicesOf } = this.#deps;
    for (const person of contacts()) for (const nodeId of devicesOf(person)) this.#tellSoon(nodeId);
  }

  /** Each at another moment: so what goes to all does not go as one. */
  #tellSoon(nodeId: string): void {
    if (this.#soon.has(nodeId) || !this.#deps.overlay.reaches(nodeId)) return;
    this.#soon.add(nodeId);
    this.#scope.after(1 + this.#config.spreadMs * this.#deps.ports.random.number(), () => {
      this.#soon.delete(nodeId);
      this.#scope.run(this.#tell(nodeId), (error) =>
        this.#deps.ports.log.debug('a contact could not be told of the user', { error: ParleyError.from(error).message }),
      );
    });
  }

  async #tell(nodeId: string): Promise<void> {
    const { overlay, target, isContact, personOf } = this.#deps;
    const begun = this.#now();
    const told = this.#toTell(begun);
    const last = this.#told.get(nodeId);
    if (!told || (last?.state === told.state && begun - last.at < this.#config.againMs)) return;
    // Who was told nothing is not told that it is over either.
    if (told.state === 'hidden' && (last === undefined || last.state === 'hidden')) return;
    if (!isContact(personOf(nodeId)) || !overlay.reaches(nodeId)) return;
    const to = await target(nodeId);
    // Meanwhile the user may have thought better of it.
    if (this.#now() - begun > FRESH_MS || !isContact(personOf(nodeId)) || this.#toTell(begun)?.state !== told.state) return;
    this.#told.set(nodeId, { state: told.state, at: begun });
    const { state, idleMin } = told;
    await overlay.sealed.utter(PRESENCE, { state, ...(idleMin === undefined ? {} : { idle_min: idleMin }) }, { target: to });
  }

  #toTell(now: number): Told | undefined {
    return this.#deps.wanted() ? this.#own.told(now) : { state: 'hidden' };
  }

  #onPresence({ data, origin, sealed, message }: Arrival<DataOf<typeof PRESENCE>>): Verdict {
    const { wanted, isContact, devicesOf, personOf, ports } = this.#deps;
    if (!wanted()) return drop('presence-off');
    const person = personOf(origin);
    const speaks = isContact(person) && devicesOf(person).includes(origin);
    if (sealed?.toCertificate !== true || !speaks) return drop('presence-sender');
    const said = parseTimestamp(message.auth?.time ?? '') ?? 0;
    const now = { monotonic: this.#now(), wall: ports.clock.now() };
    const told: Told = { state: data.state, ...(data.idle_min === undefined ? {} : { idleMin: data.idle_min }) };
    if (!this.#others.hear(origin, told, said, now)) return drop('presence-late');
    this.#changed(person);
    return ACCEPT;
  }

  /** Tells what is known of somebody where that is not as before. */
  #changed(person: string): void {
    const known = this.of(person);
    const now = known ? `${known.state ?? ''} ${known.state === 'here' ? '' : known.seen}` : '';
    if (now === (this.#shown.get(person) ?? '')) return;
    if (known) this.#shown.set(person, now);
    else this.#shown.delete(person);
    this.events.emit('changed', { nodeId: person });
  }

  #now(): number {
    return this.#deps.ports.clock.monotonic();
  }
}

const drop = (reason: string): Verdict => ({ verdict: 'drop', reason });
