/** Where the test server has what comes in one piece. */
export const NODE_WORKER = '/node.worker.js';
/** The same where time passes faster. */
export const HASTY_WORKER = '/hasty.worker.js';
export const TAB_PAGE = '/tab.html';
export const TAB = '/tab.js';
