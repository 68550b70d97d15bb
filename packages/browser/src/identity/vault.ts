import {
  type Certificate,
  createIdentity,
  decryptSecret,
  encryptSecret,
  errorCode,
  type Identity,
  type IdentityBackup,
  type IdentityDeps,
  identityFromSecret,
  ParleyError,
  parseCertificate,
  type ScryptCost,
  utf8,
} from '@parley/core';
import type { IdentityDatabase } from './database.ts';
import { isSealed, type Sealed, seal, unseal } from './sealed.ts';

export interface VaultDeps extends IdentityDeps {
  readonly database: IdentityDatabase;
  /** Cost of a passphrase. Default `DEFAULT_SCRYPT_COST`. */
  readonly scryptCost?: ScryptCost | undefined;
}

/** An identity that can be used: in memory its secret is sealed too, and its keys are handles. */
export interface OpenIdentity {
  readonly identity: Identity;
  readonly secret: Sealed;
  /** Whether it rests under a passphrase. */
  readonly encrypted: boolean;
}

/** Who is at home here, as the record tells without a passphrase. */
export interface Resident {
  readonly name: string;
  readonly keyId: string;
  readonly encrypted: boolean;
}

interface Record {
  readonly version: 1;
  /** DER. */
  readonly certificate: Uint8Array;
  /** The secret of the identity; or, where there is a passphrase, the JSON of `encryptSecret` with the secret in it. */
  readonly sealed: Sealed;
  readonly encrypted: boolean;
}

const DAMAGED = 'the identity that this browser keeps is damaged: erase it here, and restore it from a backup';
const decoder = new TextDecoder();

const corrupt = (why: string, cause?: unknown): ParleyError => new ParleyError('corrupt', `${DAMAGED} (${why})`, { cause });

/** What a seal is for: one that was made for something else does not open. */
const atRest = (nodeId: string, encrypted: boolean): string => `parley/at-rest/1\n${nodeId}\n${encrypted ? 'passphrase' : 'plain'}\n`;

/** The identity of this browser: how it rests on disk, and how it is woken. */
export class Vault {
  readonly #deps: VaultDeps;

  constructor(deps: VaultDeps) {
    this.#deps = deps;
  }

  /** Cost of a passphrase, where it is not the default. */
  get scryptCost(): ScryptCost | undefined {
    return this.#deps.scryptCost;
  }

  /** Undefined when nobody is at home. Errors: `corrupt`, those of the store. */
  async resident(): Promise<Resident | undefined> {
    const read = await this.#read();
    if (!read) return undefined;
    const { record, certificate } = read;
    return { name: certificate.name ?? '', keyId: certificate.keyId, encrypted: record.encrypted };
  }

  /** Makes an identity. Errors: `bad-argument` for the name or the passphrase, `conflict`, those of the store. */
  async create(name: string, passphrase: string | undefined): Promise<OpenIdentity> {
    const { identity, secret } = await createIdentity(this.#deps, { name });
    return this.#keep(identity, secret, passphrase);
  }

  /** Takes the identity of a backup. Errors: `conflict`, those of the store. */
  keep({ identity, secret }: IdentityBackup): Promise<OpenIdentity> {
    return this.#keep(identity, secret, undefined);
  }

  /**
   * Wakes the identity. `session`: its secret, if another tab has woken it already. Errors: `not-found`, `bad-passphrase`, `corrupt`,
   * those of the store.
   */
  async open(passphrase?: string, session?: Sealed): Promise<OpenIdentity> {
    const { record, certificate } = await this.#expect();
    const woken = session && (await unseal(session, atRest(certificate.nodeId, false)));
    const secret = woken ?? (await this.#secretOf(record, certificate, passphrase));
    return this.#opened(record, certificate, secret);
  }

  /** The same identity under another name, self-signed. Errors: `bad-argument`, `refused` where an authority issued the certificate. */
  async rename(open: OpenIdentity, name: string): Promise<OpenIdentity> {
    const { record, certificate } = await this.#expect();
    if (!certificate.selfSigned) {
      throw new ParleyError('refused', 'the name is part of a certificate that an authority issued: have it issue another');
    }
    const identity = await identityFromSecret(this.#deps, { secret: await this.#unsealed(open), name });
    await this.#deps.database.write({ ...record, certificate: identity.certificate });
    return { ...open, identity };
  }

  /** Has the identity rest under another passphrase, or under none. Errors: `bad-passphrase` for the old one, `bad-argument`. */
  async setPassphrase(open: OpenIdentity, passphrase: string | undefined, old: string | undefined): Promise<OpenIdentity> {
    const { record, certificate } = await this.#expect();
    const secret = record.encrypted ? await this.#secretOf(record, certificate, old ?? '') : await this.#unsealed(open);
    const sealed = await this.#rest(certificate.nodeId, secret, passphrase);
    await this.#deps.database.write({ ...record, sealed, encrypted: passphrase !== undefined });
    return { ...open, encrypted: passphrase !== undefined };
  }

  /** The identity with its secret, for a backup. */
  async reveal(open: OpenIdentity): Promise<IdentityBackup> {
    return { identity: open.identity, secret: await this.#unsealed(open) };
  }

  async #keep(identity: Identity, secret: Uint8Array, passphrase: string | undefined): Promise<OpenIdentity> {
    const encrypted = passphrase !== undefined;
    const sealed = await this.#rest(identity.nodeId, secret, passphrase);
    const record: Record = { version: 1, certificate: identity.certificate, sealed, encrypted };
    if (!(await this.#deps.database.add(record))) throw new ParleyError('conflict', 'there is an identity in this browser already');
    return { identity, secret: await this.#session(identity.nodeId, secret), encrypted };
  }

  async #rest(nodeId: string, secret: Uint8Array, passphrase: string | undefined): Promise<Sealed> {
    const { random, scryptCost } = this.#deps;
    if (passphrase === undefined) return seal(random, secret, atRest(nodeId, false));
    const encrypted = await encryptSecret(this.#deps, secret, passphrase, scryptCost);
    return seal(random, utf8(JSON.stringify(encrypted)), atRest(nodeId, true));
  }

  /** The secret as it stays in memory, and goes to other tabs. */
  #session(nodeId: string, secret: Uint8Array): Promise<Sealed> {
    return seal(this.#deps.random, secret, atRest(nodeId, false));
  }

  async #unsealed({ identity, secret }: OpenIdentity): Promise<Uint8Array> {
    const bytes = await unseal(secret, atRest(identity.nodeId, false));
    if (!bytes) throw new ParleyError('internal', 'the secret in memory cannot be read');
    return bytes;
  }

  async #secretOf(record: Record, { nodeId }: Certificate, passphrase: string | undefined): Promise<Uint8Array> {
    const { sealed, encrypted } = record;
    const bytes = await unseal(sealed, atRest(nodeId, encrypted));
    if (!bytes) throw corrupt('its secret does not open');
    if (!encrypted) return bytes;
    if (passphrase === undefined || passphrase === '') throw new ParleyError('bad-passphrase', 'the identity needs its passphrase');
    try {
      return await decryptSecret(this.#deps.crypto, JSON.parse(decoder.decode(bytes)), passphrase);
    } catch (error) {
      if (errorCode(error) === 'bad-passphrase' || errorCode(error) === 'bad-argument')
        throw new ParleyError('bad-passphrase', 'the passphrase is wrong');
      throw corrupt(ParleyError.from(error).message, error);
    }
  }

  async #opened(record: Record, certificate: Certificate, secret: Uint8Array): Promise<OpenIdentity> {
    try {
      const identity = await identityFromSecret(this.#deps, { secret, certificate: certificate.der });
      return { identity, secret: await this.#session(identity.nodeId, secret), encrypted: record.encrypted };
    } catch (error) {
      throw corrupt(ParleyError.from(error).message, error);
    }
  }

  async #expect(): Promise<{ record: Record; certificate: Certificate }> {
    const read = await this.#read();
    if (!read) throw new ParleyError('not-found', 'there is no identity in this browser');
    return read;
  }

  async #read(): Promise<{ record: Record; certificate: Certificate } | undefined> {
    const value = await this.#deps.database.read();
    if (value === undefined) return undefined;
    const record = value as Partial<Record> | null;
    if (record === null || typeof record !== 'object') throw corrupt('no record');
    const { version, certificate, sealed, encrypted } = record;
    if (version !== 1) throw corrupt('of an unknown version');
    if (!(certificate instanceof Uint8Array) || !isSealed(sealed) || typeof encrypted !== 'boolean')
      throw corrupt('parts of it are missing');
    try {
      return { record: { version, certificate, sealed, encrypted }, certificate: await parseCertificate(certificate, this.#deps.crypto) };
    } catch (error) {
      throw corrupt(ParleyError.from(error).message, error);
    }
  }
}
