import './styles/index.css';
import type { Parley } from '@parley/browser';
import { createRoot } from 'react-dom/client';
import { Failed } from './app/Gates.tsx';
import { ContextOfApp } from './app/hooks.ts';
import { Main, Root } from './app/Root.tsx';
import { open } from './open.ts';
import { applyTheme, followAddress } from './state/actions.ts';
import { createContext, wordsOf } from './state/context.ts';
import { Keep, type KeptItems } from './state/keep.ts';
import { follow } from './state/live.ts';
import { parseRoute } from './state/route.ts';
import { followUpdates } from './state/updates.ts';

/** What stands in for `localStorage` where the browser refuses even to name it. */
const NOWHERE: KeptItems = { getItem: () => null, setItem: () => {}, removeItem: () => {} };

function items(): KeptItems {
  try {
    return localStorage;
  } catch {
    // Site data are blocked; the node will say what that means.
    return NOWHERE;
  }
}

/** Loads what comes behind the gate: at once for those who are known here, and for others when their first page is drawn. */
function prepare(parley: Parley): void {
  setTimeout(
    () => {
      Main.load().catch(() => {
        // Asked for again, and reported, when it is needed.
      });
    },
    parley.phase.phase === 'new' ? NEWCOMER_MS : 0,
  );
}

const NEWCOMER_MS = 200;
/** Time to find out whether somebody is known here. */
const LOOK_MS = 30;

async function start(element: HTMLElement): Promise<void> {
  const root = createRoot(element);
  try {
    const parley = await open();
    const context = createContext(parley, new Keep(items()), parseRoute(location.hash));
    applyTheme(context.store.get().settings.theme);
    follow(context);
    followAddress(context);
    void followUpdates(context);
    root.render(
      <ContextOfApp value={context}>
        <Root />
      </ContextOfApp>,
    );
    setTimeout(() => prepare(parley), LOOK_MS);
  } catch (error) {
    root.render(<Failed message={wordsOf(error)} />);
  }
}

const element = document.getElementById('root');
if (element) void start(element);
