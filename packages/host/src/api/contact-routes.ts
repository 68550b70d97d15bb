import { type ApiService, ContactLinkView, ContactList, ContactView, SafetyNumberView } from '@parley/core';
import { failures, Nothing } from './answers.ts';
import { ContactAlias, ContactParams, KeyDecision, NewContact, TheirNumber } from './requests.ts';
import type { ApiApp } from './type-provider.ts';

/** Requests about contacts, and their answers. */
export function addContactRoutes(app: ApiApp, service: () => ApiService): void {
  const contacts = () => service().contacts;
  app.get(
    '/v1/contacts',
    { schema: { operationId: 'contacts', summary: 'Contacts, and who asks to be one', response: { 200: ContactList, ...failures } } },
    async () => ({ contacts: contacts().list() }),
  );
  app.get(
    '/v1/contacts/link',
    {
      schema: {
        operationId: 'contactLink',
        summary: 'The link by which others add this user',
        response: { 200: ContactLinkView, ...failures },
      },
    },
    async () => ({ link: contacts().link() }),
  );
  app.post(
    '/v1/contacts',
    {
      schema: {
        operationId: 'addContact',
        summary: 'Asks somebody to be a contact, by link or key id; or accepts who has asked',
        body: NewContact,
        response: { 201: ContactView, ...failures },
      },
    },
    async ({ body }, reply) => reply.code(201).send(await contacts().add(body.link, body)),
  );
  app.post(
    '/v1/contacts/:contact/accept',
    {
      schema: {
        operationId: 'acceptContact',
        summary: 'Says yes to who has asked',
        params: ContactParams,
        response: { 200: ContactView, ...failures },
      },
    },
    async ({ params }) => contacts().accept(params.contact),
  );
  app.post(
    '/v1/contacts/:contact/decline',
    {
      schema: {
        operationId: 'declineContact',
        summary: 'Says no to who has asked, and forgets them',
        params: ContactParams,
        response: { 204: Nothing, ...failures },
      },
    },
    async ({ params }, reply) => {
      await contacts().decline(params.contact);
      return reply.code(204).send();
    },
  );
  app.post(
    '/v1/contacts/:contact/remove',
    {
      schema: {
        operationId: 'removeContact',
        summary: 'Forgets a contact',
        params: ContactParams,
        response: { 204: Nothing, ...failures },
      },
    },
    async ({ params }, reply) => {
      await contacts().remove(params.contact);
      return reply.code(204).send();
    },
  );
  app.post(
    '/v1/contacts/:contact/rename',
    {
      schema: {
        operationId: 'renameContact',
        summary: 'Calls a contact by another name; without one, by their own',
        params: ContactParams,
        body: ContactAlias,
        response: { 200: ContactView, ...failures },
      },
    },
    async ({ params, body }) => contacts().rename(params.contact, body.alias),
  );
  addTrustRoutes(app, service);
}

function addTrustRoutes(app: ApiApp, service: () => ApiService): void {
  const contacts = () => service().contacts;
  app.post(
    '/v1/contacts/:contact/block',
    {
      schema: {
        operationId: 'blockContact',
        summary: 'Hears nothing more of a key, whether or not it is a contact',
        params: ContactParams,
        response: { 200: ContactView, ...failures },
      },
    },
    async ({ params }) => contacts().block(params.contact),
  );
  app.post(
    '/v1/contacts/:contact/unblock',
    {
      schema: {
        operationId: 'unblockContact',
        summary: 'Hears of them again',
        params: ContactParams,
        response: { 204: Nothing, ...failures },
      },
    },
    async ({ params }, reply) => {
      await contacts().unblock(params.contact);
      return reply.code(204).send();
    },
  );
  app.get(
    '/v1/contacts/:contact/safety-number',
    {
      schema: {
        operationId: 'safetyNumber',
        summary: 'The 60 digits that both see, if each has the true key of the other',
        params: ContactParams,
        response: { 200: SafetyNumberView, ...failures },
      },
    },
    async ({ params }) => ({ number: contacts().safetyNumber(params.contact) }),
  );
  app.post(
    '/v1/contacts/:contact/verify',
    {
      schema: {
        operationId: 'verifyContact',
        summary: 'The user has the number from the other, and it is the same; without a number they count as not verified',
        params: ContactParams,
        body: TheirNumber,
        response: { 200: ContactView, ...failures },
      },
    },
    async ({ params, body }) => contacts().verify(params.contact, body.number),
  );
  app.post(
    '/v1/contacts/:contact/key',
    {
      schema: {
        operationId: 'decideKey',
        summary: 'Whether the user believes that a contact has the new key that their old one names',
        params: ContactParams,
        body: KeyDecision,
        response: { 200: ContactView, ...failures },
      },
    },
    async ({ params, body }) => contacts().decideKey(params.contact, body.believed),
  );
}
