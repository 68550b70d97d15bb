import type { DeviceCodeView, DevicesView, PairingView } from '@parley/core';
import type { ApiRequest } from './client-request.ts';

/** The devices of the user of a running node. */
export class DeviceClient {
  readonly #ask: (request: ApiRequest) => Promise<unknown>;

  constructor(ask: (request: ApiRequest) => Promise<unknown>) {
    this.#ask = ask;
  }

  list(): Promise<DevicesView> {
    return this.#ask({ method: 'GET', path: '/v1/devices' }) as Promise<DevicesView>;
  }

  /** Errors: `conflict` for a node that stands for somebody already. */
  code(): Promise<DeviceCodeView> {
    return this.#ask({ method: 'POST', path: '/v1/devices/code' }) as Promise<DeviceCodeView>;
  }

  /** Errors: `bad-argument`, `refused` on a linked device, `conflict`, `quota`, `unreachable`, `timeout`. */
  ask(link: string): Promise<PairingView> {
    return this.#ask({ method: 'POST', path: '/v1/devices/ask', body: { link }, timeoutMs: ASK_MS }) as Promise<PairingView>;
  }

  /** Errors: `not-found` where it has not agreed, or too long ago. */
  confirm(key: string): Promise<DevicesView> {
    return this.#ask({ method: 'POST', path: '/v1/devices/confirm', body: { key } }) as Promise<DevicesView>;
  }

  /** Errors: `not-found`, `refused` on a linked device. */
  revoke(who: string): Promise<DevicesView> {
    return this.#ask({ method: 'POST', path: '/v1/devices/revoke', body: { who } }) as Promise<DevicesView>;
  }
}

/** The certificate of the new device is fetched, and then it is asked. */
const ASK_MS = 90_000;
