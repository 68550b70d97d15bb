import type { Memory } from './memory.ts';

/** Accepts links and keeps them. It is this side that is measured. */
export interface Listener {
  /** Begins to listen; the address, in the subject's own notation. */
  listen(): Promise<string>;
  /** Links that are open. */
  links(): number;
  /** After everything unreachable was collected. */
  memory(): Promise<Memory>;
}

/** Opens links and keeps them, each with an identity of its own. */
export interface Dialler {
  /** Resolves when so many more links are open. */
  open(address: string, links: number): Promise<void>;
}

export interface IdleLinksRoles {
  listener: Listener;
  dialler: Dialler;
}
