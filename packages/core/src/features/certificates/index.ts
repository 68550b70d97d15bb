export { type CertificateConfig, certificateDefaults } from './config.ts';
export { Certificates, certificateTables, type KnownCertificate } from './service.ts';
export { CERTIFICATE, certificateVerbs, GETCERTIFICATE } from './verbs.ts';
