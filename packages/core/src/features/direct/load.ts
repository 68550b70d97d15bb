type Module = typeof import('./groups.ts');

let loading: Promise<Module> | undefined;

/** What speaks MLS, once there is somebody to speak it with: a first visit in a browser does without. */
export function loadGroups(): Promise<Module> {
  loading ??= import('./groups.ts').catch((error: unknown) => {
    // A tab without a network: it is tried again.
    loading = undefined;
    throw error;
  });
  return loading;
}
