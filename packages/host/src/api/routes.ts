import {
  type ApiService,
  ChangeList,
  ChannelList,
  ChannelView,
  MessageList,
  MessageView,
  PersonList,
  RecordView,
  RouteView,
  StatusView,
} from '@parley/core';
import { failures, Nothing } from './answers.ts';
import { addAttachmentRoutes } from './attachment-routes.ts';
import { readAttachments } from './attachments.ts';
import { addClosedRoutes } from './closed-routes.ts';
import { addContactRoutes } from './contact-routes.ts';
import { addDeviceRoutes } from './device-routes.ts';
import { ChannelParams, KeyParams, NewAct, NewChannel, NewMessage, PageQuery, ReadMark, SearchQuery } from './requests.ts';
import { addRotationRoutes } from './rotation-routes.ts';
import { addSettingsRoutes } from './settings-routes.ts';
import type { ApiApp } from './type-provider.ts';

/** Who answers; asked for at each request, so that the routes can be described without a node. */
type Service = () => ApiService;

/** Requests and answers of the local API. What failed is for the error handler of the server. */
export function addRoutes(app: ApiApp, service: Service): void {
  app.get(
    '/v1/status',
    { schema: { operationId: 'status', summary: 'This node and its links', response: { 200: StatusView, ...failures } } },
    async () => service().status(),
  );
  addChannelRoutes(app, service);
  addMessageRoutes(app, service);
  addClosedRoutes(app, service);
  addContactRoutes(app, service);
  addRotationRoutes(app, service);
  addAttachmentRoutes(app, service);
  addSettingsRoutes(app, service);
  addDeviceRoutes(app, service);
  addNodeRoutes(app, service);
  app.post(
    '/v1/stop',
    {
      schema: { operationId: 'stop', summary: 'Ends the node cleanly, after the answer', response: { 204: Nothing, ...failures } },
      // Also called for what was refused before it came to the handler.
      onResponse: async (_, reply) => {
        if (reply.statusCode === 204) service().stop();
      },
    },
    (_, reply) => {
      reply.header('connection', 'close').code(204).send();
    },
  );
}

function addChannelRoutes(app: ApiApp, service: Service): void {
  app.get(
    '/v1/channels',
    {
      schema: {
        operationId: 'channels',
        summary: 'The channels that are known here, those that were joined first',
        response: { 200: ChannelList, ...failures },
      },
    },
    async () => ({ channels: service().channels() }),
  );
  app.post(
    '/v1/channels',
    {
      schema: {
        operationId: 'createChannel',
        summary: 'Creates a channel, owned by this node, and joins it: a public one, or one for invited members alone',
        body: NewChannel,
        response: { 201: ChannelView, ...failures },
      },
    },
    async ({ body }, reply) => {
      const { name, closed, history } = body;
      return reply.code(201).send(await (closed ? service().closed.create(name, { history }) : service().create(name)));
    },
  );
  app.post(
    '/v1/channels/:channel/join',
    {
      schema: {
        operationId: 'joinChannel',
        summary: 'Joins a channel',
        params: ChannelParams,
        response: { 200: ChannelView, ...failures },
      },
    },
    async ({ params }) => service().join(params.channel),
  );
  app.post(
    '/v1/channels/:channel/leave',
    {
      schema: { operationId: 'leaveChannel', summary: 'Leaves a channel', params: ChannelParams, response: { 204: Nothing, ...failures } },
    },
    async ({ params }, reply) => {
      await service().leave(params.channel);
      return reply.code(204).send();
    },
  );
  app.get(
    '/v1/channels/:channel/members',
    {
      schema: {
        operationId: 'members',
        summary: 'Who is in a channel, this node among them',
        params: ChannelParams,
        response: { 200: PersonList, ...failures },
      },
    },
    async ({ params }) => ({ members: service().members(params.channel) }),
  );
}

function addNodeRoutes(app: ApiApp, service: Service): void {
  app.get(
    '/v1/find/:key',
    {
      schema: {
        operationId: 'find',
        summary: 'Where a node is, as it has signed: its record, looked up in the network',
        params: KeyParams,
        response: { 200: RecordView, ...failures },
      },
    },
    async ({ params }) => service().find(params.key),
  );
  app.get(
    '/v1/route/:key',
    {
      schema: {
        operationId: 'route',
        summary: 'All ways to a node, in the order in which they are tried, and why',
        params: KeyParams,
        response: { 200: RouteView, ...failures },
      },
    },
    async ({ params }) => service().route(params.key),
  );
}

function addMessageRoutes(app: ApiApp, service: Service): void {
  app.get(
    '/v1/channels/:channel/messages',
    {
      schema: {
        operationId: 'messages',
        summary: 'Messages of a channel, oldest first: the latest, or those before or after a cursor',
        params: ChannelParams,
        querystring: PageQuery,
        response: { 200: MessageList, ...failures },
      },
    },
    async ({ params, query }) => ({ messages: await service().messages(params.channel, query) }),
  );
  app.post(
    '/v1/channels/:channel/messages',
    {
      schema: {
        operationId: 'send',
        summary: 'Signs a message and sends it: it is on disk when this is answered',
        params: ChannelParams,
        body: NewMessage,
        response: { 201: MessageView, ...failures },
      },
    },
    async ({ params, body }, reply) => {
      const attachments = await readAttachments(service(), params.channel, body.attachments ?? []);
      return reply.code(201).send(await service().send(params.channel, body.text, { ...body, attachments }));
    },
  );
  app.post(
    '/v1/channels/:channel/acts',
    {
      schema: {
        operationId: 'act',
        summary: 'Edits or deletes a message, reacts to it, or pins it: on disk when this is answered, with the message as it stands then',
        params: ChannelParams,
        body: NewAct,
        response: { 200: MessageView, ...failures },
      },
    },
    async ({ params, body }) => service().act(params.channel, body),
  );
  app.get(
    '/v1/channels/:channel/changes',
    {
      schema: {
        operationId: 'changes',
        summary: 'What was changed about a closed channel, or the timer of a direct conversation, oldest first: the latest 300',
        params: ChannelParams,
        response: { 200: ChangeList, ...failures },
      },
    },
    async ({ params }) => ({ changes: await service().changes(params.channel) }),
  );
  app.get(
    '/v1/channels/:channel/pinned',
    {
      schema: {
        operationId: 'pinned',
        summary: 'The pinned messages of a channel, in the order in which they were pinned',
        params: ChannelParams,
        response: { 200: MessageList, ...failures },
      },
    },
    async ({ params }) => ({ messages: await service().pinned(params.channel) }),
  );
  app.post(
    '/v1/channels/:channel/read',
    {
      schema: {
        operationId: 'markRead',
        summary: 'Everything up to a message has been seen: it counts as unread no more',
        params: ChannelParams,
        body: ReadMark,
        response: { 204: Nothing, ...failures },
      },
    },
    async ({ params, body }, reply) => {
      await service().markRead(params.channel, body.cursor);
      return reply.code(204).send();
    },
  );
  app.get(
    '/v1/search',
    {
      schema: {
        operationId: 'search',
        summary: 'Messages that this node holds with every word of the query, latest first',
        querystring: SearchQuery,
        response: { 200: MessageList, ...failures },
      },
    },
    async ({ query }) => ({ messages: await service().search(query.q, query) }),
  );
}
