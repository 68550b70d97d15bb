import { ParleyError } from '@parley/core';

function unused(): never {
  throw new ParleyError('internal', 'an HTTP server without compilers of its own was given a schema');
}

/**
 * For fastify's option `schemaController`: it loads a schema compiler and a serialiser, a hundred modules, unless it is given others. The
 * servers here set theirs afterwards (core's validator, and JSON), or have no schemas.
 */
export const NO_COMPILERS = { compilersFactory: { buildValidator: unused, buildSerializer: unused } };
