import { type ApiService, ParleyError, type Ports, Turns } from '@parley/core';
import type { IdentityDatabase } from '../identity/database.ts';
import type { Sealed } from '../identity/sealed.ts';
import type { OpenIdentity, Vault } from '../identity/vault.ts';
import { Home } from '../node/home.ts';
import type { TabEvent, TabNode, TabStatus } from '../parley.ts';
import { eraseStores, storeNameOf } from '../stores.ts';
import { fileAnswers } from './answers.ts';
import { closedCalls } from './closed-calls.ts';
import { deviceCalls } from './device-calls.ts';
import { knownServers, rememberServers } from './known-servers.ts';
import type { CallName, LeaderPhase, NodeCall } from './protocol.ts';
import { TabSuccession } from './succession.ts';
import { type VaultAnswers, vaultAnswers } from './vault-answers.ts';

export interface LeaderDeps extends Omit<Ports, 'store' | 'transports'> {
  readonly vault: Vault;
  readonly database: IdentityDatabase;
  readonly name: string;
  readonly ownServer: string | undefined;
  readonly publish: (event: TabEvent) => void;
  readonly phaseChanged: () => void;
  /** What a tab that led before has left. */
  readonly session: Sealed | undefined;
}

type Answers = { [Name in NodeCall]: (...args: Parameters<TabNode[Name]>) => Promise<Awaited<ReturnType<TabNode[Name]>>> };

/** The tab that leads: wakes the identity, runs the node, and answers the calls of all tabs. */
export class Leader {
  readonly #deps: LeaderDeps;
  readonly #answers: Answers & VaultAnswers;
  readonly #succession: TabSuccession;
  #phase: LeaderPhase = { phase: 'starting' };
  #open: OpenIdentity | undefined;
  #session: Sealed | undefined;
  #home: Home | undefined;
  #servers: readonly string[] = [];
  #watched = false;
  #closed = false;
  /** What changes the identity is done one after another. */
  readonly #turns = new Turns();

  constructor(deps: LeaderDeps) {
    this.#deps = deps;
    this.#session = deps.session;
    this.#succession = new TabSuccession({
      vault: deps.vault,
      open: () => this.#running().open,
      service: () => this.#running().home.service,
      takeOver: () => this.#turns.take(async () => this.#runAnew(await this.#deps.vault.takeNext(this.#running().open))),
    });
    const vaultCalls = vaultAnswers(deps, {
      turns: this.#turns,
      isRunning: () => this.#phase.phase === 'running',
      run: (open) => this.#run(open),
      empty: () => this.#empty(),
      setServers: (servers) => {
        this.#servers = servers;
      },
      enter: (phase) => this.#enter(phase),
      fail: (error) => this.#fail(error),
    });
    this.#answers = { ...vaultCalls, ...this.#nodeAnswers() };
  }

  get phase(): LeaderPhase {
    return this.#phase;
  }

  /** The secret as other tabs keep it in memory, so that one of them can go on: only where a passphrase would be asked for again. */
  get session(): Sealed | undefined {
    if (!this.#open) return this.#session;
    return this.#open.encrypted ? this.#open.secret : undefined;
  }

  /** Reads who is at home, and starts the node if nothing is needed for that. */
  start(): Promise<void> {
    return this.#turns.take(async () => {
      try {
        this.#servers = await knownServers(this.#deps.database, this.#deps.ownServer);
        const resident = await this.#deps.vault.resident();
        if (!resident) this.#enter({ phase: 'new' });
        else if (resident.encrypted && !this.#session) this.#lock(resident);
        else await this.#wake().catch((error: unknown) => this.#sleepOrFail(error, resident));
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  /** Errors: those of the call. */
  async call(name: CallName, args: readonly unknown[]): Promise<unknown> {
    if (!Object.hasOwn(this.#answers, name)) throw new ParleyError('unsupported', 'the tab that runs the node is of another version');
    // Arguments come from `TabNode` and `Parley`, here or in another tab.
    const answer = this.#answers[name] as (...given: readonly unknown[]) => Promise<unknown>;
    return answer(...args);
  }

  wake(): void {
    this.#home?.wake();
  }

  watchTraffic(wanted: boolean): void {
    this.#watched = wanted;
    this.#home?.watchTraffic(wanted);
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#turns.take(() => this.#stop());
  }

  /** Nothing is kept of who was at home here. Errors: those of the store. */
  async #empty(): Promise<void> {
    const { database, name, ownServer } = this.#deps;
    await this.#stop();
    this.#open = undefined;
    this.#session = undefined;
    await eraseStores(name);
    await (await import('../files/opfs.ts')).eraseFiles(name);
    await database.erase();
    this.#servers = await knownServers(database, ownServer);
  }

  #nodeAnswers(): Answers {
    const { vault } = this.#deps;
    const service = (): ApiService => this.#running().home.service;
    return {
      status: () => this.#status(),
      channels: async () => service().channels(),
      create: (name, nonce) => service().create(name, nonce),
      join: (channel) => service().join(channel),
      leave: (channel) => service().leave(channel),
      members: async (channel) => service().members(channel),
      messages: (channel, page) => service().messages(channel, page),
      message: (channel, msgId) => service().message(channel, msgId),
      send: (channel, text, { replyTo, msgId, attachments } = {}) =>
        service().send(channel, text, { reply_to: replyTo, msg_id: msgId, attachments }),
      attachment: (channel, msgId, index) => service().attachment(channel, msgId, index),
      ...fileAnswers(() => this.#running().home),
      search: (query, scope) => service().search(query, scope),
      act: (channel, kind, msgId, text) => service().act(channel, { kind, msg_id: msgId, text }),
      pinned: (channel) => service().pinned(channel),
      markRead: (channel, cursor) => service().markRead(channel, cursor),
      typing: async (channel, typing) => service().typing(channel, typing),
      here: async () => service().here(),
      nodes: async (limit) => this.#running().home.nodes(limit),
      route: (key) => service().route(key),
      safetyNumber: async (nodeId) => this.#running().home.safetyNumber(nodeId),
      contacts: async () => service().contacts.list(),
      contactLink: async () => service().contacts.link(),
      addContact: (link, options) => service().contacts.add(link, options),
      acceptContact: (who) => service().contacts.accept(who),
      declineContact: (who) => service().contacts.decline(who),
      removeContact: (who) => service().contacts.remove(who),
      renameContact: (who, alias) => service().contacts.rename(who, alias),
      blockContact: (who) => service().contacts.block(who),
      unblockContact: (who) => service().contacts.unblock(who),
      verifyContact: (who, number) => service().contacts.verify(who, number),
      decideKey: (who, believed) => service().contacts.decideKey(who, believed),
      ...closedCalls(service),
      setTimer: (channel, seconds) => service().setTimer(channel, seconds),
      settings: async () => service().settings.get(),
      circuits: async () => service().settings.circuits(),
      setSettings: (changes) => service().settings.set(changes),
      ...deviceCalls(service),
      ...this.#succession.calls,
      setServers: (urls) =>
        this.#turns.take(async () => {
          this.#servers = await rememberServers(this.#deps.database, this.#deps.ownServer, urls);
          this.#home?.setServers(this.#servers);
        }),
      rename: (name) =>
        // A node has one certificate as long as it runs.
        this.#turns.take(async () => this.#runAnew(await vault.rename(this.#running().open, name))),
      setPassphrase: (passphrase, old) =>
        this.#turns.take(async () => {
          this.#open = await vault.setPassphrase(this.#running().open, passphrase, old);
          this.#deps.phaseChanged();
          this.#deps.publish({ event: 'status' });
        }),
      backup: async (passphrase, app = {}) => {
        const { home, open } = this.#running();
        const { saveBackup } = await import('../node/backup.ts');
        const settings = { app, servers: [...this.#servers] };
        const from = { ...(await vault.reveal(open)), store: home.store, settings };
        const progress = (done: number, all: number): void => this.#progress('backup', done, all);
        return saveBackup(this.#deps, from, passphrase, { cost: vault.scryptCost, progress });
      },
    };
  }

  #progress(task: 'backup' | 'restore', done: number, all: number): void {
    this.#deps.publish({ event: 'progress', task, done, all });
  }

  #running(): { readonly home: Home; readonly open: OpenIdentity } {
    if (!this.#home || !this.#open) throw new ParleyError('closed', 'the node of this browser does not run');
    return { home: this.#home, open: this.#open };
  }

  async #status(): Promise<TabStatus> {
    const { home, open } = this.#running();
    const [{ usage = 0, quota = 0 }, persistent] = await Promise.all([navigator.storage.estimate(), navigator.storage.persisted()]);
    const { clockSkewMs } = home;
    return {
      ...home.service.status(),
      connect: [...this.#servers],
      servers: home.servers,
      storage: { usedBytes: usage, quotaBytes: quota, persistent },
      encrypted: open.encrypted,
      ...(clockSkewMs === undefined ? {} : { clockSkewMs }),
    };
  }

  async #wake(): Promise<void> {
    await this.#run(await this.#deps.vault.open(undefined, this.#session));
  }

  /** Starts the node of an identity. A failure is the phase from then on. */
  async #run(open: OpenIdentity): Promise<void> {
    if (this.#closed) throw new ParleyError('closed', 'the page is closing');
    const { clock, random, crypto, log, name, publish } = this.#deps;
    this.#open = open;
    try {
      this.#home = await Home.open({
        clock,
        random,
        crypto,
        log,
        publish,
        identity: open.identity,
        name,
        storeName: storeNameOf(name, open.home),
        servers: this.#servers,
        successor: this.#succession,
        onLost: (error) => this.#lost(error),
      });
    } catch (error) {
      this.#fail(error);
      throw error;
    }
    this.#home.watchTraffic(this.#watched);
    this.#enter({ phase: 'running' });
    void this.#home.resume();
  }

  async #runAnew(open: OpenIdentity): Promise<void> {
    await this.#stop();
    await this.#run(open);
    this.#deps.publish({ event: 'reset' });
  }

  async #stop(): Promise<void> {
    const home = this.#home;
    this.#home = undefined;
    await home?.close().catch((error: unknown) => this.#deps.log.error('the node did not stop cleanly', { error: String(error) }));
  }

  #lost(error: ParleyError): void {
    this.#fail(error);
    void this.#turns.take(() => this.#stop());
  }

  #lock({ name, keyId }: { readonly name: string; readonly keyId: string }): void {
    this.#session = undefined;
    this.#enter({ phase: 'locked', name, keyId });
  }

  /** What another tab left may not fit any more: then the passphrase is asked for. */
  #sleepOrFail(thrown: unknown, resident: { readonly name: string; readonly keyId: string }): void {
    const error = ParleyError.from(thrown);
    if (error.code === 'bad-passphrase') this.#lock(resident);
    else this.#fail(error);
  }

  #fail(thrown: unknown): void {
    if (this.#closed) return;
    const { code, message } = ParleyError.from(thrown, 'storage');
    this.#deps.log.error('the node cannot run', { code, error: message });
    this.#enter({ phase: 'failed', code, message });
  }

  #enter(phase: LeaderPhase): void {
    if (this.#closed) return;
    this.#phase = phase;
    this.#deps.phaseChanged();
  }
}
