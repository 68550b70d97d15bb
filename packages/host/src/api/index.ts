export type {
  ApiEvent,
  ChangeView,
  ChannelView,
  CircuitsView,
  ContactView,
  DeliveryView,
  DevicesView,
  ExportFormat,
  InvitationView,
  LinkView,
  MemberView,
  MessageView,
  NewAct,
  Page,
  PathView,
  Person,
  RecordView,
  RotationView,
  RouteView,
  SearchScope,
  SettingsView,
  StatusView,
} from '@parley/core';
export { type ApiAddress, apiAddressPath, readApiAddress, removeApiAddress, writeApiAddress } from './address-file.ts';
export { ApiClient } from './client.ts';
export type { EventStream } from './client-events.ts';
export { describeApi } from './describe.ts';
export { STATUS_BY_CODE } from './status-codes.ts';
