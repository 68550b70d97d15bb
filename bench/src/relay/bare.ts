import type { TLSSocket } from 'node:tls';
import { createIdentity, dial, listen } from '../lib/bare-tls.ts';
import type { Subject } from '../lib/bench.ts';
import { type CustodyRow, openCustody } from '../lib/custody.ts';
import { fastestEd25519, signatureLength } from '../lib/ed25519.ts';
import { Group } from '../lib/group.ts';
import { payloadLength, writePayload } from '../lib/payload.ts';
import { delay, turn } from '../lib/time.ts';
import { units } from '../lib/units.ts';
import { SendWindow } from '../lib/window.ts';
import { createDeliveries } from './recipient.ts';
import type { Recipient, Relay, RelayRoles, Sender } from './roles.ts';

/** A record on the link: a sequence number, a signature, and the text. All records are of one length. */
const sequenceLength = 8;
const bodyLength = signatureLength + payloadLength;
const recordLength = sequenceLength + bodyLength;
/** An acknowledgement is the sequence number up to which everything is on disk. */
const ackLength = 8;
/** A sender writes and commits so many at a time, at most. */
const batch = 64;
/** Both ends know the key beforehand: how keys get around is not measured here. */
const seed = Buffer.alloc(32, 7);

const senderMark = Buffer.from('A');
const recipientMark = Buffer.from('B');

function rowsOf(records: Buffer): CustodyRow[] {
  const rows: CustodyRow[] = [];
  for (let at = 0; at < records.length; at += recordLength) {
    rows.push({ sequence: Number(records.readBigUInt64BE(at)), body: records.subarray(at + sequenceLength, at + recordLength) });
  }
  return rows;
}

function ack(sequence: number): Buffer {
  const bytes = Buffer.alloc(ackLength);
  bytes.writeBigUInt64BE(BigInt(sequence));
  return bytes;
}

const sequenceOf = (acks: Buffer): number => Number(acks.readBigUInt64BE(acks.length - ackLength));

/** Stores, acknowledges, passes on, and deletes what the recipient acknowledges. */
function createRelay(): Relay {
  const custody = openCustody();
  let sender: TLSSocket | undefined;
  let recipient: TLSSocket | undefined;
  let deleteUpTo: number | undefined;
  const group = new Group((records) => {
    const rows = rowsOf(records);
    custody.commit(rows, deleteUpTo);
    deleteUpTo = undefined;
    const last = rows.at(-1);
    if (last === undefined) return;
    sender?.write(ack(last.sequence));
    recipient?.write(records);
  });
  const meet = (socket: TLSSocket): void => {
    socket.once('readable', () => {
      const mark: unknown = socket.read(1);
      if (mark instanceof Buffer && mark.equals(senderMark)) {
        sender = socket;
        units(socket, recordLength, (records) => group.add(records));
      } else {
        recipient = socket;
        units(socket, ackLength, (acks) => {
          deleteUpTo = sequenceOf(acks);
          group.schedule();
        });
      }
    });
  };
  return {
    listen: () => listen(meet),
    async ready() {
      while (sender === undefined || recipient === undefined) await delay(5);
    },
  };
}

/** Verifies, stores, acknowledges. */
function createRecipient(): Recipient {
  const custody = openCustody();
  const ed25519 = fastestEd25519(seed);
  const deliveries = createDeliveries();
  return {
    ...deliveries,
    async connect(address) {
      const socket = await dial(address, createIdentity('B'));
      socket.write(recipientMark);
      const group = new Group((records) => {
        const rows = rowsOf(records);
        const last = rows.at(-1);
        if (last === undefined) return;
        for (const { body } of rows) {
          const signature = body.subarray(0, signatureLength);
          if (!ed25519.verify(body.subarray(signatureLength), signature)) throw new Error('a signature does not fit');
        }
        custody.commit(rows);
        socket.write(ack(last.sequence));
        for (const { body } of rows)
          deliveries.deliver(Buffer.from(body.buffer, body.byteOffset + signatureLength, payloadLength).toString());
      });
      units(socket, recordLength, (records) => group.add(records));
      return '';
    },
  };
}

/** Signs, stores, sends. */
function createSender(): Sender {
  const custody = openCustody();
  const ed25519 = fastestEd25519(seed);
  let socket: TLSSocket | undefined;
  let window: SendWindow | undefined;
  let sequence = 0;
  const write = (count: number): Buffer => {
    const records = Buffer.alloc(count * recordLength);
    for (let index = 0; index < count; index++) {
      const at = index * recordLength;
      records.writeBigUInt64BE(BigInt(++sequence), at);
      records.write(writePayload(sequence), at + sequenceLength + signatureLength, 'latin1');
      const text = records.subarray(at + sequenceLength + signatureLength, at + recordLength);
      records.set(ed25519.sign(text), at + sequenceLength);
    }
    return records;
  };
  return {
    async connect(address) {
      socket = await dial(address, createIdentity('A'));
      socket.write(senderMark);
      // Acknowledgements are read; a sender that kept copies would delete them here.
      socket.resume();
    },
    async ready() {
      while (socket === undefined) await delay(5);
    },
    async run(period, size) {
      const link = socket;
      if (link === undefined) throw new Error('not connected');
      window = new SendWindow(size);
      while (await window.take(period.until)) {
        let count = 1;
        while (count < batch && window.tryTake()) count++;
        const records = write(count);
        custody.commit(rowsOf(records));
        link.write(records);
        await turn();
      }
      return { sent: window.sent, lost: window.lost };
    },
    complete: (total) => window?.complete(total),
  };
}

/** What the primitives allow: signature, verification, group-committed rows, and TLS sockets from A over S to B. */
export const bareRelay: Subject<RelayRoles> = { roles: { relay: createRelay, recipient: createRecipient, sender: createSender } };
