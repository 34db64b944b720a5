// Row identity: uuids and hashed names that follow from what a row is, so that they are known before it is written.
import { hash } from 'node:crypto';
import { parse } from 'uuid';
import { invariant } from '../base/errors.ts';

const rowNamespace = parse('6b0f4a0e-3c0c-4a55-9a2f-0d8a4f7c1e52');
const nameNamespace = parse('f1d6a8b4-52e7-4c0b-8f7e-2b9c6d3e5a10');

/**
 * Returns the `_uuid` of a row of ours (DESIGN §4): UUIDv5 of `owner/table/id`.
 * `owner` has no slash, so that no two triples give one text.
 */
export function rowUuid(owner: string, table: string, id: string): string {
  invariant(owner !== '' && !owner.includes('/'), `owner "${owner}" is empty or has a slash`);
  return nameBasedUuid(`${owner}/${table}/${id}`, rowNamespace);
}

/**
 * Address sets and port groups share one namespace of the alphabet `[a-zA-Z_.][a-zA-Z_.0-9]*` (ovn-nb(5)), so names
 * are hashed: replacing characters would merge `a-b`/`c` with `a`/`b-c`. JSON keeps the parts apart.
 */
function hashedName(parts: readonly string[]): string {
  return `opj${nameBasedUuid(JSON.stringify(parts), nameNamespace).replaceAll('-', '')}`;
}

/** Returns for example `opj5f0c…` (35 characters) for `('eips', 'shalb-demo', 'ledger')`. `namespace` may be empty. */
export function addressSetName(kind: string, namespace: string, name: string): string {
  return hashedName(['address-set', kind, namespace, name]);
}

/** Like {@link addressSetName}, and never equal to one. */
export function portGroupName(kind: string, namespace: string, name: string): string {
  return hashedName(['port-group', kind, namespace, name]);
}

/** Eight hexadecimal digits that tell one name from others with the same beginning. */
export function nameDigest(name: string): string {
  return nameBasedUuid(name, nameNamespace).slice(0, 8);
}

/**
 * UUIDv5 (RFC 9562 §5.5). Every row has one and names others by theirs, so it is done here, in one step: `v5` of the
 * uuid package makes a hash object for each, which takes three times as long.
 */
function nameBasedUuid(name: string, namespace: Uint8Array): string {
  const hex = hash('sha1', Buffer.concat([namespace, Buffer.from(name)]));
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
