import type { Browser, CDPSession } from 'playwright';

/** What a message of the browser's protocol holds, as far as it is read here: an answer has an id, an event has none. */
interface Answer {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
  readonly params?: { readonly backgroundServiceEvent?: Shown };
}

/** What the browser tells of a notification that it shows. */
interface Shown {
  readonly eventMetadata: readonly { readonly key: string; readonly value: string }[];
}

/**
 * Tabs as the browser itself treats them. A page that the driver opens passes for focused and visible always; these are hidden when another
 * is in front, have their timers throttled then, and can be frozen.
 */
export class RawTabs {
  readonly #root: CDPSession;
  readonly #context: string;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #notices: (readonly [title: string, body: string])[] = [];
  #count = 0;

  private constructor(root: CDPSession, context: string) {
    this.#root = root;
    this.#context = context;
    root.on('Target.receivedMessageFromTarget', ({ message }: { message: string }) => {
      const answer = JSON.parse(message) as Answer;
      const shown = answer.params?.backgroundServiceEvent;
      if (shown !== undefined) this.#notices.push([read(shown, 'Title'), read(shown, 'Body')]);
      if (answer.id === undefined) return;
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
  }

  /**
   * The notifications that the browser has shown for tabs that watch them, oldest first. As the browser tells them: a page that asks for
   * them while one is only just being shown has that one forgotten (Chromium takes it for one that was closed).
   */
  get notices(): readonly (readonly [title: string, body: string])[] {
    return this.#notices;
  }

  /** In a profile of its own, which its tabs share. */
  static async open(browser: Browser): Promise<RawTabs> {
    const root = await browser.newBrowserCDPSession();
    const { browserContextId } = await root.send('Target.createBrowserContext');
    return new RawTabs(root, browserContextId);
  }

  /** What a user would say yes to. */
  async permit(url: string, ...permissions: ('notifications' | 'durableStorage')[]): Promise<void> {
    await this.#root.send('Browser.grantPermissions', { permissions, origin: new URL(url).origin, browserContextId: this.#context });
  }

  async tab(url: string): Promise<RawTab> {
    const { targetId } = await this.#root.send('Target.createTarget', { url, browserContextId: this.#context });
    const { sessionId } = await this.#root.send('Target.attachToTarget', { targetId, flatten: false });
    const send = (method: string, params: object = {}): Promise<Record<string, unknown>> =>
      new Promise((resolve, reject) => {
        const id = ++this.#count;
        this.#waiting.set(id, ({ result, error }) => (error ? reject(new Error(error.message)) : resolve(result ?? {})));
        this.#root.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method, params }) }).catch(reject);
      });
    return new RawTab(send, () => this.#root.send('Target.activateTarget', { targetId }));
  }
}

/** One of them. What it is asked in it waits while it is frozen. */
export class RawTab {
  readonly #send: (method: string, params?: object) => Promise<Record<string, unknown>>;
  readonly #activate: () => Promise<unknown>;

  constructor(send: RawTab['send'], activate: () => Promise<unknown>) {
    this.#send = send;
    this.#activate = activate;
  }

  get send(): (method: string, params?: object) => Promise<Record<string, unknown>> {
    return this.#send;
  }

  async evaluate<T>(expression: string): Promise<T> {
    const asked = { expression, returnByValue: true, awaitPromise: true };
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', asked).catch(async (error: Error) => {
      if (!error.message.includes('execution context')) throw error;
      // The page is only just being loaded.
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { result: { value: await this.evaluate<T>(expression) }, exceptionDetails: undefined };
    });
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: T }).value;
  }

  /** Looks until it is so. A page that is being loaded has nothing to look at. */
  async until(expression: string): Promise<void> {
    const holds = (): Promise<boolean> => this.evaluate<boolean>(`Boolean(${expression})`).catch(() => false);
    while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  /** Has the browser tell of each notification from here on. */
  async watchNotices(): Promise<void> {
    await this.#send('BackgroundService.startObserving', { service: 'notifications' });
    await this.#send('BackgroundService.setRecording', { service: 'notifications', shouldRecord: true });
  }

  async toFront(): Promise<void> {
    await this.#activate();
    await this.until(`document.visibilityState === 'visible'`);
  }

  async freeze(frozen: boolean): Promise<void> {
    await this.#send('Page.setWebLifecycleState', { state: frozen ? 'frozen' : 'active' });
  }

  /** As somebody types it: React listens for the event. */
  async fill(selector: string, text: string): Promise<void> {
    await this.until(`document.querySelector(${JSON.stringify(selector)})`);
    await this.evaluate(`(() => {
      const field = document.querySelector(${JSON.stringify(selector)});
      const { set } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value');
      set.call(field, ${JSON.stringify(text)});
      field.dispatchEvent(new Event('input', { bubbles: true }));
    })()`);
  }

  async click(selector: string): Promise<void> {
    await this.until(`document.querySelector(${JSON.stringify(selector)})?.disabled === false`);
    await this.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`);
  }

  async begin(name: string): Promise<void> {
    await this.fill('input', name);
    await this.click('button[type=submit]');
    await this.until(`document.querySelector('.self-name')`);
  }

  async say(text: string): Promise<void> {
    await this.fill('textarea', text);
    await this.click('.composer-send');
  }

  /** How many messages of the open conversation have this text. */
  count(text: string): Promise<number> {
    return this.evaluate(
      `[...document.querySelectorAll('.message .text')].filter((one) => one.textContent === ${JSON.stringify(text)}).length`,
    );
  }

  async sees(text: string): Promise<void> {
    while ((await this.count(text)) === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function read({ eventMetadata }: Shown, key: string): string {
  return eventMetadata.find((entry) => entry.key === key)?.value ?? '';
}
