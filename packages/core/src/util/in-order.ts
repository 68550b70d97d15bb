import { type Awaitable, isPromise } from './awaitable.ts';

const nothing = (): void => {};

/**
 * Gives answers in the order in which they were asked for, whichever is ready first: those behind one that is owed wait for it. At once where it
 * is there at once, and none is owed.
 */
export function inOrder<A extends readonly unknown[], T>(ask: (...about: A) => Awaitable<T>): (...about: A) => Awaitable<T> {
  /** Resolves when the last answer that is owed was given. */
  let given: Promise<void> | undefined;
  return (...about) => {
    const answer = ask(...about);
    if (!isPromise(answer) && !given) return answer;
    // One that fails before its turn is no failure that nobody looks at.
    if (isPromise(answer)) answer.catch(nothing);
    const inTurn = given ? given.then(() => answer) : (answer as Promise<T>);
    const over = inTurn.then(nothing, nothing).then(() => {
      if (given === over) given = undefined;
    });
    given = over;
    return inTurn;
  };
}
