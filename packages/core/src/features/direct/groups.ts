import type { Capabilities } from 'ts-mls/capabilities.js';
import { type ClientState, createGroup, decodeGroupState, encodeGroupState, joinGroup } from 'ts-mls/clientState.js';
import { createCommit } from 'ts-mls/createCommit.js';
import { createApplicationMessage } from 'ts-mls/createMessage.js';
import type { CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js';
import { generateKeyPackageWithKey, type KeyPackage } from 'ts-mls/keyPackage.js';
import { defaultKeyPackageEqualityConfig } from 'ts-mls/keyPackageEqualityConfig.js';
import { defaultLifetimeConfig } from 'ts-mls/lifetimeConfig.js';
import { decodeMlsMessage, encodeMlsMessage, type MlsMessageContent } from 'ts-mls/message.js';
import { processPrivateMessage } from 'ts-mls/processMessages.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import type { Identity } from '../../identity/identity.ts';
import type { Crypto } from '../../ports/crypto.ts';
import type { Random } from '../../ports/random.ts';
import { concat, equalBytes, utf8 } from '../../util/bytes.ts';
import { ParleyError } from '../../util/errors.ts';
import { guidFromBytes } from '../../util/guid.ts';
import { mlsSuite } from './suite.ts';

const GROUP_ID_BYTES = 16;
const SECRET_BYTES = 32;
const VERSION = 'mls10';

/** What one side offers, for the other to begin a group with; the secret stays, and goes when the group is there. */
export interface Offer {
  readonly offered: Uint8Array;
  readonly secret: Uint8Array;
}

/** A group of two, as it stands after the latest message. */
export interface Group {
  /** A GUID. */
  readonly id: string;
  readonly state: ClientState;
}

export interface GroupLimits {
  /** Keys that are kept for messages that others have overtaken. */
  readonly keepSkipped: number;
  /** Messages that may be missing before one that comes. */
  readonly maxSkipped: number;
}

/**
 * MLS groups (RFC 9420) of this node and one other: begun with what the other has offered, and never changed afterwards. Whatever does not
 * fit throws `bad-message`, and leaves the group as it was.
 */
export class Groups {
  readonly #suite: CiphersuiteImpl;
  readonly #identity: Identity;
  readonly #random: Random;
  readonly #limits: GroupLimits;

  constructor(ports: { readonly crypto: Crypto; readonly random: Random }, identity: Identity, limits: GroupLimits) {
    // Keys are bytes on every platform: the library hands them back as it got them.
    this.#suite = mlsSuite(ports, identity) as unknown as CiphersuiteImpl;
    this.#identity = identity;
    this.#random = ports.random;
    this.#limits = limits;
  }

  async offer(): Promise<Offer> {
    const { publicPackage, privatePackage } = await this.#package();
    const offered = encodeMlsMessage({ version: VERSION, wireformat: 'mls_key_package', keyPackage: publicPackage });
    return { offered, secret: concat(privatePackage.initPrivateKey, privatePackage.hpkePrivateKey) };
  }

  /** Begins a group with what the holder of a key has offered. */
  begin(publicKey: Uint8Array, offered: Uint8Array): Promise<{ readonly group: Group; readonly welcome: Uint8Array }> {
    return checked(async () => {
      const keyPackage = this.#packageIn(offered);
      if (!equalBytes(keyPackage.leafNode.signaturePublicKey, publicKey)) throw new Error('the package is of another key');
      const own = await this.#package();
      const config = this.#config(publicKey);
      const id = this.#random.bytes(GROUP_ID_BYTES);
      const alone = await createGroup(id, own.publicPackage, own.privatePackage, [], this.#suite, config);
      const { newState, welcome } = await createCommit(
        { state: alone, cipherSuite: this.#suite },
        { extraProposals: [{ proposalType: 'add', add: { keyPackage } }], ratchetTreeExtension: true },
      );
      if (!welcome) throw new Error('there is no welcome');
      const encoded = encodeMlsMessage({ version: VERSION, wireformat: 'mls_welcome', welcome });
      return { group: { id: guidFromBytes(id), state: newState }, welcome: encoded };
    });
  }

  /** Joins a group that the holder of a key has begun with what we offered. */
  join(publicKey: Uint8Array, { offered, secret }: Offer, welcome: Uint8Array): Promise<Group> {
    return checked(async () => {
      const message = decoded(welcome);
      if (message.wireformat !== 'mls_welcome') throw new Error('no welcome');
      const keys = {
        initPrivateKey: secret.subarray(0, SECRET_BYTES),
        hpkePrivateKey: secret.subarray(SECRET_BYTES),
        signaturePrivateKey: new Uint8Array(0),
      };
      const own = this.#packageIn(offered);
      const state = await joinGroup(message.welcome, own, keys, emptyPskIndex, this.#suite, undefined, undefined, this.#config(publicKey));
      const members = state.ratchetTree.flatMap((node) => (node?.nodeType === 'leaf' ? [node.leaf.signaturePublicKey] : []));
      const both = members.length === 2 && members.some((key) => equalBytes(key, publicKey));
      if (!both || state.groupContext.groupId.length !== GROUP_ID_BYTES) throw new Error('not a group of two');
      return { id: guidFromBytes(state.groupContext.groupId), state };
    });
  }

  /** Wraps a content key for the other: the group has moved on afterwards. */
  wrap({ id, state }: Group, key: Uint8Array): Promise<{ readonly group: Group; readonly wrapped: Uint8Array }> {
    return checked(async () => {
      const { newState, privateMessage } = await createApplicationMessage(state, key, this.#suite);
      const wrapped = encodeMlsMessage({ version: VERSION, wireformat: 'mls_private_message', privateMessage });
      return { group: { id, state: newState }, wrapped };
    });
  }

  /** The content key in what the other has wrapped. */
  unwrap({ id, state }: Group, wrapped: Uint8Array): Promise<{ readonly group: Group; readonly key: Uint8Array }> {
    return checked(async () => {
      const message = decoded(wrapped);
      if (message.wireformat !== 'mls_private_message') throw new Error('no message');
      const result = await processPrivateMessage(state, message.privateMessage, emptyPskIndex, this.#suite, () => 'reject');
      // Nobody changes a group of two.
      if (result.kind !== 'applicationMessage' || result.message.length !== SECRET_BYTES) throw new Error('no content key');
      return { group: { id, state: result.newState }, key: result.message };
    });
  }

  encode({ state }: Group): Uint8Array {
    return encodeGroupState(state);
  }

  /** What `encode` made of a group with the holder of a key. */
  decode(publicKey: Uint8Array, id: string, bytes: Uint8Array): Group {
    const [state] = decodeGroupState(bytes, 0) ?? [];
    if (!state) throw new ParleyError('corrupt', 'a direct session on disk is damaged');
    return { id, state: { ...state, clientConfig: this.#config(publicKey) } };
  }

  async #package() {
    const credential = { credentialType: 'basic', identity: utf8(this.#identity.keyId) } as const;
    const capabilities: Capabilities = {
      versions: [VERSION],
      ciphersuites: [this.#suite.name],
      extensions: [],
      proposals: [],
      credentials: ['basic'],
    };
    // How long it is good for is decided by whoever offered it, who forgets its secret.
    const lifetime = { notBefore: 0n, notAfter: 2n ** 63n - 1n };
    // The private key stays where it is: the suite asks the identity to sign.
    const keys = { publicKey: this.#identity.publicKey, signKey: new Uint8Array(0) };
    return generateKeyPackageWithKey(credential, capabilities, lifetime, [], keys, this.#suite);
  }

  #packageIn(offered: Uint8Array): KeyPackage {
    const message = decoded(offered);
    if (message.wireformat !== 'mls_key_package' || message.keyPackage.cipherSuite !== this.#suite.name) throw new Error('no package');
    return message.keyPackage;
  }

  /** In a group with the holder of a key there is nobody else. */
  #config(publicKey: Uint8Array): ClientState['clientConfig'] {
    const own = this.#identity.publicKey;
    return {
      keyRetentionConfig: {
        retainKeysForGenerations: this.#limits.keepSkipped,
        maximumForwardRatchetSteps: this.#limits.maxSkipped,
        retainKeysForEpochs: 0,
      },
      lifetimeConfig: defaultLifetimeConfig,
      keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
      // What is wrapped is always as long.
      paddingConfig: { kind: 'alwaysPad', paddingLength: 0 },
      authService: {
        validateCredential: async (_, key) => equalBytes(key, publicKey) || equalBytes(key, own),
      },
    };
  }
}

function decoded(bytes: Uint8Array): MlsMessageContent {
  const [message, length] = decodeMlsMessage(bytes, 0) ?? [];
  if (!message || length !== bytes.length) throw new Error('no MLS message');
  return message;
}

async function checked<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    throw new ParleyError('bad-message', 'it does not belong to a direct session', { cause });
  }
}
