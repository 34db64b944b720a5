// Kinds that an API server does not let us see, so that nobody knows their objects.
import type { Kind } from './api-object.ts';

/** `hidden`: there may be objects of it. `not-served`: there are none now, but there may have been. */
export type MissingKinds = ReadonlyMap<Kind, 'hidden' | 'not-served'>;
