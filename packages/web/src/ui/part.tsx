import { type ComponentType, type ReactNode, useLayoutEffect, useState } from 'react';

type Load<P> = () => Promise<{ readonly default: ComponentType<P> }>;

/**
 * A part of the app in a chunk of its own, which is loaded when it is first drawn, or by `load` before. What is there already is drawn at once, and
 * anything else as soon as it is there. (`lazy` and `Suspense` show nothing for 300 ms after they began to wait, so that nothing flickers where much
 * is waited for.) `meanwhile`: what stands in its place. A chunk that cannot be loaded is an error of the app, and asked for anew the next time.
 */
export function part<P extends object>(
  load: Load<P>,
  meanwhile: ReactNode = null,
): ComponentType<P> & { readonly load: () => Promise<void> } {
  let loaded: ComponentType<P> | undefined;
  const get = async (): Promise<void> => {
    loaded = (await load()).default;
  };
  function Part(props: P): ReactNode {
    const [Ready, setReady] = useState(() => loaded);
    const [failure, setFailure] = useState<{ readonly error: unknown }>();
    useLayoutEffect(() => {
      if (Ready) return;
      let drawn = true;
      get().then(
        () => drawn && setReady(() => loaded),
        (error: unknown) => drawn && setFailure({ error }),
      );
      return () => {
        drawn = false;
      };
    }, [Ready]);
    if (failure) throw failure.error;
    return Ready ? <Ready {...props} /> : meanwhile;
  }
  return Object.assign(Part, { load: get });
}
