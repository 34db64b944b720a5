// Objects of ours that are about to go, by the unit in which they may still have rows.
import type { ApiObject } from '../../api/api-object.ts';
import { unitOf } from '../../status/finalizers.ts';
import type { HeldObjects } from './recent-objects.ts';

export interface UnseenObjects extends HeldObjects {
  /** Keys of objects that are there and rejected, or ending. */
  unseen(): Iterable<string>;
}

export class EndingObjects {
  readonly #server: UnseenObjects;

  constructor(server: UnseenObjects) {
    this.#server = server;
  }

  /** In the order in which they are held. */
  of(unit: string): ApiObject[] {
    return this.all().filter((object) => unitOf(object) === unit);
  }

  all(): ApiObject[] {
    return [...this.#server.unseen()].flatMap((key) => {
      const held = this.#server.held(key);
      return held?.isEnding === true && held.object !== undefined ? [held.object] : [];
    });
  }
}
