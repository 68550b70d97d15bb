import { createCipheriv, randomBytes } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { createIdentity, dial, listen } from '../lib/bare-tls.ts';
import type { Subject } from '../lib/bench.ts';
import { openCustody } from '../lib/custody.ts';
import { fastestEd25519, signatureLength } from '../lib/ed25519.ts';
import { Group } from '../lib/group.ts';
import { delay, turn } from '../lib/time.ts';
import { units } from '../lib/units.ts';
import { type Author, type ClosedRoles, cpuSeconds, type Members, type Server, TEXT } from './roles.ts';

/** A record on the link: a sequence number, and text and signature sealed with AES-256-GCM. */
const sequenceBytes = 8;
const nonceBytes = 12;
const tagBytes = 16;
const recordBytes = sequenceBytes + nonceBytes + signatureLength + TEXT.length + tagBytes;
/** An acknowledgement is the sequence number of what is on disk. */
const ackBytes = 8;
const seed = Buffer.alloc(32, 7);

const authorMark = Buffer.from('A');
const memberMark = Buffer.from('M');

/** Keeps each record until every member has acknowledged it: one row, one TLS record for each member, one acknowledgement of each. */
function createServer(): Server {
  const custody = openCustody();
  const members: TLSSocket[] = [];
  let author: TLSSocket | undefined;
  const waiting = new Map<number, number>();
  let deleteUpTo: number | undefined;
  const group = new Group((records) => {
    const rows = [];
    for (let at = 0; at < records.length; at += recordBytes) {
      const body = records.subarray(at, at + recordBytes);
      rows.push({ sequence: Number(body.readBigUInt64BE()), body });
    }
    custody.commit(rows, deleteUpTo);
    deleteUpTo = undefined;
    for (const { sequence, body } of rows) {
      waiting.set(sequence, members.length);
      author?.write(body.subarray(0, ackBytes));
      for (const member of members) member.write(body);
    }
  });
  const acknowledged = (sequence: number): void => {
    const left = (waiting.get(sequence) ?? 0) - 1;
    if (left > 0) waiting.set(sequence, left);
    else {
      waiting.delete(sequence);
      deleteUpTo = sequence;
      group.schedule();
    }
  };
  return {
    listen: () =>
      listen((socket) => {
        socket.once('readable', () => {
          const mark: unknown = socket.read(1);
          if (mark instanceof Buffer && mark.equals(authorMark)) {
            author = socket;
            units(socket, recordBytes, (records) => group.add(records));
          } else {
            members.push(socket);
            units(socket, ackBytes, (acks) => {
              for (let at = 0; at < acks.length; at += ackBytes) acknowledged(Number(acks.readBigUInt64BE(at)));
            });
          }
        });
      }),
    cpu: cpuSeconds,
  };
}

/** Acknowledges what comes: what it costs a member is not measured. */
function createMembers(): Members {
  let shown = 0;
  return {
    async start(address, count) {
      for (let at = 0; at < count; at++) {
        const socket = await dial(address, createIdentity(`member${at}`));
        socket.write(memberMark);
        units(socket, recordBytes, (records) => {
          for (let start = 0; start < records.length; start += recordBytes) {
            shown += 1;
            socket.write(records.subarray(start, start + ackBytes));
          }
        });
      }
      return [];
    },
    shown: () => shown,
  };
}

/** Signs, seals, stores, sends. */
function createAuthor(): Author {
  const custody = openCustody();
  const ed25519 = fastestEd25519(seed);
  const key = randomBytes(32);
  let link: TLSSocket | undefined;
  let sequence = 0;
  return {
    async found(address) {
      link = await dial(address, createIdentity('author'));
      link.write(authorMark);
      link.resume();
      // Members whose first byte was not read yet would not be written to.
      await delay(500);
    },
    async write(messages) {
      const before = cpuSeconds();
      for (let i = 0; i < messages; i++) {
        sequence += 1;
        const head = Buffer.alloc(sequenceBytes);
        head.writeBigUInt64BE(BigInt(sequence));
        const nonce = randomBytes(nonceBytes);
        const cipher = createCipheriv('aes-256-gcm', key, nonce);
        const sealed = cipher.update(Buffer.concat([ed25519.sign(Buffer.from(TEXT)), Buffer.from(TEXT)]));
        cipher.final();
        const record = Buffer.concat([head, nonce, sealed, cipher.getAuthTag()]);
        custody.commit([{ sequence, body: record }]);
        link?.write(record);
        await turn();
      }
      return cpuSeconds() - before;
    },
  };
}

/** What the primitives allow: a signature, a seal, a row, and then TLS records and acknowledgements, one of each a member. */
export const bareClosed: Subject<ClosedRoles> = { roles: { server: createServer, members: createMembers, author: createAuthor } };
