import type { Identity } from '../../identity/identity.ts';
import type { Delivery, Overlay } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import type { StoreWrite, TableSpec } from '../../ports/store.ts';
import { ParleyError } from '../../util/errors.ts';
import { Emitter } from '../../util/events.ts';
import { randomGuid } from '../../util/guid.ts';
import { Scope } from '../../util/scope.ts';
import type { SealingTarget } from '../../wire/jwe.ts';
import type { ContactConfig } from './config.ts';
import type { Contact } from './contact.ts';
import { signKeyChange } from './key-change.ts';
import { NEW_KEY } from './verbs.ts';

const PLAN = 'rotation';
/** Keys that this node's user had before, with their node ids. */
const FORMER = 'former_keys';
export const rotationTables: readonly TableSpec[] = [{ name: PLAN }, { name: FORMER, small: true, backup: {} }];
const ROW = 'plan';
const MAX_FORMER = 100;

interface Key {
  readonly keyId: string;
  readonly nodeId: string;
}

/** Somebody who is to learn of the new key. `handed`: another node has the statement, and answers for it. */
interface Told extends Key {
  readonly msgId?: string;
  readonly handed: boolean;
  /** It is one of the user's own devices. */
  readonly device?: true;
}

/** A key that is taking the place of another; on disk from the first step to the last. */
export interface RotationPlan {
  readonly from: Key;
  readonly to: Key;
  /** When it was signed, in milliseconds since 1970. */
  readonly time: number;
  readonly statement: string;
  /** `telling`: the old key is in use. `leaving`: it is giving up its places. `following`: the new one is. */
  readonly phase: 'telling' | 'leaving' | 'following';
  readonly contacts: readonly Told[];
}

export interface RotationDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly overlay: Overlay;
  readonly target: (nodeId: string) => Promise<SealingTarget>;
}

/** A new key for the same user: the old one signs it, and the contacts whom the user picks are told, however long that takes (S3). */
export class Rotation {
  readonly events: Emitter<{ changed: undefined }>;
  readonly #deps: RotationDeps;
  readonly #config: ContactConfig;
  readonly #scope: Scope;
  readonly #busy = new Set<string>();
  readonly #former = new Map<string, string>();
  #plan: RotationPlan | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(deps: RotationDeps, config: ContactConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(deps.ports.clock);
    this.events = new Emitter((error) => deps.ports.log.error('a listener failed', { error: String(error) }));
  }

  /**
   * Reads back what was begun. Where this node's key has just taken the place of another, resolves with the key ids of the contacts that it goes
   * on with: `adopted` then says that this is done. Errors: those of the store.
   */
  async start(): Promise<ReadonlySet<string> | undefined> {
    const { ports, identity, overlay } = this.#deps;
    for (const { key, value } of await ports.store.range(FORMER, { limit: MAX_FORMER })) this.#former.set(value as string, key);
    const value = await ports.store.get(PLAN, ROW);
    const plan = typeof value === 'string' ? (JSON.parse(value) as RotationPlan) : undefined;
    // Of an identity that was put in the place of this one by hand.
    if (plan && ![plan.from.keyId, plan.to.keyId].includes(identity.keyId))
      await ports.store.commit([{ op: 'delete', table: PLAN, key: ROW }]);
    else this.#plan = plan;
    this.#scope.add(overlay.events.on('delivery', (delivery) => this.#delivered(delivery)));
    this.#scope.add(
      overlay.events.on('presence', ({ nodeId, present }) => {
        if (present && this.#plan?.contacts.some((one) => one.nodeId === nodeId)) this.#tellAll();
      }),
    );
    this.#scope.every(
      () => this.#config.tryAgainMs * (0.67 + 0.66 * ports.random.number()),
      () => this.#tellAll(),
    );
    if (this.#plan?.to.keyId !== identity.keyId || this.#plan.phase === 'following') return undefined;
    return new Set(this.#plan.contacts.map(({ keyId }) => keyId));
  }

  /** What is written when the contacts are as `start` said: this key is the user's now, and tells those who are not told yet. */
  adopted(): StoreWrite[] {
    const plan = this.#plan;
    if (!plan) return [];
    const { from } = plan;
    this.#former.set(from.nodeId, from.keyId);
    // What the old key had not handed on went with it.
    const contacts = plan.contacts.map(({ msgId: _, ...told }) => told);
    this.#plan = { ...plan, phase: 'following', contacts };
    return [{ op: 'put', table: FORMER, key: from.keyId, value: from.nodeId }, planWrite(this.#plan)];
  }

  async close(): Promise<void> {
    await this.#scope.close();
    await this.#saving.catch(() => {});
  }

  get plan(): RotationPlan | undefined {
    return this.#plan;
  }

  /** Whether a node id was this user's before. */
  isFormer(nodeId: string): boolean {
    return this.#former.has(nodeId);
  }

  /** Key ids that this user had before, the latest last. */
  get formerKeys(): string[] {
    return [...this.#former.values()];
  }

  /** This node's key names another in its place, to these contacts and to the user's other devices. On disk when it resolves. Errors: `conflict`, those of the store. */
  async begin(next: Identity, contacts: readonly Contact[], devices: readonly Key[]): Promise<void> {
    const { identity, ports } = this.#deps;
    if (this.#plan && this.#plan.phase !== 'following') throw new ParleyError('conflict', 'the key is being replaced already');
    const time = ports.clock.now();
    const statement = await signKeyChange(identity, next, time);
    const key = ({ keyId, nodeId }: Key): Key => ({ keyId, nodeId });
    const told: Told[] = contacts.map((contact) => ({ ...key(contact), handed: false }));
    for (const device of devices) told.push({ ...key(device), handed: false, device: true });
    await this.#set({ from: key(identity), to: key(next), time, statement, phase: 'telling', contacts: told });
    this.#tellAll();
  }

  /** Whether what was signed is too old to be believed. */
  get isStale(): boolean {
    const { clock } = this.#deps.ports;
    return this.#plan !== undefined && clock.now() - this.#plan.time >= this.#config.keyChangeBackMs;
  }

  /** The old key begins to give up its places. Errors: `not-found`, those of the store. */
  async leave(): Promise<void> {
    if (!this.#plan) throw new ParleyError('not-found', 'no new key was begun with');
    await this.#set({ ...this.#plan, phase: 'leaving' });
  }

  /** Forgets what was begun with. Whoever was told has been told. Errors: `not-found`, `conflict`, those of the store. */
  async cancel(): Promise<void> {
    const plan = this.#plan;
    if (!plan || plan.phase === 'following') throw new ParleyError('not-found', 'no new key was begun with');
    if (plan.phase === 'leaving') throw new ParleyError('conflict', 'the new key is taking the place of this one already');
    await this.#set(undefined);
  }

  #tellAll(): void {
    const plan = this.#plan;
    if (!plan) return;
    const done = plan.contacts.every(({ handed }) => handed);
    if (plan.phase === 'following' && (done || this.isStale)) {
      this.#run(this.#set(undefined));
      return;
    }
    for (const contact of plan.contacts) {
      // Noted before it is sent: where a crash came between the two, nothing is under way.
      const sent = contact.msgId !== undefined && this.#deps.overlay.pendingRecipients(contact.msgId).length > 0;
      if (contact.handed || sent || this.#busy.has(contact.keyId)) continue;
      this.#busy.add(contact.keyId);
      this.#run(this.#tell(plan, contact).finally(() => this.#busy.delete(contact.keyId)));
    }
  }

  async #tell({ statement, to }: RotationPlan, { keyId, nodeId }: Key): Promise<void> {
    const target = await this.#deps.target(nodeId);
    // It may have been given up, or be another's turn, meanwhile.
    if (this.#plan?.to.keyId !== to.keyId || this.#scope.closed) return;
    const msgId = randomGuid(this.#deps.ports.random);
    await this.#note(keyId, (told) => ({ ...told, msgId }));
    await this.#deps.overlay.sealed.send(NEW_KEY, { statement }, { target }, { msgId });
  }

  #delivered({ msgId, recipient, state, by }: Delivery): void {
    const told = this.#plan?.contacts.find((one) => one.nodeId === recipient && one.msgId === msgId);
    if (!told || told.handed) return;
    // Whoever refuses it has it.
    const handed = ['sent', 'stored', 'delivered', 'read'].includes(state) || (state === 'failed' && by === recipient);
    if (handed) this.#run(this.#note(told.keyId, (one) => ({ ...one, handed: true })));
    else if (state === 'expired' || state === 'failed') this.#run(this.#note(told.keyId, ({ msgId: _, ...one }) => one));
  }

  #note(keyId: string, change: (told: Told) => Told): Promise<void> {
    const plan = this.#plan;
    if (!plan) return Promise.resolve();
    return this.#set({ ...plan, contacts: plan.contacts.map((one) => (one.keyId === keyId ? change(one) : one)) });
  }

  #set(plan: RotationPlan | undefined): Promise<void> {
    const before = this.#plan;
    this.#plan = plan;
    const saved = this.#saving
      .catch(() => {})
      .then(async () => {
        const write: StoreWrite = plan ? planWrite(plan) : { op: 'delete', table: PLAN, key: ROW };
        try {
          await this.#deps.ports.store.commit([write]);
        } catch (error) {
          if (this.#plan === plan) this.#plan = before;
          throw error;
        }
        this.events.emit('changed', undefined);
      });
    this.#saving = saved;
    return saved;
  }

  #run(task: Promise<void>): void {
    this.#scope.run(task, (error) =>
      this.#deps.ports.log.debug('a contact could not be told of the new key', { error: ParleyError.from(error).message }),
    );
  }
}

const planWrite = (plan: RotationPlan): StoreWrite => ({ op: 'put', table: PLAN, key: ROW, value: JSON.stringify(plan) });
