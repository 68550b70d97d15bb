import { ErrorView } from '@parley/core';
import Type from 'typebox';

export const Nothing = Type.Unsafe<undefined>({ type: 'null', description: 'Done' });
export const failures = { '4xx': ErrorView, '5xx': ErrorView };
