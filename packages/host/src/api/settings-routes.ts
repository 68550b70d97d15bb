import { type ApiService, ChannelView, CircuitsView, SettingsChanges, SettingsView } from '@parley/core';
import { failures, Nothing } from './answers.ts';
import { ChannelParams, NewTimer, TypingNow } from './requests.ts';
import type { ApiApp } from './type-provider.ts';

/** Requests about what the user shares of what they do, and how long what they say lasts. */
export function addSettingsRoutes(app: ApiApp, service: () => ApiService): void {
  app.get(
    '/v1/settings',
    {
      schema: {
        operationId: 'settings',
        summary: 'What the user tells others of what they do, and sees of them',
        response: { 200: SettingsView, ...failures },
      },
    },
    async () => service().settings.get(),
  );
  app.post(
    '/v1/settings',
    {
      schema: {
        operationId: 'setSettings',
        summary: 'Changes some of it: on disk when this is answered',
        body: SettingsChanges,
        response: { 200: SettingsView, ...failures },
      },
    },
    async ({ body }) => service().settings.set(body),
  );
  app.get(
    '/v1/circuits',
    {
      schema: {
        operationId: 'circuits',
        summary: 'The circuits that stand, or why there is none',
        response: { 200: CircuitsView, ...failures },
      },
    },
    async () => service().settings.circuits(),
  );
  app.post(
    '/v1/channels/:channel/timer',
    {
      schema: {
        operationId: 'setTimer',
        summary: 'Says how long messages of a closed channel or of a conversation of two last that are written from now on',
        params: ChannelParams,
        body: NewTimer,
        response: { 200: ChannelView, ...failures },
      },
    },
    async ({ params, body }) => service().setTimer(params.channel, body.seconds),
  );
  app.post(
    '/v1/channels/:channel/typing',
    {
      schema: {
        operationId: 'typing',
        summary:
          'The user is writing in a conversation of two or a small closed channel: told to the others now and then, however often this is asked',
        params: ChannelParams,
        body: TypingNow,
        response: { 204: Nothing, ...failures },
      },
    },
    async ({ params, body }, reply) => {
      service().typing(params.channel, body.typing);
      return reply.code(204).send();
    },
  );
  app.post(
    '/v1/here',
    {
      schema: {
        operationId: 'here',
        summary: 'The user does something: contacts see that they are there, and some minutes after the last time that they are away',
        response: { 204: Nothing, ...failures },
      },
    },
    async (_, reply) => {
      service().here();
      return reply.code(204).send();
    },
  );
}
