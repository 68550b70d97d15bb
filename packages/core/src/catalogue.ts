import { restoredTables } from './features/backup/index.ts';
import { certificateTables, certificateVerbs } from './features/certificates/index.ts';
import { channelTables, channelVerbs, closedVerbs } from './features/channels/index.ts';
import { circuitVerbs } from './features/circuits/index.ts';
import { connectVerbs } from './features/connect/index.ts';
import { contactTables, contactVerbs, rotationTables } from './features/contacts/index.ts';
import { deviceTables, deviceVerbs } from './features/devices/index.ts';
import { directTables, directVerbs } from './features/direct/index.ts';
import { fileTables, fileVerbs } from './features/files/index.ts';
import { presenceVerbs } from './features/presence/index.ts';
import { registryTables, registryVerbs } from './features/registry/index.ts';
import { rejoinTables } from './features/rejoin/index.ts';
import { settingTables } from './features/settings/index.ts';
import { linkVerbs } from './link/index.ts';
import { overlayTables, overlayVerbs } from './overlay/index.ts';
import type { TableSpec } from './ports/index.ts';
import { VerbRegistry } from './wire/verb.ts';

/** Every verb that this version knows. */
export const verbs = new VerbRegistry([
  ...linkVerbs,
  ...overlayVerbs,
  ...channelVerbs,
  ...closedVerbs,
  ...certificateVerbs,
  ...contactVerbs,
  ...directVerbs,
  ...deviceVerbs,
  ...presenceVerbs,
  ...connectVerbs,
  ...registryVerbs,
  ...circuitVerbs,
  ...fileVerbs,
]);

/** The tables that a node keeps: what its store is opened with. */
export const tables: readonly TableSpec[] = [
  ...overlayTables,
  ...channelTables,
  ...certificateTables,
  ...contactTables,
  ...rotationTables,
  ...directTables,
  ...deviceTables,
  ...rejoinTables,
  ...registryTables,
  ...fileTables,
  ...restoredTables,
  ...settingTables,
];
