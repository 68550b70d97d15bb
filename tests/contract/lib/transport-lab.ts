import type { Connection, Listener, Meeting, MeetingOptions, Transport } from '@parley/core';
import { Recorder } from '@parley/sim';
import { expect } from 'vitest';
import type { Time } from './time.ts';

/** One implementation of the Transport port, ready to be tried. */
export interface TransportSetup {
  readonly dialler: Transport;
  readonly listener: Transport;
  /** Dials like `dialler`, and makes messages larger than the others take. */
  readonly lenient: Transport;
  /** Longest JSON message that `dialler` and `listener` make and take. */
  readonly maxMessageBytes: number;
  /** What `listener` listens on: port 0 of an address of its own. */
  readonly bind: string;
  /** What the transport proves, DER; undefined when HELLO and PROOF must. */
  readonly certificates: { readonly dialler: Uint8Array; readonly listener: Uint8Array } | undefined;
  readonly time: Time;
  /** The hosts of `dialler` and `listener`, where connections can be opened from both ends. */
  readonly hosts?: { readonly dialler: string; readonly listener: string };
  /** An address of the listener's host where nobody listens. */
  nobody(): Promise<string>;
  /** An address that takes connections and never answers. */
  silent(): Promise<string>;
  teardown(): Promise<void>;
}

export interface Pair {
  readonly dialled: Recorder;
  readonly accepted: Recorder;
}

/** Connections of one test, with what holds for all of them at its end. */
export class TransportLab {
  readonly setup: TransportSetup;
  readonly time: Time;
  readonly #recorders: Recorder[] = [];
  readonly #connections: Connection[] = [];
  readonly #listeners: Listener[] = [];
  readonly #meetings: Meeting[] = [];

  constructor(setup: TransportSetup) {
    this.setup = setup;
    this.time = setup.time;
  }

  async listen(accept: (connection: Connection) => void, address: string = this.setup.bind): Promise<Listener> {
    const listener = await this.time.until(
      this.setup.listener.listen(address, (connection) => {
        this.#connections.push(connection);
        accept(connection);
      }),
    );
    this.#listeners.push(listener);
    return listener;
  }

  async dial(address: string, transport: Transport = this.setup.dialler): Promise<Connection> {
    const connection = await this.time.until(transport.dial(address, new AbortController().signal));
    this.#connections.push(connection);
    return connection;
  }

  /** A port of each side. */
  async meetings(): Promise<{ dialler: Meeting; listener: Meeting }> {
    const meet = async (transport: Transport): Promise<Meeting> => {
      const meeting = await this.time.until(transport.meet?.() ?? Promise.reject(new Error('it cannot meet')));
      this.#meetings.push(meeting);
      return meeting;
    };
    return { dialler: await meet(this.setup.dialler), listener: await meet(this.setup.listener) };
  }

  /** Opens a connection from one side; whoever waits for it lets time pass. */
  async open(meeting: Meeting, address: string, dials: boolean, options: Partial<MeetingOptions> = {}): Promise<Connection> {
    const { isMeant = async () => true, signal = new AbortController().signal } = options;
    const connection = await meeting.open(address, { dials, isMeant, signal });
    this.#connections.push(connection);
    return connection;
  }

  attach(connection: Connection): Recorder {
    const recorder = Recorder.attach(connection);
    this.#recorders.push(recorder);
    return recorder;
  }

  /** Two ends of a connection, nobody attached. */
  async ends(transport?: Transport): Promise<{ dialled: Connection; accepted: Connection; listener: Listener }> {
    const accepted: Connection[] = [];
    const listener = await this.listen((connection) => accepted.push(connection));
    const dialled = await this.dial(listener.address, transport);
    await this.time.waitFor(() => accepted.length === 1, 'the connection is accepted');
    return { dialled, accepted: accepted[0] as Connection, listener };
  }

  /** Two ends of a connection, both recorded. */
  async pair(transport?: Transport): Promise<Pair> {
    const { dialled, accepted } = await this.ends(transport);
    return { dialled: this.attach(dialled), accepted: this.attach(accepted) };
  }

  /** Checks what must hold whatever happened, and clears up. */
  async finish(): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    for (const meeting of this.#meetings) meeting.close();
    for (const listener of this.#listeners) await this.time.until(listener.close());
    await this.time.waitFor(() => this.#recorders.every((recorder) => recorder.ended), 'every connection says that it is closed');
    await this.time.settle();
    for (const recorder of this.#recorders) {
      expect(recorder.closings, 'closed is told once').toBe(1);
      expect(recorder.late, 'nothing comes after closed').toBe(0);
    }
    await this.setup.teardown();
  }
}
