import './styles/index.css';
import { createRoot } from 'react-dom/client';
import { Failed } from './app/Gates.tsx';
import { ContextOfApp } from './app/hooks.ts';
import { Root } from './app/Root.tsx';
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

async function start(element: HTMLElement): Promise<void> {
  const root = createRoot(element);
  try {
    const context = createContext(await open(), new Keep(items()), parseRoute(location.hash));
    applyTheme(context.store.get().settings.theme);
    follow(context);
    followAddress(context);
    void followUpdates(context);
    root.render(
      <ContextOfApp value={context}>
        <Root />
      </ContextOfApp>,
    );
  } catch (error) {
    root.render(<Failed message={wordsOf(error)} />);
  }
}

const element = document.getElementById('root');
if (element) void start(element);
