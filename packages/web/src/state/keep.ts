import { isRecord, readSettings, type Settings } from './settings.ts';
import type { Outgoing, Shell } from './types.ts';

/** The part of `Storage` that is used, so that tests can hold their own. */
export type KeptItems = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const PREFIX = 'parley.';
export const DRAFTS_KEY = `${PREFIX}drafts`;
/** Drafts of channels that one left do not stay for ever. */
const MAX_DRAFTS = 200;
const MAX_RECENT_EMOJI = 24;
const MAX_SHELL_CHANNELS = 200;

/** Small things that outlive a reload: settings, drafts, and what was sent while nothing could keep it. */
export class Keep {
  readonly #items: KeptItems;

  constructor(items: KeptItems) {
    this.#items = items;
  }

  settings(): Settings {
    return readSettings(this.#read('settings'));
  }

  setSettings(settings: Settings): void {
    this.#write('settings', settings);
  }

  draft(channelId: string): string {
    const draft = this.#record('drafts')[channelId];
    return typeof draft === 'string' ? draft : '';
  }

  setDraft(channelId: string, text: string): void {
    const { [channelId]: _, ...others } = this.#record('drafts');
    const kept = Object.entries(others).slice(-MAX_DRAFTS);
    this.#write('drafts', Object.fromEntries(text === '' ? kept : [...kept, [channelId, text]]));
  }

  outbox(): Record<string, Outgoing[]> {
    const entries = Object.entries(this.#record('outbox')).map(([id, list]) => [id, Array.isArray(list) ? list.filter(isOutgoing) : []]);
    return Object.fromEntries(entries) as Record<string, Outgoing[]>;
  }

  /** `known`: ids of all messages that this page has had in hand; what else is kept there is another window's. */
  setOutbox(outbox: Readonly<Record<string, readonly Outgoing[]>>, known: ReadonlySet<string>): void {
    const all = this.outbox();
    for (const id of new Set([...Object.keys(all), ...Object.keys(outbox)])) {
      const others = (all[id] ?? []).filter(({ msgId }) => !known.has(msgId));
      all[id] = [...others, ...(outbox[id] ?? [])];
    }
    this.#write('outbox', Object.fromEntries(Object.entries(all).filter(([, list]) => list.length > 0)));
  }

  shell(): Shell | undefined {
    const found = this.#record('shell');
    return isShell(found) ? found : undefined;
  }

  /** Undefined where there is nobody, and where a passphrase says that what is kept is nobody else's business. */
  setShell(shell: Shell | undefined): void {
    if (shell) this.#write('shell', { ...shell, channels: shell.channels.slice(0, MAX_SHELL_CHANNELS) });
    else this.#remove('shell');
  }

  recentEmoji(): string[] {
    const found = this.#parse(this.#read('emoji'));
    return Array.isArray(found) ? found.filter((emoji) => typeof emoji === 'string').slice(0, MAX_RECENT_EMOJI) : [];
  }

  noteEmoji(emoji: string): void {
    const others = this.recentEmoji().filter((known) => known !== emoji);
    this.#write('emoji', [emoji, ...others].slice(0, MAX_RECENT_EMOJI));
  }

  /** Forgets everything of the identity; how the app looks stays. */
  clear(): void {
    for (const name of ['drafts', 'outbox', 'emoji', 'shell']) this.#remove(name);
  }

  #record(name: string): Record<string, unknown> {
    const value = this.#parse(this.#read(name));
    return isRecord(value) ? value : {};
  }

  #parse(text: string | null): unknown {
    try {
      return JSON.parse(text ?? 'null');
    } catch {
      // Something else wrote there.
      return undefined;
    }
  }

  #read(name: string): string | null {
    try {
      return this.#items.getItem(`${PREFIX}${name}`);
    } catch {
      // A browser that refuses storage: the node says so in its own words.
      return null;
    }
  }

  #remove(name: string): void {
    try {
      this.#items.removeItem(`${PREFIX}${name}`);
    } catch {
      // Where nothing may be kept, nothing is.
    }
  }

  #write(name: string, value: unknown): void {
    try {
      this.#items.setItem(`${PREFIX}${name}`, JSON.stringify(value));
    } catch {
      // Full or refused: what is written here is a convenience; messages are in the node's store.
    }
  }
}

function isShell(value: Record<string, unknown>): value is Record<string, unknown> & Shell {
  const { node_id, name, display, channels } = value;
  const isChannel = (channel: unknown): boolean =>
    isRecord(channel) && [channel.id, channel.name].every((part) => typeof part === 'string') && typeof channel.unread === 'number';
  return [node_id, name, display].every((part) => typeof part === 'string') && Array.isArray(channels) && channels.every(isChannel);
}

function isOutgoing(value: unknown): value is Outgoing {
  return isRecord(value) && typeof value.msgId === 'string' && typeof value.text === 'string' && typeof value.at === 'number';
}
