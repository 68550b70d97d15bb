import type { AnyVerb } from '@parley/core';
import { Lab } from '../lab.ts';
import { type Target, target } from '../target.ts';

/** Messages of one verb, altered in places, through the whole pipeline of a node with real state. */
export function verbTarget(verb: AnyVerb): Target {
  return target(verb.name, async (seeded) => {
    const lab = await Lab.create(seeded.seed);
    let last = '';
    return {
      async input(random) {
        const input = await lab.input(verb, random);
        last = input.text;
        await lab.say(input, random);
      },
      last: () => last,
      check: () => lab.check(),
    };
  });
}
