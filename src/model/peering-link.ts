// The link between the routers of two Vpcs: which addresses its ends have, so that both know them without asking.
import type { Address } from '../net/address.ts';

/** 169.254.0.0/17. The upper half is for others: cloud metadata, workloads that reach themselves. */
const firstAddress = 0xa9_fe_00_00n;
const pairCount = 0x2000;

/** Of the range that both ends of a link are in: four addresses, of which the two in the middle are used. */
export const linkPrefixLength = 30;

/**
 * The addresses of `vpc` and of `peer` on the link between them; swapped arguments give swapped ends. Two links of one
 * router may be given the same pair: nothing is looked up by it, since every route names its port.
 */
export function linkAddresses(vpc: string, peer: string): { readonly own: Address; readonly other: Address } {
  const isFirst = vpc < peer;
  const base = firstAddress + 4n * BigInt(pairOf(isFirst ? `${vpc}/${peer}` : `${peer}/${vpc}`));
  const first: Address = { family: 4, value: base + 1n };
  const second: Address = { family: 4, value: base + 2n };
  return isFirst ? { own: first, other: second } : { own: second, other: first };
}

/** FNV-1a, 32 bits, folded. */
function pairOf(names: string): number {
  let hash = 0x811c9dc5;
  for (const character of names) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return ((hash ^ (hash >>> 13)) >>> 0) % pairCount;
}
