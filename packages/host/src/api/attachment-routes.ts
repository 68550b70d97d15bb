import { Readable } from 'node:stream';
import { type ApiService, FileList } from '@parley/core';
import Type from 'typebox';
import { failures, Nothing } from './answers.ts';
import { attachmentHeaders } from './attachments.ts';
import { AttachmentParams, FileParams } from './requests.ts';
import type { ApiApp } from './type-provider.ts';

const Bytes = Type.Unsafe<Readable>({ type: 'string', format: 'binary', description: 'The content' });

/** What is attached to messages, and files that are too large for them. */
export function addAttachmentRoutes(app: ApiApp, service: () => ApiService): void {
  app.get(
    '/v1/channels/:channel/messages/:msg_id/attachments/:index',
    {
      schema: {
        operationId: 'attachment',
        summary: 'What is attached to a message, to be saved: its type is the word of its sender. 404 while it is not here',
        params: AttachmentParams,
        response: { 200: Bytes, ...failures },
      },
    },
    async ({ params }, reply) => {
      const { name, type, size, pieces } = await service().files.open(params.channel, params.msg_id, Number(params.index));
      return reply
        .headers(attachmentHeaders(name))
        .header('content-length', size)
        .type(type)
        .send(Readable.from(pieces, { objectMode: false }));
    },
  );
  app.post(
    '/v1/channels/:channel/messages/:msg_id/attachments/:index/fetch',
    {
      schema: {
        operationId: 'fetchAttachment',
        summary: 'Begins to fetch what is attached to a message, or goes on; the event `attachment` tells the rest',
        params: AttachmentParams,
        response: { 204: Nothing, ...failures },
      },
    },
    async ({ params }, reply) => {
      await service().files.fetch(params.channel, params.msg_id, Number(params.index));
      return reply.code(204).send();
    },
  );
  app.get(
    '/v1/files',
    {
      schema: {
        operationId: 'files',
        summary: 'Files that are too large for messages: those that were fetched, are being fetched, or were sent from here',
        response: { 200: FileList, ...failures },
      },
    },
    async () => ({ files: service().files.list() }),
  );
  app.delete(
    '/v1/files/:root',
    {
      schema: {
        operationId: 'removeFile',
        summary: 'Ends fetching a file and removes it here. One of this user stays where it is, and is not given to others any more',
        params: FileParams,
        response: { 204: Nothing, ...failures },
      },
    },
    async ({ params }, reply) => {
      await service().files.remove(params.root);
      return reply.code(204).send();
    },
  );
}
