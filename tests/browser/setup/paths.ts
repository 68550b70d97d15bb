/** Where the test server has what comes in one piece. */
export const NODE_WORKER = '/node.worker.js';
export const TAB_PAGE = '/tab.html';
export const TAB = '/tab.js';
