import type { ApiService } from '@parley/core';
import Type from 'typebox';
import { failures } from './answers.ts';
import { attachmentHeaders } from './attachments.ts';
import { AttachmentParams } from './requests.ts';
import type { ApiApp } from './type-provider.ts';

const Bytes = Type.Unsafe<Uint8Array>({ type: 'string', format: 'binary', description: 'The content' });

export function addAttachmentRoute(app: ApiApp, service: () => ApiService): void {
  app.get(
    '/v1/channels/:channel/messages/:msg_id/attachments/:index',
    {
      schema: {
        operationId: 'attachment',
        summary:
          'What is attached to a message, to be saved: its type is the word of its sender. 404 while it is not here; it is asked for then',
        params: AttachmentParams,
        response: { 200: Bytes, ...failures },
      },
    },
    async ({ params }, reply) => {
      const { name, type, bytes } = await service().attachment(params.channel, params.msg_id, Number(params.index));
      return reply
        .headers(attachmentHeaders(name))
        .type(type)
        .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    },
  );
}
