export { type ApiAddress, apiAddressPath, readApiAddress, removeApiAddress, writeApiAddress } from './address-file.ts';
export { ApiClient } from './client.ts';
export type { EventStream } from './client-events.ts';
export { describeApi } from './describe.ts';
export type { Page, Scope } from './service.ts';
export { STATUS_BY_CODE } from './status-codes.ts';
export * from './types.ts';
