/** What every command of the workshop does first, so that nothing needs to be typed before it. */
export { ensureBuilt } from './build.mjs';
export { ensureWebBuilt } from './build-web.mjs';
export { ensureDependencies } from './dependencies.mjs';
export { exitWith, Stop } from './stop.mjs';
