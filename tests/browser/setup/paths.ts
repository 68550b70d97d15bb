/** Where the test server has the worker's script. */
export const NODE_WORKER = '/node.worker.js';
