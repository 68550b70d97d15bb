export {
  type AuthorityCertificate,
  type AuthoritySigner,
  buildAuthority,
  type CertificateDates,
  checkIssued,
  issueCertificate,
  MAX_RSA_BITS,
  MIN_RSA_BITS,
  parseAuthority,
} from './authority.ts';
export { type IdentityBackup, readBackup, writeBackup } from './backup.ts';
export { type Certificate, CertificateReader, certificatePublicKey, parseCertificate } from './certificate.ts';
export { type CertificateSigner, NO_EXPIRY } from './certificate-builder.ts';
export { unseal } from './hpke.ts';
export {
  createIdentity,
  createSecret,
  type Identity,
  type IdentityDeps,
  identityFromSecret,
  SECRET_BYTES,
  splitSecret,
} from './identity.ts';
export { ed25519FromSpki, ed25519Spki, KeyBook, type KnownKey, keyIdOf, nodeIdOf, PUBLIC_KEY_BYTES, publicKeyOf } from './ids.ts';
export { checkName, displayName, MAX_NAME_CHARACTERS, nameFault, SHORT_DIGITS, STRANGER_DIGITS } from './names.ts';
export { OID, type Oid } from './oids.ts';
export {
  checkBackupPassphrase,
  DEFAULT_SCRYPT_COST,
  decryptSecret,
  type EncryptedSecret,
  encryptSecret,
  MIN_PASSPHRASE_CHARACTERS,
} from './passphrase.ts';
export { type CertificateSubject, parseRequest, subjectOf } from './request.ts';
export { safetyNumber } from './safety-number.ts';
export { purposeBytes, type Signer, signPurpose, verifyPurpose } from './signature.ts';
export { trust } from './trust.ts';
export { MAX_CERTIFICATE_BYTES, type SignatureAlgorithm } from './x509.ts';
