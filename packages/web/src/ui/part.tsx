import { type ComponentType, lazy, type ReactNode, Suspense } from 'react';

type Load<P> = () => Promise<{ readonly default: ComponentType<P> }>;

/** A part of the app in a chunk of its own, which is loaded when it is first drawn, or by `load` before. `meanwhile`: what stands in its place. */
export function part<P extends object>(
  load: Load<P>,
  meanwhile: ReactNode = null,
): ComponentType<P> & { readonly load: () => Promise<void> } {
  const Lazy = lazy(load) as unknown as ComponentType<P>;
  const Part = (props: P): ReactNode => (
    <Suspense fallback={meanwhile}>
      <Lazy {...props} />
    </Suspense>
  );
  return Object.assign(Part, { load: () => load().then(() => {}) });
}
