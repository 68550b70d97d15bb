export { type SettingName, type Settings, settingTables, UserSettings } from './settings.ts';
