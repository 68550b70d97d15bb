export { type Announcement, decodeAnnouncement, encodeAnnouncement } from './announcement.ts';
export { type DiscoveryConfig, discoveryDefaults, LAN_GROUP } from './config.ts';
export { Discovery, type DiscoveryDeps } from './service.ts';
