import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { createIdentity, dial, listen } from '../lib/bare-tls.ts';
import type { Subject } from '../lib/bench.ts';
import { temporaryFolder } from '../lib/folder.ts';
import { now } from '../lib/time.ts';
import { makeFilm } from './film.ts';
import { type Cost, CpuMeter, type FileRoles, type Giver, pieceBytes, type Taker } from './roles.ts';

const tagBytes = 16;

function createGiver(): Giver {
  const path = join(temporaryFolder(), 'film');
  let given: Promise<Cost> | undefined;
  const give = async (socket: TLSSocket): Promise<Cost> => {
    const meter = new CpuMeter();
    const file = await open(path, 'r');
    const digest = createHash('sha256');
    const key = randomBytes(32);
    const nonce = Buffer.alloc(12);
    for (let index = 0; ; index++) {
      const piece = Buffer.allocUnsafe(pieceBytes);
      const { bytesRead } = await file.read(piece, 0, pieceBytes);
      if (bytesRead === 0) break;
      const plain = piece.subarray(0, bytesRead);
      digest.update(plain);
      nonce.writeUInt32BE(index, 8);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      socket.write(cipher.update(plain));
      cipher.final();
      if (!socket.write(cipher.getAuthTag())) await new Promise((resolve) => socket.once('drain', resolve));
    }
    digest.digest();
    await file.close();
    return meter.cost();
  };
  let taker: TLSSocket | undefined;
  return {
    async listen(bytes) {
      await makeFilm(path, bytes);
      return listen((socket) => {
        taker = socket;
        // The taker's word that it is ready.
        socket.once('data', () => {
          given = give(socket);
        });
      });
    },
    prepare: async () => 0,
    begin() {},
    async done() {
      const cost = await given;
      taker?.destroy();
      if (!cost) throw new Error('nobody asked');
      return cost;
    },
  };
}

function createTaker(): Taker {
  const path = join(temporaryFolder(), 'film');
  let socket: TLSSocket | undefined;
  let expected = 0;
  return {
    async connect(address) {
      socket = await dial(address, createIdentity('taker'));
    },
    async ready(bytes) {
      expected = bytes + Math.ceil(bytes / pieceBytes) * tagBytes;
    },
    async take() {
      const link = socket;
      if (link === undefined) throw new Error('not connected');
      const meter = new CpuMeter();
      const from = now();
      const output = createWriteStream(path);
      let taken = 0;
      const all = new Promise<void>((resolve, reject) => {
        output.on('error', reject);
        link.on('data', (bytes: Buffer) => {
          taken += bytes.length;
          if (!output.write(bytes)) {
            link.pause();
            output.once('drain', () => link.resume());
          }
          if (taken >= expected) output.end(resolve);
        });
      });
      link.write('go');
      await all;
      return { from, at: now(), ...meter.cost() };
    },
  };
}

/** Reads, SHA-256, AES-256-GCM, one TLS 1.3 socket, writes: each byte once, and nothing is checked or acknowledged. */
export const bareFiles: Subject<FileRoles> = { roles: { giver: createGiver, taker: createTaker } };
