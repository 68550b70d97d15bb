import {
  CertificateReader,
  createIdentity,
  FrameDecoder,
  JwsReader,
  jsonFrame,
  KeyBook,
  ParleyError,
  parseJson,
  signJws,
  verbs,
} from '@parley/core';
import { createCrypto } from '@parley/host';
import { SeededRandom, VirtualClock } from '@parley/sim';
import { mutateBytes } from './generate.ts';
import { Lab } from './lab.ts';

/** Something to throw inputs at. `run` throws when one does what it must not. */
export interface Target {
  readonly name: string;
  run(seed: string, inputs: number): Promise<void>;
}

/** What failed, and how to see it again. */
export class FuzzFailure extends Error {
  constructor(target: string, seed: string, number: number, input: string, cause: unknown) {
    super(
      `${target}: input ${number} of seed ${seed}: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}\n${input}`,
      { cause },
    );
  }
}

const CHECK_EVERY = 2000;

function verbTarget(name: string): Target {
  return {
    name,
    async run(seed, inputs) {
      const verb = verbs.get(name);
      if (!verb) throw new Error(`no verb ${name}`);
      const lab = await Lab.create(`${seed} ${name}`);
      let last = '';
      let number = 0;
      const fail = (error: unknown): never => {
        throw new FuzzFailure(name, seed, number, last.slice(0, 2000), error);
      };
      try {
        for (number = 1; number <= inputs; number++) {
          last = await lab.input(verb);
          await lab.say(last, fail);
          if (number % CHECK_EVERY === 0) await lab.check();
        }
        await lab.check();
      } catch (error) {
        if (error instanceof FuzzFailure) throw error;
        fail(error);
      }
    },
  };
}

/** A reader of bytes that may refuse them with a ParleyError, and must do nothing else. */
function bytesTarget(
  name: string,
  prepare: (random: SeededRandom) => Promise<{ samples: Uint8Array[]; read: (bytes: Uint8Array) => unknown }>,
): Target {
  return {
    name,
    async run(seed, inputs) {
      const random = new SeededRandom(`${seed} ${name}`);
      const { samples, read } = await prepare(random);
      for (let number = 1; number <= inputs; number++) {
        let bytes = random.pick(samples);
        for (let i = random.integer(4); i >= 0; i--) bytes = mutateBytes(bytes, random);
        try {
          await read(bytes);
        } catch (error) {
          if (error instanceof ParleyError && error.code !== 'internal') continue;
          throw new FuzzFailure(name, seed, number, Buffer.from(bytes).toString('base64').slice(0, 2000), error);
        }
      }
    },
  };
}

const crypto = createCrypto();

async function identity(random: SeededRandom) {
  return (await createIdentity({ crypto, random, clock: new VirtualClock().view() }, { name: 'fuzz', seed: random.bytes(32) })).identity;
}

const framing = bytesTarget('framing', async (random) => ({
  samples: [jsonFrame('{"a":1}'), new Uint8Array(4), Uint8Array.of(0x80, 0, 0, 6, 0, 0, 0, 1, 1, 2), Uint8Array.of(0xff, 0xff, 0xff, 0xff)],
  read(bytes) {
    let taken = 0;
    const count = (part: Uint8Array): void => {
      taken += part.length;
    };
    const decoder = new FrameDecoder({ handler: { message: count, data: (_, part) => count(part), keepAlive() {} } });
    for (let at = 0; at < bytes.length; ) {
      const end = Math.min(bytes.length, at + 1 + random.integer(8));
      decoder.push(bytes.subarray(at, end));
      at = end;
    }
    if (taken > bytes.length) throw new Error(`${taken} bytes came out of ${bytes.length}`);
  },
}));

const json = bytesTarget('json', async () => ({
  samples: [
    '{"msg_type":"HELLO","msg_data":{"a":[1,2,{"b":"\\u0041\\ud83d\\ude00"}]},"ttl":1,"flood":false}',
    '{"__proto__":{"x":1},"a":1e400}',
  ].map((text) => new TextEncoder().encode(text)),
  read(bytes) {
    const value = parseJson(bytes);
    if (Object.getPrototypeOf(value) !== Object.prototype) throw new Error('the prototype was replaced');
    if (({} as Record<string, unknown>).x !== undefined) throw new Error('Object.prototype was polluted');
  },
}));

const certificate = bytesTarget('certificate', async (random) => {
  const reader = new CertificateReader(crypto);
  return { samples: [(await identity(random)).certificate, (await identity(random)).certificate], read: (bytes) => reader.parse(bytes) };
});

const jws = bytesTarget('jws', async (random) => {
  const signer = await identity(random);
  const reader = new JwsReader(crypto, new KeyBook(crypto));
  const text = await signJws(signer, { text: 'hello' });
  return {
    samples: [text, `${text}.`, text.replace('.', '..')].map((each) => new TextEncoder().encode(each)),
    read: (bytes) => reader.verify(Buffer.from(bytes).toString('latin1')),
  };
});

/** One a verb, and one for each thing that reads bytes. */
export const targets: readonly Target[] = [framing, json, certificate, jws, ...verbs.all().map(({ name }) => verbTarget(name))];
