import type { Context } from './context.ts';

let waiting: ServiceWorker | undefined;

/** Registers the service worker, and notices when a newer version of the app waits. */
export async function followUpdates({ store }: Context): Promise<void> {
  if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return;
  const offer = (worker: ServiceWorker): void => {
    waiting = worker;
    store.update((state) => ({ ...state, updateReady: true }));
  };
  navigator.serviceWorker.addEventListener('message', ({ data }: MessageEvent<{ open?: string }>) => {
    if (typeof data?.open === 'string') location.hash = data.open.slice(data.open.indexOf('#'));
  });
  try {
    const registration = await navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' });
    if (registration.waiting && navigator.serviceWorker.controller) offer(registration.waiting);
    registration.addEventListener('updatefound', () => {
      const worker = registration.installing;
      worker?.addEventListener('statechange', () => {
        // The first version of all needs nobody's leave.
        if (worker.state === 'installed' && navigator.serviceWorker.controller) offer(worker);
      });
    });
  } catch {
    // Without it the app works while its server does; browsers refuse it in private windows, for instance.
  }
}

/** The new version takes over, and the page begins anew with it. */
export function takeUpdate(): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload());
  waiting?.postMessage('take-over');
}
