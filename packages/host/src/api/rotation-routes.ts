import { type ApiService, RotationState, RotationView } from '@parley/core';
import { failures, Nothing } from './answers.ts';
import { NewRotation, RotationEnd } from './requests.ts';
import type { ApiApp } from './type-provider.ts';

/** Requests about a new key for the user, and their answers. */
export function addRotationRoutes(app: ApiApp, service: () => ApiService): void {
  const rotation = () => service().rotation;
  app.get(
    '/v1/rotation',
    {
      schema: {
        operationId: 'rotation',
        summary: 'The new key that was begun with, if any, and who was told of it',
        response: { 200: RotationState, ...failures },
      },
    },
    async () => rotation().state(),
  );
  app.post(
    '/v1/rotation',
    {
      schema: {
        operationId: 'beginRotation',
        summary: 'Makes a new key, which the old one signs, and tells contacts of it',
        body: NewRotation,
        response: { 201: RotationView, ...failures },
      },
    },
    async ({ body }, reply) => reply.code(201).send(await rotation().begin(body.contacts)),
  );
  app.post(
    '/v1/rotation/finish',
    {
      onResponse: async (_, reply) => {
        if (reply.statusCode === 204) service().stop();
      },
      schema: {
        operationId: 'finishRotation',
        summary:
          'The new key takes the place of the old one; the node ends after the answer, and starts anew under `parley node` and `parley server`',
        body: RotationEnd,
        response: { 204: Nothing, ...failures },
      },
    },
    async ({ body }, reply) => {
      await rotation().finish(body);
      return reply.code(204).send();
    },
  );
  app.post(
    '/v1/rotation/cancel',
    {
      schema: {
        operationId: 'cancelRotation',
        summary: 'Forgets the new key. Whoever was told of it was told',
        response: { 204: Nothing, ...failures },
      },
    },
    async (_, reply) => {
      await rotation().cancel();
      return reply.code(204).send();
    },
  );
}
