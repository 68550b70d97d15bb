import { type ApiService, SettingsChanges, SettingsView } from '@parley/core';
import { failures } from './answers.ts';
import type { ApiApp } from './type-provider.ts';

/** Requests about what the user shares of what they do. */
export function addSettingsRoutes(app: ApiApp, service: () => ApiService): void {
  app.get(
    '/v1/settings',
    {
      schema: {
        operationId: 'settings',
        summary: 'What the user tells others of what they do, and sees of them',
        response: { 200: SettingsView, ...failures },
      },
    },
    async () => service().settings.get(),
  );
  app.post(
    '/v1/settings',
    {
      schema: {
        operationId: 'setSettings',
        summary: 'Changes some of it: on disk when this is answered',
        body: SettingsChanges,
        response: { 200: SettingsView, ...failures },
      },
    },
    async ({ body }) => service().settings.set(body),
  );
}
