import { type ApiService, DeviceCodeView, DevicesView, PairingView } from '@parley/core';
import * as Type from 'typebox';
import { failures } from './answers.ts';
import type { ApiApp } from './type-provider.ts';

const Link = Type.Object({ link: Type.String({ maxLength: 2048, description: 'what the new device shows' }) });
const Key = Type.Object({ key: Type.String({ maxLength: 64, description: 'key id of a device that has agreed' }) });
const Who = Type.Object({ who: Type.String({ maxLength: 64, description: 'a key id, node id or name of a linked device' }) });

/** Requests about the devices of this user, and their answers. */
export function addDeviceRoutes(app: ApiApp, service: () => ApiService): void {
  const devices = () => service().devices;
  const answers = { 200: DevicesView, ...failures };
  app.get('/v1/devices', { schema: { operationId: 'devices', summary: 'The devices of this user', response: answers } }, async () =>
    devices().list(),
  );
  app.post(
    '/v1/devices/code',
    {
      schema: {
        operationId: 'deviceCode',
        summary: 'A code by which the first device links this one; the one before is void',
        response: { 200: DeviceCodeView, ...failures },
      },
    },
    async () => devices().code(),
  );
  app.post(
    '/v1/devices/ask',
    {
      schema: {
        operationId: 'askDevice',
        summary: 'Asks the device that shows a code whether it is to be linked; waits up to half a minute for it',
        body: Link,
        response: { 200: PairingView, ...failures },
      },
    },
    async ({ body }) => devices().ask(body.link),
  );
  app.post(
    '/v1/devices/confirm',
    { schema: { operationId: 'confirmDevice', summary: 'Links a device that has agreed', body: Key, response: answers } },
    async ({ body }) => devices().confirm(body.key),
  );
  app.post(
    '/v1/devices/revoke',
    { schema: { operationId: 'revokeDevice', summary: 'Takes a device away, for good', body: Who, response: answers } },
    async ({ body }) => devices().revoke(body.who),
  );
}
