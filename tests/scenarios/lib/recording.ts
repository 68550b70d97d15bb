import { Frames } from './frames.ts';
import type { Network } from './network.ts';

/** Every frame of every link, from now on: what all of the network together could read. */
export class Recording extends Frames {
  constructor(net: Network) {
    super();
    net.world.network.onFrame(({ kind, bytes }) => {
      if (kind === 'message') this.add(bytes);
      return undefined;
    });
  }
}
