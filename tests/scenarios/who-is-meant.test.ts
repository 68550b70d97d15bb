import { expect, it } from 'vitest';
import { closedService } from '../../packages/core/src/api/closed.ts';
import { closedChannel, membersAt } from './lib/closed.ts';
import { around, befriend } from './lib/friends.ts';
import { Network } from './lib/network.ts';

it('a member who calls itself as the user calls a contact gets no role that was meant for the contact', async () => {
  const net = new Network({ seed: 'who is meant' });
  const { world } = net;
  // The stranger has given itself the name "bob".
  await around(net, ['ann', 'ben', 'bob']);
  await befriend(net, 'ann', 'ben');
  await world.until(net.get('ann').node.contacts.rename(net.get('ben').identity.keyId, 'bob'));
  const id = await closedChannel(net, ['ann', 'ben', 'bob']);
  // parley channels role hideout bob owner
  await world.until(
    closedService(net.get('ann').node)
      .setRole(id, 'bob', 'owner')
      .catch(() => undefined),
  );
  // Ben, or a conflict that says so.
  expect(membersAt(net, id, 'ann')).not.toContain('bob:owner');
});
