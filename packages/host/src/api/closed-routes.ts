import { type ApiService, ChannelView, ClosedView, InvitationList, MemberView } from '@parley/core';
import { failures, Nothing } from './answers.ts';
import { ChannelParams, ClosedChanges, NewMember, NewRole, WhoIsMeant } from './requests.ts';
import type { ApiApp } from './type-provider.ts';

/** Requests about closed channels, and their answers. */
export function addClosedRoutes(app: ApiApp, service: () => ApiService): void {
  const closed = () => service().closed;
  app.get(
    '/v1/channels/:channel/closed',
    {
      schema: {
        operationId: 'closedChannel',
        summary: "This node's role in a closed channel, and what newcomers may read",
        params: ChannelParams,
        response: { 200: ClosedView, ...failures },
      },
    },
    async ({ params }) => closed().view(params.channel),
  );
  app.post(
    '/v1/channels/:channel/invite',
    {
      schema: {
        operationId: 'invite',
        summary: 'Invites somebody to a closed channel',
        params: ChannelParams,
        body: NewMember,
        response: { 200: MemberView, ...failures },
      },
    },
    async ({ params, body }) => closed().invite(params.channel, body.who, body.role),
  );
  app.post(
    '/v1/channels/:channel/role',
    {
      schema: {
        operationId: 'setRole',
        summary: 'Gives a member of a closed channel another role',
        params: ChannelParams,
        body: NewRole,
        response: { 200: MemberView, ...failures },
      },
    },
    async ({ params, body }) => closed().setRole(params.channel, body.who, body.role),
  );
  app.post(
    '/v1/channels/:channel/remove',
    {
      schema: {
        operationId: 'removeMember',
        summary: 'Sends a member of a closed channel away: the others have another key from then on',
        params: ChannelParams,
        body: WhoIsMeant,
        response: { 204: Nothing, ...failures },
      },
    },
    async ({ params, body }, reply) => {
      await closed().remove(params.channel, body.who);
      return reply.code(204).send();
    },
  );
  app.post(
    '/v1/channels/:channel/settings',
    {
      schema: {
        operationId: 'channelSettings',
        summary: 'Names a closed channel anew, or says what newcomers may read',
        params: ChannelParams,
        body: ClosedChanges,
        response: { 200: ChannelView, ...failures },
      },
    },
    async ({ params, body }) => closed().settings(params.channel, body),
  );
  addInvitationRoutes(app, closed);
}

function addInvitationRoutes(app: ApiApp, closed: () => ApiService['closed']): void {
  app.get(
    '/v1/invitations',
    {
      schema: {
        operationId: 'invitations',
        summary: 'Invitations to closed channels that are not settled, the oldest first',
        response: { 200: InvitationList, ...failures },
      },
    },
    async () => ({ invitations: closed().invitations() }),
  );
  app.post(
    '/v1/invitations/:channel/accept',
    {
      schema: {
        operationId: 'acceptInvitation',
        summary: 'Accepts an invitation; `timeout` when no member has given the key yet: it is asked for until one does',
        params: ChannelParams,
        response: { 200: ChannelView, ...failures },
      },
    },
    async ({ params }) => closed().accept(params.channel),
  );
  app.post(
    '/v1/invitations/:channel/decline',
    {
      schema: {
        operationId: 'declineInvitation',
        summary: 'Declines an invitation, and forgets it',
        params: ChannelParams,
        response: { 204: Nothing, ...failures },
      },
    },
    async ({ params }, reply) => {
      await closed().decline(params.channel);
      return reply.code(204).send();
    },
  );
}
