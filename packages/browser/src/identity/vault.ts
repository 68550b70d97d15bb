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
import { type Next, type NextRecord, readNext, sealUnder } from './next-identity.ts';
import { atRest, corrupt, type IdentityRecord, recordOf } from './record.ts';
import { type Sealed, seal, unseal } from './sealed.ts';

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
  /** Node id by which its store was named: its own, or that of the first key of its user here. */
  readonly home: string;
}

/** Who is at home here, as the record tells without a passphrase. */
export interface Resident {
  readonly name: string;
  readonly keyId: string;
  readonly encrypted: boolean;
}

interface Kept {
  readonly record: IdentityRecord;
  readonly certificate: Certificate;
}

const decoder = new TextDecoder();

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
    const { record, certificate } = await this.#expect(open);
    if (!certificate.selfSigned) {
      throw new ParleyError('refused', 'the name is part of a certificate that an authority issued: have it issue another');
    }
    const secret = await this.#unsealed(open);
    const identity = await identityFromSecret(this.#deps, { secret, name });
    const next = await this.#next(secret, certificate);
    const renamed = next && {
      ...next.kept,
      certificate: (await identityFromSecret(this.#deps, { secret: next.secret, name })).certificate,
    };
    await this.#deps.database.write({ ...record, certificate: identity.certificate }, renamed);
    return { ...open, identity };
  }

  /** Has the identity rest under another passphrase, or under none. Errors: `bad-passphrase` for the old one, `bad-argument`. */
  async setPassphrase(open: OpenIdentity, passphrase: string | undefined, old: string | undefined): Promise<OpenIdentity> {
    const { record, certificate } = await this.#expect(open);
    const secret = record.encrypted ? await this.#secretOf(record, certificate, old ?? '') : await this.#unsealed(open);
    const rest = await this.#rest(certificate.nodeId, secret, passphrase);
    const next = await this.#next(secret, certificate);
    const nextRest = next && { ...next.kept, ...(await this.#rest(next.nodeId, next.secret, passphrase)) };
    await this.#deps.database.write({ ...record, ...rest }, nextRest);
    return { ...open, encrypted: rest.encrypted };
  }

  /**
   * Makes the identity that is to take the place of the one at home: of the same name, under the same passphrase, which has to be given where
   * there is one. One that was made before gives way. Errors: `bad-passphrase`, `refused` where an authority issued the certificate.
   */
  async makeNext(open: OpenIdentity, passphrase: string | undefined): Promise<Identity> {
    const { record, certificate } = await this.#expect(open);
    if (!certificate.selfSigned)
      throw new ParleyError('refused', 'an authority has issued the certificate of this node: a new key needs one of its own first');
    if (record.encrypted) await this.#secretOf(record, certificate, passphrase ?? '');
    const { identity, secret } = await createIdentity(this.#deps, { name: open.identity.name });
    const rest = await this.#rest(identity.nodeId, secret, record.encrypted ? passphrase : undefined);
    const { nodeId } = identity;
    const under = await sealUnder(this.#deps, { secret: await this.#unsealed(open), nodeId: certificate.nodeId }, { secret, nodeId });
    const next: NextRecord = { version: 1, certificate: identity.certificate, ...rest, under, home: open.home };
    await this.#deps.database.writeNext(next);
    return identity;
  }

  /** The one that was made, if it is there. Errors: `corrupt`, those of the store. */
  async next(open: OpenIdentity): Promise<Identity | undefined> {
    const { certificate } = await this.#expect(open);
    const next = await this.#next(await this.#unsealed(open), certificate);
    return next && (await identityFromSecret(this.#deps, { secret: next.secret, certificate: next.kept.certificate }));
  }

  discardNext(): Promise<void> {
    return this.#deps.database.discardNext();
  }

  /** The next identity is at home from now on, in the store of the one that was: on disk when it resolves. Errors: `not-found`, `corrupt`. */
  async takeNext(open: OpenIdentity): Promise<OpenIdentity> {
    const { certificate } = await this.#expect(open);
    const next = await this.#next(await this.#unsealed(open), certificate);
    if (!next) throw new ParleyError('not-found', 'no new key was begun with');
    const { under: _, ...record } = next.kept;
    const taken = await this.#opened(record, await parseCertificate(record.certificate, this.#deps.crypto), next.secret);
    await this.#deps.database.replace(record, certificate.keyId);
    return taken;
  }

  /** The identity with its secret, for a backup. */
  async reveal(open: OpenIdentity): Promise<IdentityBackup> {
    return { identity: open.identity, secret: await this.#unsealed(open) };
  }

  async #keep(identity: Identity, secret: Uint8Array, passphrase: string | undefined): Promise<OpenIdentity> {
    const rest = await this.#rest(identity.nodeId, secret, passphrase);
    const record: IdentityRecord = { version: 1, certificate: identity.certificate, ...rest };
    if (!(await this.#deps.database.add(record))) throw new ParleyError('conflict', 'there is an identity in this browser already');
    return { identity, secret: await this.#session(identity.nodeId, secret), encrypted: rest.encrypted, home: identity.nodeId };
  }

  async #rest(nodeId: string, secret: Uint8Array, passphrase: string | undefined): Promise<Pick<IdentityRecord, 'sealed' | 'encrypted'>> {
    const { random, scryptCost } = this.#deps;
    if (passphrase === undefined) return { sealed: await seal(random, secret, atRest(nodeId, false)), encrypted: false };
    const hidden = await encryptSecret(this.#deps, secret, passphrase, scryptCost);
    return { sealed: await seal(random, utf8(JSON.stringify(hidden)), atRest(nodeId, true)), encrypted: true };
  }

  /** `secret`: of the identity that is at home, with this certificate. */
  async #next(secret: Uint8Array, { nodeId }: Certificate): Promise<Next | undefined> {
    const { crypto, database } = this.#deps;
    return readNext(crypto, { secret, nodeId }, await database.next());
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

  async #secretOf(record: IdentityRecord, { nodeId }: Certificate, passphrase: string | undefined): Promise<Uint8Array> {
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

  async #opened(record: IdentityRecord, certificate: Certificate, secret: Uint8Array): Promise<OpenIdentity> {
    try {
      const identity = await identityFromSecret(this.#deps, { secret, certificate: certificate.der });
      const { encrypted, home = identity.nodeId } = record;
      return { identity, secret: await this.#session(identity.nodeId, secret), encrypted, home };
    } catch (error) {
      throw corrupt(ParleyError.from(error).message, error);
    }
  }

  /** `open`: who is expected to be at home. */
  async #expect(open?: OpenIdentity): Promise<Kept> {
    const read = await this.#read();
    if (!read) throw new ParleyError('not-found', 'there is no identity in this browser');
    if (open && open.identity.nodeId !== read.certificate.nodeId) throw new ParleyError('conflict', 'somebody else is at home here now');
    return read;
  }

  async #read(): Promise<Kept | undefined> {
    const value = await this.#deps.database.read();
    if (value === undefined) return undefined;
    const record = recordOf(value);
    try {
      return { record, certificate: await parseCertificate(record.certificate, this.#deps.crypto) };
    } catch (error) {
      throw corrupt(ParleyError.from(error).message, error);
    }
  }
}
