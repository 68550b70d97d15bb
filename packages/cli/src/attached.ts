import { lstatSync, type Stats, statSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { safeFileName } from '@parley/core';
import type { ApiClient, MessageView } from '@parley/host';
import { Failure } from './failure.ts';
import type { Attached } from './format/attachments.ts';
import { safeText } from './text/safe-text.ts';

/** What is needed of a node to fetch what is attached to messages. */
export type FileNode = Pick<ApiClient, 'messages' | 'attachment' | 'fetchAttachment' | 'events'>;

/** Where something is attached: `msgId` is the id of a message, or its cursor, `index` which of several it is. */
export interface AttachedTo {
  readonly channelId: string;
  readonly msgId: string;
  readonly index: number;
}

/** How far fetching is: `have` in bytes. */
export type Standing = Pick<Attached, 'state' | 'have' | 'error'>;

/** Messages that are asked for at a time, and looked through at most. */
const PAGE = 500;
const MOST_PAGES = 40;

/** Messages of a channel, the latest first. */
export async function* backwards(node: Pick<FileNode, 'messages'>, channelId: string): AsyncGenerator<MessageView> {
  let before: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await node.messages(channelId, { limit: PAGE, ...(before === undefined ? {} : { before }) });
    yield* page.toReversed();
    before = page[0]?.cursor;
    if (page.length < PAGE) return;
  }
}

/** What is attached to a message, as it stands now. Errors: `not-found`. */
export async function findAttached(node: FileNode, { channelId, msgId, index }: AttachedTo): Promise<Attached> {
  for await (const message of backwards(node, channelId)) {
    if (message.msg_id !== msgId && message.cursor !== msgId) continue;
    const attached = message.attachments?.[index];
    if (attached) return attached;
    break;
  }
  throw new Failure('not-found', `nothing is attached as ${index} to a message ${safeText(msgId)}`);
}

/**
 * Where a file is saved: as `output`, or where that is a directory, or nothing, under the name that it has, which its sender chose. Errors:
 * `conflict` where something is there already, `storage` where a directory was meant that is none, or there is none for it.
 */
export function freePath(output: string | undefined, name: string): string {
  const inside = output === undefined || isDirectory(output);
  if (!inside && (output.endsWith('/') || output.endsWith(sep))) throw new Failure('storage', `there is no directory ${safeText(output)}`);
  const path = inside ? resolve(output ?? '', safeFileName(name)) : resolve(output ?? '');
  // A link counts too, wherever it leads.
  if (lookAt(path, lstatSync)) throw taken(path);
  if (!isDirectory(dirname(path))) throw noFolder(path);
  return path;
}

/** What is at a path. Of what cannot be looked at, reading or writing says why. */
function lookAt(path: string, look: (path: string) => Stats): Stats | undefined {
  try {
    return look(path);
  } catch {
    // Most often nothing is there.
    return undefined;
  }
}

const isDirectory = (path: string): boolean => lookAt(path, statSync)?.isDirectory() === true;

const noFolder = (path: string): Failure => new Failure('storage', `there is no directory for ${safeText(path)}`);
const taken = (path: string): Failure => new Failure('conflict', `${safeText(path)} is there already: give another name`);

/** Why a path is none of a file that could be sent; undefined where it is one, which may not be readable all the same. */
export function noFileAt(path: string): string | undefined {
  const found = lookAt(path, statSync);
  if (!found) return `there is no file ${safeText(path)}`;
  return found.isDirectory() ? `${safeText(path)} is a directory` : undefined;
}

/** Has a file fetched, and waits until it is here. Errors: those of the node, `aborted`. */
export async function fetchAttached(
  node: FileNode,
  which: AttachedTo,
  attached: Attached,
  { signal, told }: { readonly signal?: AbortSignal; readonly told: (standing: Standing) => void },
): Promise<void> {
  const over = new AbortController();
  const events = node.events(signal ? AbortSignal.any([signal, over.signal]) : over.signal);
  try {
    await events.open;
    await node.fetchAttachment(which.channelId, which.msgId, which.index);
    // It may have come before anybody listened.
    let standing: Standing = await findAttached(node, which);
    for await (const event of standing.state === 'here' ? [] : events) {
      if (event.event !== 'attachment' || event.sha256 !== attached.sha256 || event.channel_id !== which.channelId) continue;
      standing = event;
      told(standing);
      if (standing.state === 'here' || standing.error) break;
    }
    if (standing.state === 'here') return;
    if (signal?.aborted) throw givenUp();
    throw new Failure(standing.error?.code ?? 'failed', standing.error?.message ?? 'the file could not be fetched');
  } finally {
    over.abort();
  }
}

/** Writes a new file: one that is there is never overwritten, and one that is not whole does not stay. Resolves with its size in bytes. */
export async function save(
  path: string,
  pieces: AsyncIterable<Uint8Array>,
  { signal, told }: { readonly signal?: AbortSignal; readonly told: (bytes: number) => void },
): Promise<number> {
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') throw taken(path);
    throw error.code === 'ENOENT' ? noFolder(path) : error;
  });
  let bytes = 0;
  try {
    for await (const piece of pieces) {
      if (signal?.aborted) throw givenUp();
      await file.writeFile(piece);
      bytes += piece.length;
      told(bytes);
    }
  } catch (error) {
    await file.close();
    await rm(path, { force: true });
    // Where the stream ends for it, it says something else.
    throw signal?.aborted ? givenUp() : error;
  }
  await file.close();
  return bytes;
}

const givenUp = (): Failure => new Failure('aborted', 'it was given up');
