export { type ContactConfig, contactDefaults } from './config.ts';
export { type Contact, type ContactNews, type ContactState, contactDisplay } from './contact.ts';
export { type KeyChange, readKeyChange, signKeyChange } from './key-change.ts';
export { contactLink, parseContactLink } from './link.ts';
export type { OwnPerson } from './mirror.ts';
export { type RotationPlan, rotationTables } from './rotation.ts';
export { type ContactDeps, type ContactEvents, Contacts } from './service.ts';
export { contactTables } from './store.ts';
export { CONTACT, CONTACT_ANSWER, contactVerbs, NEW_KEY } from './verbs.ts';
