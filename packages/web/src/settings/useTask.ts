import { useState } from 'react';
import { wordsOf } from '../state/context.ts';

interface Task {
  readonly busy: boolean;
  readonly error: string | undefined;
  readonly done: string | undefined;
  /** `done`: what to say when it worked. */
  readonly run: (work: () => Promise<unknown>, done: string) => void;
}

/** Something that takes a while, and ends well or in words. */
export function useTask(words: (error: unknown) => string = wordsOf): Task {
  const [state, setState] = useState<{ busy: boolean; error?: string; done?: string }>({ busy: false });
  return {
    busy: state.busy,
    error: state.error,
    done: state.done,
    run: (work, done) => {
      setState({ busy: true });
      work()
        .then(() => setState({ busy: false, done }))
        .catch((thrown: unknown) => setState({ busy: false, error: words(thrown) }));
    },
  };
}
