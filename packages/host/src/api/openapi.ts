import { STATUS_CODES } from 'node:http';
import swagger from '@fastify/swagger';
import {
  ApiEvent,
  AttachmentView,
  ChannelList,
  ChannelView,
  CircuitsView,
  ClosedView,
  ContactLinkView,
  ContactList,
  ContactView,
  DeliveryView,
  DeviceCodeView,
  DevicesView,
  ErrorView,
  FileList,
  FileView,
  InvitationList,
  InvitationView,
  LinkView,
  MemberView,
  MessageList,
  MessageView,
  PairingView,
  ParleyError,
  PathView,
  Person,
  PersonList,
  RecordView,
  RouteView,
  SafetyNumberView,
  SettingsView,
  StatusView,
  TimerView,
  VERSION,
} from '@parley/core';
import fastify from 'fastify';
import { addRoutes } from './routes.ts';
import { STATUS_BY_CODE } from './status-codes.ts';
import type { ApiApp } from './type-provider.ts';

function statusTable(): string {
  const rows = Object.entries(STATUS_BY_CODE).map(([code, status]) => `| \`${code}\` | ${status} |`);
  return ['| code | HTTP status |', '|---|---|', ...rows].join('\n');
}

const DESCRIPTION = [
  'What programs of the same user can ask of a running node. It listens on 127.0.0.1 alone, at a port of its own that `api.json` in the',
  'data directory tells (mode 0600, there while the node runs), with the token that every request carries: `Authorization: Bearer TOKEN`.',
  'A request from a page in a browser (`Origin`), or with a foreign `Host`, is refused.',
  '',
  'Errors are JSON as `ErrorView`; programs go by `error.code`, the HTTP status follows from it, but that a missing or wrong token is',
  '`refused` with 401:',
  '',
  statusTable(),
].join('\n');

const EVENTS = {
  operationId: 'events',
  summary: 'A WebSocket of events',
  description:
    'Each text message is one `ApiEvent` as JSON. Nothing is expected in the other direction. A subscriber that does not read is dropped ' +
    'with close code 1013 and a reason: what happened since has to be asked for. 1001: the node is stopping.',
  responses: {
    '101': { description: 'Switching protocols; then one of these a message', content: { 'application/json': { schema: ApiEvent } } },
    '4XX': { description: 'Error', content: { 'application/json': { schema: ErrorView } } },
  },
};

/** Views by the names that they have in code: said once, and referred to. What holds others comes first. */
const NAMED: Readonly<Record<string, object>> = {
  StatusView,
  LinkView,
  ChannelList,
  ChannelView,
  PersonList,
  MemberView,
  InvitationList,
  InvitationView,
  MessageList,
  MessageView,
  AttachmentView,
  FileList,
  FileView,
  DeliveryView,
  ClosedView,
  ContactList,
  ContactView,
  ContactLinkView,
  SafetyNumberView,
  SettingsView,
  CircuitsView,
  DevicesView,
  DeviceCodeView,
  PairingView,
  TimerView,
  RouteView,
  RecordView,
  PathView,
  Person,
  ApiEvent,
  ErrorView,
};
const NAMES = new Map(Object.entries(NAMED).map(([name, schema]) => [JSON.stringify(schema), name]));

/** A copy of a part of the document in which named schemas are references; `itself` is the one that is being defined. */
function referring(part: unknown, itself?: object): unknown {
  if (Array.isArray(part)) return part.map((item) => referring(item));
  if (typeof part !== 'object' || part === null) return part;
  const name = part === itself ? undefined : NAMES.get(JSON.stringify(part));
  if (name !== undefined) return { $ref: `#/components/schemas/${name}` };
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, referring(value)]));
}

/** The OpenAPI 3.1 document of the local API, from the routes themselves. */
export async function openApiDocument(): Promise<object> {
  const app: ApiApp = fastify();
  app.setValidatorCompiler(() => () => true);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Local API of a Parley node', version: VERSION.replace(/^.*\//, ''), description: DESCRIPTION },
    },
  });
  addRoutes(app, () => {
    throw new ParleyError('unsupported', 'these routes are for reading alone');
  });
  await app.ready();
  const { openapi, info, paths } = app.swagger() as { openapi: string; info: object; paths: object };
  await app.close();
  const schemas = Object.fromEntries(Object.entries(NAMED).map(([name, schema]) => [name, referring(schema, schema)]));
  return {
    openapi,
    info,
    security: [{ token: [] }],
    paths: referring(describeAnswers({ ...paths, '/v1/events': { get: EVENTS } })),
    components: { schemas, securitySchemes: { token: { type: 'http', scheme: 'bearer', description: '`token` of api.json' } } },
  };
}

/** Says of each answer what its status means, where nothing else was said. */
function describeAnswers(paths: object): object {
  const reviver = (key: string, value: unknown): unknown =>
    typeof value === 'object' && value !== null && 'description' in value && value.description === 'Default Response'
      ? { ...value, description: STATUS_CODES[key] ?? 'Error' }
      : value;
  return JSON.parse(JSON.stringify(paths), reviver);
}
