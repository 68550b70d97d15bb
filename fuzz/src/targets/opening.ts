import type { JsonObject } from '@parley/core';
import { mutate } from '../generate.ts';
import { Lab } from '../lab.ts';
import { target } from '../target.ts';

/** The opening of links, with and without a certificate at the transport: HELLO and PROOF, altered in places, in any order. */
export const opening = target('opening', async (seeded) => {
  const lab = await Lab.create(seeded.seed);
  let script: string[] = [];
  return {
    async input(random) {
      script = [];
      const knock = await lab.knock(random, random.chance(0.5));
      for (let i = 1 + random.integer(4); i > 0; i--) {
        const genuine = random.chance(0.5) ? knock.hello() : random.chance(0.8) ? await knock.proof() : knock.other();
        const message = random.chance(0.4) ? genuine : (mutate(genuine, random) as JsonObject);
        const text = JSON.stringify(message) ?? 'null';
        script.push(text);
        await knock.say(text);
      }
      await knock.end();
    },
    last: () => script.join('\n'),
    check: () => lab.check(),
  };
});
