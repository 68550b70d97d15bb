export { type DeviceConfig, deviceDefaults } from './config.ts';
export { type DeviceLink, deviceLink, parseDeviceLink } from './link.ts';
export { type Device, type DeviceList, type FormerDevice, type NodeKey, signList, signStatement } from './list.ts';
export type { Heir } from './roster.ts';
export { type DeviceDeps, type DeviceEvents, Devices } from './service.ts';
export type { SharedKind } from './sharing.ts';
export { type DeviceStanding, deviceTables } from './store.ts';
export { DEVICE_ANSWER, DEVICE_ASK, DEVICE_FOLLOWS, DEVICE_NEWS, DEVICES, deviceVerbs } from './verbs.ts';
